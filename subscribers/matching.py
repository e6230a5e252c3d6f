"""Finds readers by their address, or by parts of their address and name, a page at a time."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, or_, select

from subscribers import dialect, roll
from subscribers.address import parse
from subscribers.errors import BadAddress
from subscribers.roll import Member
from subscribers.tables import SUBSCRIBERS

MOST_WORDS, LONGEST = 5, 200  # of what somebody looks for
MOST_COUNTED = 1_000  # to count more would take longer than anybody wants to know it exactly


@dataclass(frozen=True, slots=True)
class MemberPage:
    """The members of one page, the newest first, and how many match in all.

    `has_more` says that they are more than `count`.
    """

    members: list[Member]
    count: int
    older: int | None = None
    has_more: bool = False


def page(
    conn: Connection, text: str, *, status: str | None, before: int | None, limit: int
) -> MemberPage:
    """Members whose address or name holds every word of `text`; one alone for a whole address.

    `before` is the number that all of them are lower than.
    """
    exact = _whole_address(conn, text)
    if exact and status in {None, exact.status}:
        return MemberPage([exact], 1)
    number = SUBSCRIBERS.c.id
    where = _conditions(conn, text, status)
    after = [] if before is None else [number < before]
    members = roll.newest(conn, *where, *after, limit=limit + 1)
    is_whole = before is None and len(members) <= limit
    count = len(members) if is_whole else _count(conn, *where)
    older = members[limit - 1].id if len(members) > limit else None
    return MemberPage(members[:limit], min(count, MOST_COUNTED), older, count > MOST_COUNTED)


def _whole_address(conn: Connection, text: str) -> Member | None:
    try:
        return roll.find(conn, text) if "@" in text else None
    except BadAddress:
        return None


def address_of(text: str) -> str:
    """The key of the address that somebody looks for, or nothing if it is no whole address."""
    try:
        return parse(text).key if "@" in text else ""
    except BadAddress:
        return ""


def _conditions(conn: Connection, text: str, status: str | None) -> list[ColumnElement[bool]]:
    where = [] if status is None else [SUBSCRIBERS.c.status == status]
    return [*where, *(_holds(conn, word) for word in text[:LONGEST].split()[:MOST_WORDS])]


def _holds(conn: Connection, word: str) -> ColumnElement[bool]:
    """Whether the address or the name holds a word, in capital or small letters."""
    address, name = SUBSCRIBERS.c.key, SUBSCRIBERS.c.name
    in_address = address.contains(word.casefold(), autoescape=True)
    if dialect.is_postgresql(conn):
        return or_(in_address, name.icontains(word, autoescape=True))
    # SQLite's LIKE knows capital letters of ASCII only, and is much quicker without lower().
    spellings = {word} if word.isascii() else {word, word.lower(), word.title()}
    in_name = (name.contains(spelling, autoescape=True) for spelling in sorted(spellings))
    return or_(in_address, *in_name)


def _count(conn: Connection, *where: ColumnElement[bool]) -> int:
    some = select(SUBSCRIBERS.c.id).where(*where).limit(MOST_COUNTED + 1).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()
