"""The commands about the proof of an issue: export, verify."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, IssueArgument, now

if TYPE_CHECKING:
    from emag.bundle.manifest import Manifest
    from emag.bundle.verify import BundleVerification

FolderArgument = Annotated[
    Path, typer.Argument(metavar="DIR", file_okay=False, help="The bundle's folder.")
]


def export(call: Call, which: IssueArgument, folder: FolderArgument) -> None:
    """Write the proof of an approved issue: what was approved, by whom, and what became of it."""
    from emag.desk import export as desk

    with call.database() as (settings, database):
        result = desk.export(database, settings, which, folder, now=now())
    seal = result.verification.sealed.seal if result.verification.sealed else ""
    call.output(
        {"number": result.number, "folder": str(folder), **_data(result.verification)},
        f"Issue {result.number} is in {folder}",
        f"Seal: {seal}",
        "Note the seal in another place: it shows that the bundle is the same one.",
        *_problems(result.verification),
    )
    _end(result.verification)


def verify(call: Call, folder: FolderArgument) -> None:
    """Check a bundle: every file, and the document, built again. It needs no publication."""
    from emag.bundle.verify import verify as verified

    result = verified(folder)
    call.output(_data(result), *_sentences(result), *_problems(result))
    _end(result)


def _data(result: "BundleVerification") -> dict[str, Any]:
    faults = [{"file": f.file, "message": f.message, "where": f.where} for f in result.faults]
    values: dict[str, Any] = {"ok": result.is_whole, "rebuilt": result.is_rebuilt}
    values |= {"faults": faults, "remarks": list(result.remarks)}
    if result.sealed is None:
        return values
    manifest = result.sealed.manifest
    return values | {
        "issue": manifest.issue,
        "emag": manifest.emag,
        "hash": manifest.document.hash,
        "seal": result.sealed.seal,
        "approved_by": manifest.approval.by,
        "signed": manifest.approval.signature is not None,
        "files": sorted(manifest.files),
    }


def _sentences(result: "BundleVerification") -> list[str]:
    """What the bundle holds, for a person. The version comes first where it is another one."""
    if result.sealed is None:
        return []
    manifest, seal = result.sealed.manifest, result.sealed.seal
    approved = f"Issue {manifest.issue}, approved by {manifest.approval.by}"
    lines = [f"{approved} at {manifest.approval.at.isoformat()}", *_signed(manifest)]
    lines.append(f"Seal: {seal}")
    if result.is_whole:
        files = len(manifest.files)
        lines.append(f"Identical: {files} files are as they were, and the document was built again")
    return lines


def _signed(manifest: "Manifest") -> list[str]:
    """Who signed the approval, and with what."""
    signature = manifest.approval.signature
    if signature is None:
        return []
    key = signature.assertion.get("credential_id", "")[:12]
    return [f"Signed by {manifest.approval.by} with a passkey of {signature.site} ({key}…)"]


def _problems(result: "BundleVerification") -> list[Any]:
    rows = [[fault.file, fault.message, fault.where] for fault in result.faults]
    table = [output.table(["File", "What is wrong", "Where"], rows)] if rows else []
    return [*result.remarks, *table]


def _end(result: "BundleVerification") -> None:
    if not result.is_whole:
        raise typer.Exit(1)
