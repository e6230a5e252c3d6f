"""A disaster after two years, from outside: backup, loss, restore elsewhere by another user.

    .venv/bin/python benchmarks/disaster.py [--readers 12345] [--issues 9]

Every step is a command, at the time that “faketime” shows it (apt-get install faketime). Two years
ago issues leave, and their mails are kept. Today the weekly issue is drafted by the schedule, and
approved. After a backup the folder is deleted. On another path, as another user, the backup is
restored with the key that was kept apart: first as a rehearsal, then really, then released. The
issue must leave at 07:30 and not before, to everybody once, and links of two years ago must work.
"""

import argparse
import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from pathlib import Path

import old_links
from old_links import OldMails

USER = "nobody"
MINUTE = timedelta(minutes=1)
SCHEDULE = """
[schedule]
draft = "thu 16:00"
send = "fri 07:30"
[approval]
remind = "off"
"""


def by_schedule(paper: OldMails, moment: datetime, subject: str, is_there: object) -> None:
    """Runs “emag serve” from a moment on, until something is there."""
    paper.clock = moment - MINUTE
    with paper.served():
        old_links.wait_for(subject, is_there)


def two_years_ago(folder: Path, issues: int, readers: int, moment: datetime) -> OldMails:
    paper = OldMails(folder, clock=moment)
    old_links.build(paper, issues=issues, now=f"{moment:%Y-%m-%d %H:%M:%S}")
    file = folder / "readers.csv"
    active = paper.answer("stats", "--weeks", "1")["weeks"][0]["active"]  # type: ignore[index]
    lines = (f"reader{number}@example.net" for number in range(readers - active))
    file.write_text("email\n" + "\n".join(lines))
    paper.run("subscriber", "import", str(file), "--basis", "agreed on the old form")
    return paper


def this_week(paper: OldMails, thursday: datetime) -> int:
    """The schedule drafts an issue, and condenses the old ones; a person approves."""
    (paper.folder / "emag.toml").write_text(old_links.TOML + SCHEDULE)
    story = old_links.STORY.format(
        word="library", pictures="https://crier.example.org", day=thursday
    )
    (paper.folder / "stories" / "library.md").write_text(story)

    def is_drafted() -> bool:
        issues = paper.answer("issue", "list")["issues"]
        return any(issue["status"] in {"draft", "in_review"} for issue in issues)  # type: ignore[attr-defined]

    by_schedule(paper, thursday.replace(hour=15, minute=59, second=50), "the draft", is_drafted)
    paper.clock = thursday.replace(hour=16, minute=30)
    approved = paper.answer("issue", "approve", "next", "--as", "Ann")
    return int(str(approved["number"]))


def condensed(paper: OldMails, number: int, proof: Path) -> None:
    """An issue without its deliveries still has its figures and its proof."""
    counts = paper.answer("issue", "status", str(number))
    assert counts["planned"] == counts["accepted"] != 0, counts
    assert paper.answer("deliveries", str(number))["deliveries"] == []
    assert paper.answer("issue", "report", str(number))["counts"]["planned"] == counts["planned"]  # type: ignore[index]
    paper.run("issue", "export", str(number), str(proof))
    assert paper.answer("issue", "verify", str(proof))["ok"]


def restore(place: Path, backups: Path, key: str, moment: datetime) -> OldMails:
    folder = place / "elsewhere" / "herald"
    folder.mkdir(parents=True)
    (folder / ".env").write_text(key)
    (folder / ".env").chmod(0o600)
    for path in (place, folder.parent, folder, folder / ".env", *backups.rglob("*"), backups):
        shutil.chown(path, USER)
    paper = OldMails(folder, user=("runuser", "-u", USER, "--"), clock=moment)
    print(" ", paper.run("db", "restore", str(backups), "--dry-run", as_json=False).splitlines()[0])
    paper.run("db", "restore", str(backups))
    assert all(path.owner() == USER for path in folder.rglob("*"))
    return paper


def sent_on_time(paper: OldMails, number: int, friday: datetime) -> None:
    due = friday.replace(hour=7, minute=30, second=0)

    def is_sent() -> bool:
        with suppress(AssertionError):
            return paper.answer("issue", "status", str(number))["status"] == "sent"
        return False

    by_schedule(paper, due - timedelta(seconds=20), "the issue", is_sent)
    parser = BytesHeaderParser()
    headers = [parser.parsebytes(path.read_bytes()) for path in paper.outbox]
    sent = [one for one in headers if one["Feedback-ID"]]  # no other issue has left from here
    copies = Counter(str(one["To"]) for one in sent)
    status = paper.answer("issue", "status", str(number))
    assert status["planned"] == status["accepted"] == len(copies) == sum(copies.values())
    acts = paper.answer("issue", "history", str(number))["acts"]
    [began] = [act["at"] for act in acts if "started the sending" in act["said"]]  # type: ignore[attr-defined]
    print(f"  {len(copies):,} copies, none twice; they began to leave at {began}")
    late = datetime.fromisoformat(began).replace(tzinfo=None) - due
    assert timedelta(0) <= late < MINUTE, late


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=12_345)
    parser.add_argument("--issues", type=int, default=9)
    options = parser.parse_args()
    today = datetime.now(UTC).replace(tzinfo=None, microsecond=0)  # noqa: TID251 - a benchmark is an entry point
    thursday = today + timedelta(days=(3 - today.weekday()) % 7)
    os.environ |= {"DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}  # noqa: TID251 - a benchmark is an entry point
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        folder, backups = place / "srv" / "crier", place / "backups"
        folder.parent.mkdir()
        old = two_years_ago(folder, options.issues, options.readers, thursday - timedelta(days=731))
        print(f"Two years ago {options.issues} issues left; {options.readers:,} readers")
        number = this_week(old, thursday)
        condensed(old, 1, place / "proof")
        print(f"Issue {number} is approved; issue 1 is condensed, and its proof is whole")
        key = (folder / ".env").read_text()
        old.run("backup", str(backups))
        shutil.rmtree(folder)
        print("The folder is deleted")
        friday = thursday + timedelta(days=1)
        new = restore(place, backups, key, friday.replace(hour=6, minute=0))
        assert "nothing is sent until" in new.run("doctor", code=1)
        new.run("db", "release")
        new.run("issue", "approve", str(number), "--as", "Ann")
        sent_on_time(new, number, friday)
        new.mails = old.mails
        new.clock = friday.replace(hour=9)
        with new.served() as web:
            tried = old_links.try_lasting(new, web, 0, issues=options.issues)
        print("  Tried:", "; ".join(tried))
        condensed(new, 2, place / "elsewhere" / "proof")
        for chain in ("consent", "audit"):
            assert new.answer(chain, "verify")["ok"]
        print("The records of consent and of acts are whole")


if __name__ == "__main__":
    main()
