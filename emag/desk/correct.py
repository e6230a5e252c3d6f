"""Corrects the archive's copy of an issue that has left. What was sent stays on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from emag.database import Database
from emag.errors import WrongMove
from emag.issues import acts, archive, state, store
from emag.issues.act import Act, ActKind
from emag.issues.acts import IssueChange
from emag.issues.correction import Correction, Parts, addresses, corrected, fault
from emag.press import document
from emag.press.document import Document
from emag.press.words import words
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class CorrectedIssue:
    """An issue's number, its corrections that stand, and the address of its page."""

    number: int
    corrections: Sequence[Correction]
    url: str
    act: int  # takes it back


def correct(
    database: Database,
    settings: Settings,
    which: int | str,
    *,
    note: str,
    links: Sequence[tuple[str, str]] = (),
    now: datetime,
    by: str,
) -> CorrectedIssue:
    """Adds a dated note to the archive's copy, and replaces links: (old, new) of each.

    An undo of the issue takes it back. Raises WrongMove for an issue that has not begun to leave,
    an old address that no link has, or a new one that is no web address.
    """
    correction = Correction(
        now, by, " ".join(note.split()), tuple((old.strip(), new.strip()) for old, new in links)
    )
    with database.transaction() as conn:
        number = store.get(conn, which).number
        acts.refuse_without_archive(conn, number)
        url = f"{settings.base_url}/archive/{number}"
        sentence = fault(_parts(conn, number, settings), correction.note, correction.links)
        if sentence:
            raise WrongMove(sentence)
        target = state.correction(_next_number(acts.listing(conn, number)))
        change = IssueChange(ActKind.CORRECT, target, correction.written())
        acts.perform(conn, number, change, now=now, by=by)
        act = acts.revision(conn, number)
        return CorrectedIssue(number, archive.corrections(conn, number), url, act)


def links(database: Database, settings: Settings, which: int | str) -> list[str]:
    """The addresses that the archive's copy leads to, in order. Raises NotFound.

    Empty for an issue that the archive does not have.
    """
    with database.reading() as conn:
        number = store.get(conn, which).number
        if archive.readable(conn, number) is None:
            return []
        parts = _parts(conn, number, settings)
    return [address for address in addresses(parts) if not address.startswith(settings.base_url)]


def _parts(conn: Connection, number: int, settings: Settings) -> Parts:
    """The archive's copy as it is now."""
    readable = archive.readable(conn, number)
    assert readable is not None  # its status says so
    issue, frozen = readable
    sent = Document(frozen.subject, frozen.preheader, frozen.html, frozen.text)
    url = f"{settings.base_url}/archive/{number}"
    public = document.public(sent, archive_url=url, texts=words(settings))
    return corrected(Parts(public.html, public.text), issue.corrections)


def _next_number(every: Sequence[Act]) -> int:
    """One more than all corrections had so far, so that one taken back can be done again."""
    return len({act.target for act in every if state.is_of_archive(act.target)}) + 1
