"""Verifying a bundle names every file that differs, on any machine and at any time."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from emag import __version__
from emag.bundle import manifest
from emag.bundle.manifest import Manifest
from emag.bundle.verify import verify
from emag.content.pictures import fetching
from emag.errors import EmagError
from tests.emag.bundle.conftest import FILES

ROOT = Path(__file__).parents[3]


def another_clock() -> dict[str, str]:
    """Sets the clock of a process to 2041, where libfaketime is installed."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    return {"LD_PRELOAD": str(libraries[0]), "FAKETIME": "+15y"} if libraries else {}


def faults(folder: Path) -> list[str]:
    return [fault.file for fault in verify(folder).faults]


def is_manifest(content: bytes) -> bool:
    try:
        Manifest.from_json(content)
    except ValueError:
        return False
    return True


def reseal(folder: Path, **changes) -> None:
    """Writes a manifest that fits the files, as somebody would who has emag."""
    old = Manifest.from_json((folder / manifest.NAME).read_bytes()).manifest
    (folder / manifest.NAME).write_bytes(replace(old, **changes).to_json())


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0"},
        {"TZ": "America/St_Johns", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "4711"},
    ],
)
def test_a_copy_elsewhere_is_identical(bundle, tmp_path, environment):
    copy = shutil.copytree(bundle, tmp_path / "another place" / "ä b")
    shutil.rmtree(bundle)
    command = [sys.executable, "-m", "emag", "issue", "verify", str(copy), "--json"]
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **another_clock()}
    ended = subprocess.run(
        command, check=False, cwd="/", env=base | environment, capture_output=True
    )
    assert ended.returncode == 0, ended
    result = json.loads(ended.stdout.decode())
    assert (result["ok"], result["rebuilt"], result["faults"]) == (True, True, [])


def test_one_changed_byte_in_any_file_is_named(bundle):
    for name in sorted(FILES):
        path = bundle / name
        content = path.read_bytes()
        for at in {0, len(content) // 3, len(content) // 2, len(content) - 1}:
            flipped = bytearray(content)
            flipped[at] ^= 1
            path.write_bytes(flipped)
            assert faults(bundle) == [name], (name, at)
        path.write_bytes(content)
    assert verify(bundle).is_whole


def test_every_byte_of_the_manifest_counts(bundle):
    content = (bundle / manifest.NAME).read_bytes()
    for at in range(len(content)):
        for bit in (1, 32):
            flipped = bytearray(content)
            flipped[at] ^= bit
            assert not is_manifest(bytes(flipped)), (at, bit)
    assert is_manifest(content)


def test_the_place_of_a_change_is_named(bundle):
    path = bundle / "issue.txt"
    lines = path.read_text("utf-8").split("\n")
    row = next(n for n, line in enumerate(lines) if "für zwei" in line)
    lines[row] = lines[row].replace("zwei", "drei")
    path.write_text("\n".join(lines), "utf-8")
    [fault] = verify(bundle).faults
    column = lines[row].index("drei") + 1
    assert fault.where.startswith(f"line {row + 1}, column {column}: “drei” in place of “zwei”")


def test_a_file_missing_and_a_file_too_many_are_named(bundle):
    for name in sorted(FILES):
        content = (bundle / name).read_bytes()
        (bundle / name).unlink()
        [fault] = verify(bundle).faults
        assert (fault.file, fault.message) == (name, "is missing")
        (bundle / name).write_bytes(content)
    (bundle / "templates" / "parts" / "lead.mjml").write_text("<mj-text>more</mj-text>")
    assert faults(bundle) == ["templates/parts/lead.mjml"]
    (bundle / "templates" / "parts" / "lead.mjml").unlink()
    (bundle / "more").symlink_to("/etc/passwd")
    assert faults(bundle) == ["more"]


def test_a_link_or_a_pipe_in_place_of_a_file_is_named(bundle):
    content = (bundle / "issue.txt").read_bytes()
    (bundle / "issue.txt").unlink()
    (bundle.parent / "outside").write_bytes(content)
    (bundle / "issue.txt").symlink_to(bundle.parent / "outside")
    assert faults(bundle) == ["issue.txt"]
    (bundle / "issue.txt").unlink()
    os.mkfifo(bundle / "issue.txt")
    assert faults(bundle) == ["issue.txt"]


def test_a_forged_document_with_fitting_hashes_is_not_what_the_inputs_give(bundle):
    path = bundle / "issue.html"
    path.write_bytes(path.read_bytes().replace(b"Lamps", b"Vamps"))
    old = Manifest.from_json((bundle / manifest.NAME).read_bytes()).manifest
    files = old.files | {"issue.html": hashlib.sha256(path.read_bytes()).hexdigest()}
    reseal(bundle, files=files)
    result = verify(bundle)
    assert [fault.file for fault in result.faults] == ["issue.html"]
    assert "“Vamps" in result.faults[0].where
    reseal(bundle, document=replace(old.document, hash="0" * 64))
    assert not verify(bundle).is_rebuilt


def test_another_version_says_so_first(bundle):
    reseal(bundle, emag="9.9.9", exported_with="9.9.9")
    result = verify(bundle)
    assert result.is_rebuilt  # it happens to print the same
    assert result.remarks[0].startswith("The document was printed by emag 9.9.9, and this is emag")
    (bundle / "counts.json").write_text("{}")
    assert faults(bundle) == ["counts.json"]
    old = Manifest.from_json((bundle / manifest.NAME).read_bytes()).manifest
    reseal(bundle, document=replace(old.document, hash="0" * 64))
    result = verify(bundle)
    assert not result.is_whole
    assert result.remarks[1] == f"emag {__version__} prints another document from the inputs."


def test_a_later_format_and_later_keys(bundle):
    raw = json.loads((bundle / manifest.NAME).read_bytes())
    del raw["seal"]
    raw["passkey"] = {"assertion": "assertion.json"}
    raw["files"]["assertion.json"] = raw["files"]["counts.json"]
    shutil.copy(bundle / "counts.json", bundle / "assertion.json")
    seal = manifest._seal(raw)
    (bundle / manifest.NAME).write_bytes(manifest._written(raw | {"seal": seal}))
    assert verify(bundle).is_whole
    reseal(bundle, format=2)
    with pytest.raises(EmagError, match=r"has format 2, and emag .* knows only 1"):
        verify(bundle)


def test_a_template_of_the_bundle_cannot_reach_out(bundle):
    path = bundle / "templates" / "parts" / "post.txt"
    path.write_text('{% include "../../../outside" %}{{ "".__class__.__mro__ }}')
    old = Manifest.from_json((bundle / manifest.NAME).read_bytes()).manifest
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    reseal(bundle, files=old.files | {"templates/parts/post.txt": digest})
    result = verify(bundle)
    assert not result.is_whole
    assert "cannot be built again here" in result.remarks[-1]


def test_what_is_no_bundle(tmp_path):
    with pytest.raises(EmagError, match="There is no folder"):
        verify(tmp_path / "nowhere")
    [fault] = verify(tmp_path).faults
    assert (fault.file, fault.message) == ("manifest.json", "is missing")
    for content in (b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"seal": 1}'):
        (tmp_path / "manifest.json").write_bytes(content)
        assert faults(tmp_path) == ["manifest.json"]


def test_the_pictures_of_a_bundle_are_named_by_their_hash_and_need_not_be_there(
    database, bundle, clock
):
    html = (bundle / "issue.html").read_text()
    for number in range(3):
        assert f"https://mail.crier.example.org/pictures/{number:032x}/" in html
    assert "crier.example.org/fog.jpg" not in html
    assert "lamps.example/l.png" not in html
    fetching.forget(database, now=clock.forward(days=100))
    assert verify(bundle).is_whole
    names = [
        name
        for name in ("lead@2x.jpg", "small@2x.jpg", "whole@2x.jpg")
        if fetching.find(database, f"{0:032x}", name)
    ]
    assert [f"{0:032x}/{name}" in html for name in names] == [True]  # the archive shows it
