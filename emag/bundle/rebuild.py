"""Rebuilds the files of a bundle that follow from its inputs."""

from collections.abc import Sequence
from pathlib import Path

from emag.bundle.archive_page import archive_page
from emag.bundle.inputs import Inputs
from emag.bundle.sample import sample_copy
from emag.bundle.sealed_settings import RebuildSettings
from emag.issues.correction import Correction
from emag.press.compose import compose
from emag.press.document import Document, numbered

HTML, TEXT, MJML = "issue.html", "issue.txt", "issue.mjml"
SAMPLE, ARCHIVE = "sample.eml", "archive.html"
TEMPLATES = "templates"


def rebuild(inputs: Inputs, templates: Path) -> Document:
    """Prints the issue again from its inputs. `templates` holds the publication's own.

    Raises PressError, and KeyError where this machine does not know the time zone.
    """
    settings = RebuildSettings(inputs.settings, templates)
    return compose(inputs.issue, settings, now=inputs.printed_at)


def document_files(
    document: Document,
    inputs: Inputs,
    templates: Path,
    corrections: Sequence[Correction],
    *,
    edition: int,
) -> dict[str, bytes]:
    """The files that show a document: itself, a sample copy, and its page in the archive."""
    number, settings = inputs.issue.number, RebuildSettings(inputs.settings, templates)
    at = inputs.issue.send_at or inputs.printed_at
    copy = numbered(document, edition)
    return {
        HTML: document.html.encode(),
        TEXT: document.text.encode(),
        MJML: document.mjml.encode(),
        SAMPLE: sample_copy(copy, settings, number=number, at=at),
        ARCHIVE: archive_page(copy, settings, corrections, number=number).encode(),
    }
