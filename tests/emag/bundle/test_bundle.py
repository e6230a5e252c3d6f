"""A bundle proves what was approved, wherever and whenever it is looked at."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from emag import __version__
from emag.bundle import manifest
from emag.bundle.inputs import Inputs
from emag.bundle.manifest import Manifest
from emag.bundle.verify import verify
from emag.content import store as pool
from emag.desk import approve, edit
from emag.desk.export import export
from emag.errors import EmagError, NotFound, WrongMove
from emag.issues import approval
from emag.issues.draft import draft
from emag.settings import load
from tests.conftest import SECRET
from tests.emag.bundle.conftest import EDITOR, ENVIRONMENT, READER, stories

FILES = {
    "acts.json",
    "archive.html",
    "counts.json",
    "inputs.json",
    "issue.html",
    "issue.mjml",
    "issue.txt",
    "manifest.json",
    "preflight.json",
    "sample.eml",
    "templates/parts/post.txt",
    "templates/words/de.toml",
}
ROOT = Path(__file__).parents[3]


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


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


def test_the_bundle_holds_what_was_approved(database, bundle, issue):
    assert names(bundle) == FILES
    with database.reading() as conn:
        frozen = approval.frozen(conn, 1)
    assert (bundle / "issue.html").read_bytes() == frozen.html.encode()
    assert (bundle / "issue.txt").read_bytes() == frozen.text.encode()
    assert "OWN Fog, thick" in frozen.text  # from the publication's own template
    assert "A bench – für zwei" in frozen.html
    assert "Bezahlt" in frozen.html
    sealed = Manifest.from_json((bundle / manifest.NAME).read_bytes()).manifest
    assert (sealed.issue, sealed.status, sealed.emag) == (1, "approved", __version__)
    assert (sealed.approval.by, sealed.approval.revision > 0) == ("Ann", True)
    assert sealed.document.hash == issue.document_hash
    acts = json.loads((bundle / "acts.json").read_text("utf-8"))["acts"]
    assert [act["what"] for act in acts] == ["words", "note", "promo", "status"]
    assert acts[0]["said"] == "Ann wrote the title of “Fog”: “Fog, thick”"
    counts = json.loads((bundle / "counts.json").read_text("utf-8"))
    assert counts["planned"] == 0


def test_the_inputs_hold_own_words_beside_the_sources(bundle):
    inputs = Inputs.from_json((bundle / "inputs.json").read_bytes())
    [pick] = [pick for pick in inputs.issue.picks if pick.words]
    assert (pick.story.title, pick.source.title) == ("Fog, thick", "Fog")
    assert inputs.issue.note == "A *short* note."
    assert inputs.issue.promos[0].title == "Lamps"
    assert inputs.packages["python"]
    assert "parts/lead.mjml" in inputs.shipped
    assert "welcome/body.mjml" not in inputs.shipped


def test_the_sample_is_made_out_to_nobody(bundle):
    mail = message_from_bytes((bundle / "sample.eml").read_bytes(), policy=policy.default)
    assert mail["To"] == "A Reader <reader@example.invalid>"
    assert mail["List-Unsubscribe"] == "<https://mail.crier.example.org/unsubscribe/sample>"
    text = mail.get_body(("plain",)).get_content()
    assert "Hello A Reader," in text
    assert "[[" not in text


def test_no_reader_and_no_secret_is_in_the_bundle(database, settings, clock, bundle):
    whole = b"".join((bundle / name).read_bytes() for name in FILES)
    for secret in (READER, "Quentin", SECRET, EDITOR, "the-password-of-the-relay", "emag.db"):
        assert secret.encode() not in whole, secret
    assert str(settings.folder).encode() not in whole


def test_what_changes_after_the_approval_changes_no_bundle(
    database, settings, folder, clock, issue, tmp_path
):
    with database.transaction() as conn:
        for number, (section, story) in enumerate(stories(clock()), 1):
            edited = replace(story, title=f"Edited {number}", summary="")
            pool.refresh(conn, edited, id=number, section=section, now=clock())
    text = (folder / "emag.toml").read_text().replace("#7a1f3d", "#003399")
    (folder / "emag.toml").write_text(text.replace("The Town Crier", "Another name"))
    (folder / "templates" / "parts" / "post.txt").write_text("NEW {{ item.title }}\n")
    later = load(folder, ENVIRONMENT | {"EMAG_BASE_URL": "https://new.example.org"})
    result = export(database, later, 1, tmp_path / "b", now=clock.forward(days=30))
    assert result.verification.is_whole, result.verification
    assert "Edited" not in (tmp_path / "b" / "issue.html").read_text("utf-8")


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
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
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


def test_only_an_approved_issue_has_a_bundle(database, settings, clock, issue, tmp_path):
    with pytest.raises(NotFound):
        export(database, settings, 7, tmp_path / "b", now=clock())
    edit.write(database, settings, 1, subject="Another", now=clock(), by="Ben")
    with pytest.raises(WrongMove, match=r"Issue 1 is draft: approve it first\."):
        export(database, settings, 1, tmp_path / "b", now=clock())
    assert not (tmp_path / "b").exists()


def test_the_folder_is_new_or_empty(database, settings, clock, bundle):
    before = {name: (bundle / name).read_bytes() for name in FILES}
    with pytest.raises(EmagError, match="is not empty: name a new folder"):
        export(database, settings, 1, bundle, now=clock())
    with pytest.raises(EmagError, match="cannot be written"):
        export(database, settings, 1, bundle / "issue.html" / "x", now=clock())
    assert {name: (bundle / name).read_bytes() for name in FILES} == before
    empty = bundle.parent / "empty"
    empty.mkdir()
    assert export(database, settings, 1, empty, now=clock()).verification.is_whole


def test_what_is_no_bundle(tmp_path):
    with pytest.raises(EmagError, match="There is no folder"):
        verify(tmp_path / "nowhere")
    [fault] = verify(tmp_path).faults
    assert (fault.file, fault.message) == ("manifest.json", "is missing")
    for content in (b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"seal": 1}'):
        (tmp_path / "manifest.json").write_bytes(content)
        assert faults(tmp_path) == ["manifest.json"]


def test_overrides_are_those_of_this_approval(database, settings, clock, folder, tmp_path):
    with database.transaction() as conn:
        for section, story in stories(clock()):
            pool.admit(conn, story, section=section, now=clock())
    draft(database, settings, now=clock(), by="ann")
    edit.write(database, settings, 1, subject="Fog", now=clock(), by="Ann")
    clock.forward(days=20)  # the job has closed
    first, second = {"closed-job": "Extended"}, {"closed-job": "By phone"}
    approve.approve(database, settings, 1, now=clock(), by="Ann", overrides=first)
    clock.forward(hours=1)
    approve.approve(database, settings, 1, now=clock(), by="Ben", overrides=second)
    export(database, settings, 1, tmp_path / "b", now=clock())
    sealed = Manifest.from_json((tmp_path / "b" / manifest.NAME).read_bytes()).manifest
    assert [(o.rule, o.reason, o.by) for o in sealed.overrides] == [
        ("closed-job", "By phone", "Ben")
    ]
    preflight = json.loads((tmp_path / "b" / "preflight.json").read_text("utf-8"))
    assert preflight["ok"] is False
    assert "closed-job" in {fault["rule"] for fault in preflight["faults"]}
