"""The record of an approval: the inputs, templates and pre-flight, kept for the sealed bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Self

from pydantic import TypeAdapter

from emag import __version__
from emag.bundle.inputs import Inputs, installed_packages, shipped_hashes
from emag.bundle.sealed_settings import SealedSettings
from emag.checks import Fault
from emag.issues.issue import Issue
from emag.press.sources import template_files
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """What was approved and by which version of emag, but for the document itself.

    `templates` are the publication's own that were read, by name. `mjml` is the document's source.
    """

    version: str
    inputs: Inputs
    templates: Mapping[str, str]
    faults: tuple[Fault, ...]
    mjml: str

    def written(self) -> str:
        """The record as the database keeps it."""
        return _adapter().dump_json(self).decode()

    @classmethod
    def read(cls, text: str) -> Self:
        """Reads what `written` wrote. Raises ValueError for the record of a version too old."""
        return _adapter().validate_json(text)  # type: ignore[return-value]


def record_of(
    issue: Issue, settings: Settings, *, printed_at: datetime, faults: Sequence[Fault], mjml: str
) -> ApprovalRecord:
    """Collects the inputs of an issue that was printed just now, with these settings."""
    files = template_files(settings)
    inputs = Inputs(
        issue=issue,
        printed_at=printed_at,
        settings=SealedSettings.of(settings, issue.number),
        shipped=shipped_hashes(files),
        packages=installed_packages(),
    )
    templates = {file.name: file.content.decode() for file in files if file.is_own}
    return ApprovalRecord(__version__, inputs, templates, tuple(faults), mjml)


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[ApprovalRecord]:
    return TypeAdapter(ApprovalRecord)
