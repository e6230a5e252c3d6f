"""A bundle holds what was approved, whatever changed since, and nobody's data."""

import json
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from emag import __version__
from emag.bundle import manifest
from emag.bundle.inputs import Inputs
from emag.bundle.manifest import Manifest
from emag.content import store as pool
from emag.desk import approve, correct, edit
from emag.desk.export import export
from emag.desk.look import look_anew
from emag.errors import EmagError, NotFound, WrongMove
from emag.issues import approval, life, store
from emag.issues.draft import draft, draft_special
from emag.issues.issue import Move
from emag.settings import load
from tests.conftest import SECRET
from tests.emag.bundle.conftest import EDITOR, ENVIRONMENT, FILES, READER, stories

ROOT = Path(__file__).parents[3]


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def begin(database, now) -> None:
    """The issue begins to leave."""
    with database.transaction() as conn:
        life.move(conn, 1, Move.SEND, now=now, by="Ann")


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
    assert "Guten Tag A Reader," in text
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


def test_an_approval_by_emag_itself_keeps_the_editors_reasons(
    database, settings, clock, folder, tmp_path
):
    with database.transaction() as conn:
        for section, story in stories(clock()):
            pool.admit(conn, story, section=section, now=clock())
    draft(database, settings, now=clock(), by="ann")
    clock.forward(days=20)
    reasons = {"closed-job": "Extended"}
    approve.approve(database, settings, 1, now=clock(), by="Ann", overrides=reasons)
    with database.reading() as conn:
        issue = store.get(conn, 1)
    printed = look_anew(database, settings, issue, now=clock.forward(minutes=5))
    with database.transaction() as conn:
        more = {"now": clock(), "by": "emag", "note": "after the approval by Ann"}
        approve.freeze(conn, settings, printed, at=issue.send_at, reasons={}, **more)
    result = export(database, settings, 1, tmp_path / "b", now=clock.forward(hours=9))
    assert result.verification.is_whole, result.verification
    sealed = Manifest.from_json((tmp_path / "b" / manifest.NAME).read_bytes()).manifest
    assert (sealed.approval.by, sealed.approval.note) == ("emag", "after the approval by Ann")
    assert [(o.rule, o.reason, o.by) for o in sealed.overrides] == [
        ("closed-job", "Extended", "Ann")
    ]


def test_a_special_edition_with_a_note_alone(database, settings, clock, issue, tmp_path):
    begin(database, clock.forward(days=2))
    special = draft_special(database, settings, now=clock(), by="Ann", title="Sorry", audience=1)
    number = special.number
    edit.write(database, settings, number, note="The link was wrong.", now=clock(), by="Ann")
    approve.approve(database, settings, number, now=clock(), by="Ann")
    result = export(database, settings, number, tmp_path / "b", now=clock.forward(hours=9))
    assert result.verification.is_whole, result.verification
    sealed = Manifest.from_json((tmp_path / "b" / manifest.NAME).read_bytes()).manifest
    assert (sealed.issue, sealed.edition) == (2, 2)
    assert "[[edition]]" in (tmp_path / "b" / "issue.html").read_text("utf-8")
    assert "[[" not in (tmp_path / "b" / "archive.html").read_text("utf-8")


def test_a_correction_is_in_the_archives_page_only(database, settings, clock, issue, tmp_path):
    begin(database, clock())
    clock.forward(days=2)
    old, new = "https://crier.example.org/bench", "https://crier.example.org/benches"
    correct.correct(
        database, settings, 1, note="Two <benches>.", links=[(old, new)], now=clock(), by="Ann"
    )
    result = export(database, settings, 1, tmp_path / "b", now=clock())
    assert result.verification.is_whole, result.verification
    page = (tmp_path / "b" / "archive.html").read_text("utf-8")
    assert f'href="{new}"' in page
    assert "Two &lt;benches&gt;." in page
    assert ">7. März 2026</time>" in page
    sent = (tmp_path / "b" / "issue.html").read_text("utf-8")
    assert new not in sent
    assert "benches" not in sent
    sealed = Manifest.from_json((tmp_path / "b" / manifest.NAME).read_bytes()).manifest
    assert [correction.note for correction in sealed.corrections] == ["Two <benches>."]
