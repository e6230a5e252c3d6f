"""The functions that read and write an issue: its row, its sections and its picks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from emag.content import store as pool
from emag.errors import NotFound
from emag.issues import booking, loading
from emag.issues.issue import (
    CLAIMS_STORIES,
    GIVEN_UP,
    UNSENT,
    Issue,
    NamedStory,
    Section,
    Status,
)
from emag.issues.lines import Line, automatic, mentions
from emag.issues.rank import evenly
from emag.issues.tables import ISSUES, PICKS, VERDICTS
from emag.issues.words import Field, of_source

LARGEST_NUMBER = 999_999_999  # every database column can hold it


class Columns(TypedDict, total=False):
    """What `edit` may write. The status is not among them: `life.move` alone changes it."""

    subject: str
    preheader: str
    subject_is_written: bool
    preheader_is_written: bool
    mentions: list[list[Any]]
    note: str
    featured: int | None
    send_at: datetime | None
    document_hash: str
    first_accepted_at: datetime


def get(conn: Connection, which: int | str) -> Issue:
    """An issue with its picks, by number, “next” or “latest”. Raises NotFound.

    “next” is the unsent issue that will leave first. “latest” is the newest issue that has begun
    to leave.
    """
    row = conn.execute(_which(which)).first()
    if row is None:
        raise NotFound(absent(which))
    return loading.whole(conn, row)


def listing(conn: Connection, *statuses: Status) -> list[Issue]:
    """Every issue, or those of the given statuses, oldest first, without their picks."""
    query = select(ISSUES).order_by(ISSUES.c.number)
    if statuses:
        query = query.where(ISSUES.c.status.in_(statuses))
    rows = conn.execute(query).all()
    return [loading.without_picks(conn, row) for row in rows]


def sent(conn: Connection) -> list[Issue]:
    """The sent issues, newest first, without their picks."""
    return listing(conn, Status.SENT)[::-1]


def leaving_since(conn: Connection, since: datetime) -> list[Issue]:
    """The issues that began to leave after a moment, oldest first, without their picks."""
    query = select(ISSUES).where(ISSUES.c.began_at > since).order_by(ISSUES.c.number)
    return [loading.without_picks(conn, row) for row in conn.execute(query).all()]


def live(conn: Connection, local_date: str) -> Issue | None:
    """The issue of a period, unless it was skipped or cancelled. Special editions have none."""
    query = select(ISSUES.c.number).where(
        ISSUES.c.local_date == local_date,
        ISSUES.c.status.not_in(GIVEN_UP),
        ISSUES.c.is_special.is_(False),
    )
    number = conn.execute(query).scalar()
    return None if number is None else get(conn, number)


def of_periods(conn: Connection, local_dates: Iterable[str]) -> dict[str, Issue]:
    """The newest issue of each period that has one, given up or not, without its picks.

    A special edition belongs to no period.
    """
    in_periods = ISSUES.c.local_date.in_([*local_dates])
    query = select(ISSUES).where(in_periods, ISSUES.c.is_special.is_(False))
    rows = conn.execute(query.order_by(ISSUES.c.number)).all()
    return {row.local_date: loading.without_picks(conn, row) for row in rows}


def cut_off(conn: Connection) -> datetime | None:
    """The end of the window of the last issue that claimed its stories; None before the first.

    A special edition has no window: the weekly issue goes on where the last weekly one ended.
    """
    query = select(func.max(ISSUES.c.until)).where(
        ISSUES.c.status.in_(CLAIMS_STORIES), ISSUES.c.is_special.is_(False)
    )
    return conn.execute(query).scalar()


def add(conn: Connection, issue: Issue) -> Issue:
    """Writes a new issue under the next number; numbers have no gaps.

    Raises SQLAlchemy's IntegrityError if another process adds one at the same time.
    """
    highest = conn.execute(select(func.max(ISSUES.c.number))).scalar() or 0
    issue = replace(issue, number=highest + 1)
    conn.execute(
        insert(ISSUES).values(
            number=issue.number,
            status=issue.status.value,
            is_special=issue.is_special,
            title=issue.title,
            audience=issue.audience,
            subject=issue.subject,
            preheader=issue.preheader,
            subject_is_written=issue.subject_is_written,
            preheader_is_written=issue.preheader_is_written,
            mentions=_rows(issue.mentions),
            note=issue.note,
            since=issue.since,
            until=issue.until,
            send_at=issue.send_at,
            local_date=issue.local_date,
            headings=_headings(issue.sections),
            document_hash="",
            approved_by="",
            drafted_by=issue.drafted_by,
        )
    )
    arrange(conn, issue.number, issue.sections)
    if issue.is_special:  # it takes no promo of a date
        return issue
    return replace(issue, promos=booking.bind(conn, issue.number, issue.local_date))


def edit(conn: Connection, number: int, **values: Unpack[Columns]) -> None:
    """Writes columns of an issue."""
    conn.execute(update(ISSUES).where(ISSUES.c.number == number).values(**values))


def write_line(conn: Connection, issue: Issue, line: Line, text: str) -> None:
    """Writes an editor's subject or preheader, and which stories it names."""
    judged = pool.by_ids(conn, {*_judged(conn, issue.number), *(p.candidate for p in issue.picks)})
    named = mentions(line, text, ((number, judged[number].story) for number in sorted(judged)))
    others = [mention for mention in issue.mentions if mention.line != line]
    values: Columns = {"mentions": _rows([*others, *named])}
    if line is Line.SUBJECT:
        values |= {"subject": text, "subject_is_written": True}
    else:
        values |= {"preheader": text, "preheader_is_written": True}
    edit(conn, issue.number, **values)


def reset_line(conn: Connection, issue: Issue, line: Line) -> None:
    """Makes a line automatic again. `follow_picks` writes the text."""
    others = [mention for mention in issue.mentions if mention.line != line]
    values: Columns = {"mentions": _rows(others)}
    if line is Line.SUBJECT:
        values["subject_is_written"] = False
    else:
        values["preheader_is_written"] = False
    edit(conn, issue.number, **values)


def follow_picks(conn: Connection, number: int, *, fallback: str) -> Issue:
    """Writes the automatic lines again after the picks have changed.

    `fallback` is the subject of an issue without stories: the publication's title.
    """
    issue = automatic(get(conn, number), fallback=fallback)
    edit(conn, number, subject=issue.subject, preheader=issue.preheader)
    return issue


def arrange(conn: Connection, number: int, sections: Sequence[Section]) -> None:
    """Replaces the sections and picks of an issue by `sections`."""
    head(conn, number, sections)
    conn.execute(delete(PICKS).where(PICKS.c.issue == number))
    rows = [
        {
            "issue": number,
            "section": section.name,
            "rank": rank_,
            "candidate": pick.candidate,
            "turn": pick.turn,
        }
        for section in sections
        for rank_, pick in zip(evenly(len(section.picks)), section.picks, strict=True)
    ]
    if rows:
        conn.execute(insert(PICKS), rows)


def head(conn: Connection, number: int, sections: Sequence[Section]) -> None:
    """Gives an issue the names, titles and order of `sections`; their picks stay."""
    headings = update(ISSUES).where(ISSUES.c.number == number)
    conn.execute(headings.values(headings=_headings(sections)))


def ranks(conn: Connection, number: int, section: str, *, without: int) -> list[str]:
    """The ranks of a section's stories in order, but that of the story `without`."""
    query = select(PICKS.c.rank).where(
        PICKS.c.issue == number, PICKS.c.section == section, PICKS.c.candidate != without
    )
    return list(conn.execute(query.order_by(PICKS.c.rank)).scalars())


def source_text(conn: Connection, candidate: int, field: Field) -> str:
    """What the source of a story says in a field now."""
    return of_source(pool.by_ids(conn, [candidate])[candidate].story, field)


def absent(which: int | str) -> str:
    """The sentence for a person who asked for an issue that does not exist."""
    if which == "next":
        return "There is no unsent issue: draft one with “emag issue draft”."
    if which == "latest":
        return "No issue has been sent yet: “emag issue list” shows what there is."
    return f"There is no issue {which}: “emag issue list” shows them."


def _headings(sections: Iterable[Section]) -> list[list[str]]:
    return [[section.name, section.title] for section in sections]


def _which(which: int | str) -> Select[Any]:
    query = select(ISSUES)
    if which == "latest":
        begun = query.where(ISSUES.c.began_at.is_not(None))
        return begun.order_by(ISSUES.c.began_at.desc(), ISSUES.c.number.desc()).limit(1)
    if which == "next":
        return query.where(ISSUES.c.status.in_(UNSENT)).order_by(*_leaves_first()).limit(1)
    return query.where(ISSUES.c.number == _number(which))


def _leaves_first() -> Sequence[Any]:
    """A held issue leaves only if somebody approves it, and one without a time when it is sent."""
    held = ISSUES.c.status == Status.HELD
    return (held, ISSUES.c.send_at.is_(None), ISSUES.c.send_at, ISSUES.c.number)


def _number(which: int | str) -> int:
    """The number, or 0, which no issue has."""
    digits = str(which)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(LARGEST_NUMBER)):
        return 0
    return int(digits)


def _judged(conn: Connection, number: int) -> list[int]:
    """The stories that were considered for an issue."""
    query = select(VERDICTS.c.candidate).where(VERDICTS.c.issue == number)
    return list(conn.execute(query).scalars())


def _rows(all_mentions: Iterable[NamedStory]) -> list[list[Any]]:
    return [[mention.line, mention.candidate, mention.title] for mention in all_mentions]
