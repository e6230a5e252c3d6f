"""Builds a bundle's document again from its inputs, and says where the bundle's files differ."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from emag import __version__
from emag.bundle import manifest
from emag.bundle.difference import first_difference
from emag.bundle.inputs import Inputs, installed_packages, shipped_hashes
from emag.bundle.manifest import Manifest
from emag.bundle.rebuild import ARCHIVE, SAMPLE, TEMPLATES, document_files, rebuild
from emag.bundle.sealed_settings import RebuildSettings
from emag.bundle.write import INPUTS
from emag.errors import PressError
from emag.press.document import Document
from emag.press.sources import template_files


@dataclass(frozen=True, slots=True)
class BundleFault:
    """A file of a bundle that is not as it was written, and where it differs if that is known."""

    file: str
    message: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The bundle's files against the document that was built again."""

    faults: tuple[BundleFault, ...] = ()
    remarks: tuple[str, ...] = ()
    is_rebuilt: bool = False


def compare(expected: Manifest, folder: Path, touched: Collection[str]) -> Comparison:
    """Builds the document again, unless its inputs are among the files that were `touched`."""
    remarks = tuple(_other_version(expected))
    inputs_touched = [n for n in touched if n == INPUTS or n.startswith(f"{TEMPLATES}/")]
    if inputs_touched:
        remark = f"The document was not built again, because of {inputs_touched[0]}."
        return Comparison(remarks=(*remarks, remark))
    try:
        inputs = Inputs.from_json((folder / INPUTS).read_bytes())
        document = rebuild(inputs, folder / TEMPLATES)
    except (OSError, ValueError, KeyError, PressError) as error:
        remark = f"The document cannot be built again here: {_first_line(error)}."
        return Comparison(remarks=(*remarks, remark))
    faults = tuple(_differences(expected, document, inputs, folder))
    if document.hash == expected.document.hash:
        return Comparison(faults, remarks, is_rebuilt=True)
    if expected.emag != __version__:
        remark = f"emag {__version__} prints another document from the inputs."
        return Comparison(remarks=(*remarks, remark))
    return Comparison(faults, (*remarks, *_other_tools(inputs, folder)))


def _other_version(expected: Manifest) -> Iterator[str]:
    if expected.emag != __version__:
        yield (
            f"The document was printed by emag {expected.emag}, and this is emag {__version__}: "
            f"use emag {expected.emag} to build it again byte for byte."
        )


def _differences(
    expected: Manifest, document: Document, inputs: Inputs, folder: Path
) -> Iterator[BundleFault]:
    templates, edition = folder / TEMPLATES, expected.edition
    files = document_files(document, inputs, templates, expected.corrections, edition=edition)
    if expected.exported_with != __version__:  # which made these two in its own way
        files = {name: files[name] for name in files if name not in {SAMPLE, ARCHIVE}}
    for name, content in files.items():
        where = first_difference(_content(folder / name), content)
        if where:
            yield BundleFault(name, "is not what the inputs give", where)
    sealed = expected.document
    if (document.subject, document.preheader) != (sealed.subject, sealed.preheader):
        yield BundleFault(manifest.NAME, "has another subject or preheader than the inputs give")


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else b""


def _other_tools(inputs: Inputs, folder: Path) -> Iterator[str]:
    """Why the same version of emag may print another document here."""
    here = installed_packages()
    for name, version in inputs.packages.items():
        if here.get(name) != version:
            yield f"The package {name} was {version} then and is {here.get(name, 'missing')} here."
    hashes = shipped_hashes(template_files(RebuildSettings(inputs.settings, folder / TEMPLATES)))
    for name, digest in inputs.shipped.items():
        if hashes.get(name) != digest:
            yield f"The template {name} of emag was another one then."


def _first_line(error: Exception) -> str:
    return " ".join(str(error).partition("\n")[0].split()).rstrip(".")
