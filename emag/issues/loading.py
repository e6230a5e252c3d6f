"""Makes an issue of its rows: its sections, its picks in the editors' words, its lines."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from emag.content import store as pool
from emag.content.pool import Candidate
from emag.issues import booking
from emag.issues.illustrations import illustrated
from emag.issues.issue import UNFROZEN, Issue, NamedStory, Pick, Section, Status
from emag.issues.label import one_label
from emag.issues.lines import current
from emag.issues.tables import PICKS, WORDS
from emag.issues.words import Field, apply, of_source


def whole(conn: Connection, row: Row[Any]) -> Issue:
    """The issue with its picks and the lines that they give."""
    issue = _issue(row, _filled(conn, row))
    issue = replace(issue, promos=booking.in_issue(conn, row.number))
    return current(illustrated(conn, issue))


def _issue(row: Row[Any], sections: tuple[Section, ...]) -> Issue:
    values = row._asdict()
    del values["headings"]
    mentions_ = tuple(NamedStory(*mention) for mention in row.mentions)
    return Issue(
        **values | {"status": Status(row.status), "mentions": mentions_, "sections": sections}
    )


def without_picks(conn: Connection, row: Row[Any]) -> Issue:
    """The issue without its picks. Only automatic lines need them, while they still change."""
    sections = _sections(row)
    if Status(row.status) in UNFROZEN:
        return replace(whole(conn, row), sections=sections)
    return _issue(row, sections)


def _filled(conn: Connection, row: Row[Any]) -> tuple[Section, ...]:
    query = (
        select(PICKS.c.section, PICKS.c.candidate, PICKS.c.turn)
        .where(PICKS.c.issue == row.number)
        .order_by(PICKS.c.rank)
    )
    placed = list(conn.execute(query))
    stories = pool.by_ids(conn, [candidate for _, candidate, _ in placed])
    words = _words(conn, row.number)
    sections = (
        replace(
            section,
            picks=tuple(
                replace(_pick(stories[number], words.get(number, [])), turn=turn)
                for name, number, turn in placed
                if name == section.name
            ),
        )
        for section in _sections(row)
    )
    return one_label(tuple(sections), row.featured)


def _words(conn: Connection, number: int) -> dict[int, list[tuple[Field, str, str]]]:
    """The editor's own words by story: field, text, and what the source said then."""
    columns = (WORDS.c.candidate, WORDS.c.field, WORDS.c.text, WORDS.c.source_text)
    words: dict[int, list[tuple[Field, str, str]]] = {}
    for candidate, field, text, source_text_ in conn.execute(
        select(*columns).where(WORDS.c.issue == number).order_by(WORDS.c.candidate, WORDS.c.field)
    ):
        words.setdefault(candidate, []).append((Field(field), text, source_text_))
    return words


def _pick(candidate: Candidate, words: Sequence[tuple[Field, str, str]]) -> Pick:
    story = candidate.story
    texts = {field: text for field, text, _ in words}
    changed = tuple(field for field, _, then in words if of_source(story, field) != then)
    return Pick(
        candidate.id,
        apply(story, texts),
        words=texts,
        source=story if texts else None,
        changed=changed,
        closed=candidate.closed,
    )


def _sections(row: Row[Any]) -> tuple[Section, ...]:
    return tuple(Section(name, title) for name, title in row.headings)
