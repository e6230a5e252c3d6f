"""The manifest of a bundle: the hash of each file, who approved what, and a seal over it all."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic import TypeAdapter

from emag.issues.approval_terms import ApprovalSignature
from emag.issues.correction import Correction

NAME = "manifest.json"
FORMAT = 1  # another number means that the files have other names or another meaning
_SEAL = "seal"


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """The document that was approved: `hash` covers subject, preheader, HTML and text."""

    hash: str
    subject: str
    preheader: str


@dataclass(frozen=True, slots=True)
class SealedApproval:
    """Who approved the issue, when, and of which revision.

    `note` says on what ground emag itself approved it, after a job had closed.
    """

    by: str
    at: datetime
    revision: int
    note: str = ""
    signature: ApprovalSignature | None = None  # of a passkey, if it was approved with one


@dataclass(frozen=True, slots=True)
class SealedOverride:
    """A fault that was let pass, and why."""

    rule: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself.

    `emag` is the version that printed the document and can rebuild it; `exported_with` the one
    that wrote the bundle. `files` holds the SHA-256 of every file but the manifest. Later versions
    add keys and files: a reader ignores keys that it does not know, and checks every file's hash.
    """

    issue: int
    status: str
    emag: str
    exported_with: str
    exported_at: datetime
    document: SealedDocument
    approval: SealedApproval
    overrides: tuple[SealedOverride, ...]
    files: Mapping[str, str]
    corrections: tuple[Correction, ...] = ()  # of the archive's copy, after the sending
    edition: int = 0  # the issue's own, or the one it would have got at the export
    format: int = FORMAT

    def to_json(self) -> bytes:
        """The manifest with its seal, in the one form in which it is valid."""
        values = _adapter().dump_python(self, mode="json")
        return _written(values | {_SEAL: _seal(values)})

    @classmethod
    def from_json(cls, raw: bytes) -> "SealedManifest":
        """Reads a manifest. Raises ValueError where a single byte is not as it was written."""
        values = json.loads(raw)
        if not isinstance(values, dict) or _written(values) != raw:
            raise ValueError("it is not as emag writes it")
        seal = values.pop(_SEAL, None)
        if seal != _seal(values):
            raise ValueError("its seal does not fit its content")
        return SealedManifest(_adapter().validate_python(values), str(seal))


@dataclass(frozen=True, slots=True)
class SealedManifest:
    """A manifest whose seal fits. Two bundles with the same seal are the same."""

    manifest: Manifest
    seal: str


def _seal(values: Mapping[str, object]) -> str:
    return hashlib.sha256(_written(values)).hexdigest()


def _written(values: Mapping[str, object]) -> bytes:
    return json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)
