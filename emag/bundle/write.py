"""Writes a bundle into a new folder."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emag import __version__
from emag.bundle import manifest
from emag.bundle.manifest import Manifest, SealedApproval, SealedDocument, SealedOverride
from emag.bundle.rebuild import TEMPLATES, document_files
from emag.bundle.record import ApprovalRecord
from emag.errors import EmagError
from emag.issues.act import Act
from emag.issues.correction import Correction
from emag.issues.history import ToldAct
from emag.press.document import Document

INPUTS, ACTS = "inputs.json", "acts.json"
PREFLIGHT, COUNTS = "preflight.json", "counts.json"


@dataclass(frozen=True, slots=True)
class ExportedIssue:
    """What a bundle is made of. `document` is the one that was approved, byte for byte."""

    status: str
    document: Document
    record: ApprovalRecord
    approval: SealedApproval
    overrides: Sequence[SealedOverride]
    acts: Sequence[ToldAct]
    counts: Mapping[str, int]
    corrections: Sequence[Correction] = ()
    edition: int = 0


def write(exported: ExportedIssue, folder: Path, *, now: datetime) -> Manifest:
    """Writes the bundle into `folder`, which is new or empty. Raises EmagError if it is neither."""
    document, record = exported.document, exported.record
    templates = {f"{TEMPLATES}/{name}": text.encode() for name, text in record.templates.items()}
    _prepare(folder)
    _save(templates, folder)  # the archive's page reads them
    files = _files(exported, folder, now)
    _save(files, folder)
    files |= templates
    result = Manifest(
        issue=record.inputs.issue.number,
        status=exported.status,
        emag=record.version,
        exported_with=__version__,
        exported_at=now,
        document=SealedDocument(document.hash, document.subject, document.preheader),
        approval=exported.approval,
        overrides=tuple(exported.overrides),
        corrections=tuple(exported.corrections),
        edition=exported.edition,
        files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    )
    _save({manifest.NAME: result.to_json()}, folder)
    return result


def _files(exported: ExportedIssue, folder: Path, now: datetime) -> dict[str, bytes]:
    """Every file but the manifest and the templates, by its name."""
    record = exported.record
    faults = [
        {"rule": f.rule, "severity": f.severity, "message": f.message, "where": f.where}
        for f in record.faults
    ]
    blocks = any(fault.severity == "block" for fault in record.faults)
    return {
        INPUTS: record.inputs.to_json(),
        ACTS: _json({"acts": [_act(entry) for entry in exported.acts]}),
        PREFLIGHT: _json({"ok": not blocks, "faults": faults}),
        COUNTS: _json({"at": now.isoformat(), **exported.counts}),
        **document_files(
            exported.document,
            record.inputs,
            folder / TEMPLATES,
            exported.corrections,
            edition=exported.edition,
        ),
    }


def _act(entry: ToldAct) -> dict[str, object]:
    act: Act = entry.act
    return {
        "id": act.id,
        "at": act.at.isoformat(),
        "by": act.by,
        "what": act.kind.value,
        "target": act.target,
        "before": act.before,
        "after": act.after,
        "reverses": act.reverses,
        "detail": act.detail,
        "said": entry.sentence,
        "undone": entry.is_undone,
    }


def _json(values: Mapping[str, object]) -> bytes:
    return json.dumps(values, indent=2, ensure_ascii=False).encode() + b"\n"


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise EmagError(f"{folder} is not empty: name a new folder for the bundle.")
    except OSError as error:
        raise _unwritable(folder, error) from error


def _save(files: Mapping[str, bytes], folder: Path) -> None:
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> EmagError:
    return EmagError(f"{folder} cannot be written: {error.strerror}.")
