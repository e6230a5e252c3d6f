"""Verifies a bundle: every file's hash, and the document, built again from the inputs."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emag import __version__
from emag.bundle import manifest
from emag.bundle.comparison import BundleFault, Comparison, compare
from emag.bundle.manifest import Manifest, SealedManifest
from emag.bundle.signature import wrong_signature
from emag.errors import EmagError


@dataclass(frozen=True, slots=True)
class BundleVerification:
    """The result for one bundle. `sealed` is None where the manifest cannot be believed.

    `is_rebuilt` is true where this version of emag printed the same document from the inputs.
    `remarks` are sentences about what could not be checked, and why.
    """

    sealed: SealedManifest | None
    faults: tuple[BundleFault, ...] = ()
    remarks: tuple[str, ...] = ()
    is_rebuilt: bool = False

    @property
    def is_whole(self) -> bool:
        return self.is_rebuilt and not self.faults


def verify(folder: Path) -> BundleVerification:
    """Checks the bundle in `folder`; nothing else is read. Raises EmagError where there is none."""
    if not folder.is_dir():
        raise EmagError(f"There is no folder {folder}: name the folder of a bundle.")
    try:
        sealed = Manifest.from_json((folder / manifest.NAME).read_bytes())
    except FileNotFoundError:
        return _without_manifest("is missing")
    except (OSError, ValueError, RecursionError):
        return _without_manifest("was changed: it is not as emag wrote it")
    expected = sealed.manifest
    if expected.format != manifest.FORMAT:
        raise EmagError(
            f"The bundle has format {expected.format}, and emag {__version__} knows only "
            f"{manifest.FORMAT}: verify it with emag {expected.exported_with}."
        )
    faults = (*_wrong_files(expected, folder), *wrong_signature(expected))
    result = compare(expected, folder, [fault.file for fault in faults])
    return _merged(sealed, faults, result)


def _without_manifest(problem: str) -> BundleVerification:
    remark = "The other files were not checked: the manifest says what they should be."
    return BundleVerification(None, (BundleFault(manifest.NAME, problem),), (remark,))


def _wrong_files(expected: Manifest, folder: Path) -> Iterator[BundleFault]:
    """The files that are missing, changed, or not in the manifest."""
    paths = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if not _is_folder(p)}
    del paths[manifest.NAME]
    for name, wanted in sorted(expected.files.items()):
        path = paths.pop(name, None)
        if path is None:
            yield BundleFault(name, "is missing")
        elif _hash(path) != wanted:
            yield BundleFault(name, "was changed: its hash is not the one in the manifest")
    yield from (BundleFault(name, "does not belong to the bundle") for name in sorted(paths))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _hash(path: Path) -> str:
    """The SHA-256 of a file; "" for what is no plain file or cannot be read."""
    if path.is_symlink() or not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _merged(
    sealed: SealedManifest, faults: tuple[BundleFault, ...], result: Comparison
) -> BundleVerification:
    """One fault a file: a changed file gets the place where it differs."""
    places = {fault.file: fault.where for fault in result.faults}
    named = {fault.file for fault in faults}
    located = [BundleFault(f.file, f.message, places.get(f.file, "")) for f in faults]
    others = [fault for fault in result.faults if fault.file not in named]
    return BundleVerification(sealed, (*located, *others), result.remarks, result.is_rebuilt)
