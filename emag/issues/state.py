"""Reads and writes one thing of an issue as text: the values that acts change."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from emag.issues import booking, store, verdicts
from emag.issues.correction import Correction
from emag.issues.lines import Line
from emag.issues.placement import Placement
from emag.issues.promo import Promo
from emag.issues.recipe import Because
from emag.issues.tables import CORRECTIONS, PICKS, VERDICTS, WORDS
from emag.issues.words import Field

SUBJECT, PREHEADER, NOTE, FEATURE, TIME = "subject", "preheader", "note", "feature", "time"
CORRECTION = "correction"


def story(candidate: int) -> str:
    """The target for a story's place."""
    return f"story {candidate}"


def words(candidate: int, field: Field) -> str:
    """The target for an editor's own words."""
    return f"words {candidate} {field.value}"


def promo(number: int) -> str:
    """The target for a promo."""
    return f"promo {number}"


def correction(number: int) -> str:
    """The target for a correction of the archive's copy."""
    return f"{CORRECTION} {number}"


def is_of_archive(target: str) -> bool:
    """True for a thing of the archive's copy, which changes only after the issue has left."""
    return target.startswith(CORRECTION)


def read(conn: Connection, number: int, target: str) -> str | None:
    """The value of a target in an issue; None where the issue says nothing of its own."""
    kind, _, rest = target.partition(" ")
    return _TARGETS[kind].read(conn, number, rest)


def write(conn: Connection, number: int, target: str, value: str | None) -> None:
    """Gives a target a value, or takes it away with None."""
    kind, _, rest = target.partition(" ")
    _TARGETS[kind].write(conn, number, rest, value)


@dataclass(frozen=True, slots=True)
class _Target:
    read: Callable[[Connection, int, str], str | None]
    write: Callable[[Connection, int, str, str | None], None]


def _read_line(line: Line) -> Callable[[Connection, int, str], str | None]:
    def read_line(conn: Connection, number: int, _: str) -> str | None:
        issue = store.get(conn, number)
        if line is Line.SUBJECT:
            return issue.subject if issue.subject_is_written else None
        return issue.preheader if issue.preheader_is_written else None

    return read_line


def _write_line(line: Line) -> Callable[[Connection, int, str, str | None], None]:
    def write_line(conn: Connection, number: int, _: str, value: str | None) -> None:
        issue = store.get(conn, number)
        if value is None:
            store.reset_line(conn, issue, line)
        else:
            store.write_line(conn, issue, line, value)

    return write_line


def _read_note(conn: Connection, number: int, _: str) -> str | None:
    return store.get(conn, number).note or None


def _write_note(conn: Connection, number: int, _: str, value: str | None) -> None:
    store.edit(conn, number, note=value or "")


def _read_feature(conn: Connection, number: int, _: str) -> str | None:
    featured = store.get(conn, number).featured
    return None if featured is None else str(featured)


def _write_feature(conn: Connection, number: int, _: str, value: str | None) -> None:
    store.edit(conn, number, featured=None if value is None else int(value))


def _read_time(conn: Connection, number: int, _: str) -> str | None:
    send_at = store.get(conn, number).send_at
    return send_at.isoformat() if send_at else None


def _write_time(conn: Connection, number: int, _: str, value: str | None) -> None:
    store.edit(conn, number, send_at=datetime.fromisoformat(value) if value else None)


def _read_story(conn: Connection, number: int, rest: str) -> str | None:
    candidate = int(rest)
    columns = (VERDICTS.c.section, VERDICTS.c.because, VERDICTS.c.reason, VERDICTS.c.final)
    judged = conn.execute(
        select(*columns).where(VERDICTS.c.issue == number, VERDICTS.c.candidate == candidate)
    ).first()
    picked = conn.execute(
        select(PICKS.c.section, PICKS.c.rank, PICKS.c.turn).where(_is_pick(number, candidate))
    ).first()
    if judged is None:
        return None
    section, rank, turn = picked or (judged.section, "", 0)
    because = Because(judged.because)
    return Placement(section, rank, because, judged.reason, judged.final, turn).written()


def _write_story(conn: Connection, number: int, rest: str, value: str | None) -> None:
    candidate = int(rest)
    conn.execute(delete(PICKS).where(_is_pick(number, candidate)))
    if value is None:
        verdicts.forget(conn, number, candidate)
        return
    place = Placement.read(value)
    verdicts.overrule(conn, number, place.verdict(candidate))
    if place.is_in:
        row = {"section": place.section, "rank": place.rank, "candidate": candidate}
        conn.execute(insert(PICKS).values(issue=number, turn=place.turn, **row))


def _is_pick(number: int, candidate: int) -> ColumnElement[bool]:
    return and_(PICKS.c.issue == number, PICKS.c.candidate == candidate)


def _read_words(conn: Connection, number: int, rest: str) -> str | None:
    text: str | None = conn.execute(select(WORDS.c.text).where(_are_words(number, rest))).scalar()
    return text


def _write_words(conn: Connection, number: int, rest: str, value: str | None) -> None:
    conn.execute(delete(WORDS).where(_are_words(number, rest)))
    if value is None:
        return
    candidate, field = _word_key(rest)
    source_text = store.source_text(conn, candidate, field)
    row = {"candidate": candidate, "field": field.value, "text": value, "source_text": source_text}
    conn.execute(insert(WORDS).values(issue=number, **row))


def _are_words(number: int, rest: str) -> ColumnElement[bool]:
    candidate, field = _word_key(rest)
    key = and_(WORDS.c.candidate == candidate, WORDS.c.field == field.value)
    return and_(WORDS.c.issue == number, key)


def _word_key(rest: str) -> tuple[int, Field]:
    candidate, _, field = rest.partition(" ")
    return int(candidate), Field(field)


def _read_promo(conn: Connection, number: int, rest: str) -> str | None:
    return booking.content(conn, number, int(rest))


def _write_promo(conn: Connection, number: int, rest: str, value: str | None) -> None:
    if value is None:
        booking.take_out(conn, number, int(rest))
    else:
        booking.put_in(conn, number, Promo.read(value))


def _read_correction(conn: Connection, number: int, rest: str) -> str | None:
    row = conn.execute(select(CORRECTIONS).where(_is_correction(number, rest))).first()
    if row is None:
        return None
    links = tuple((old, new) for old, new in row.links)
    return Correction(row.at, row.by, row.note, links).written()


def _write_correction(conn: Connection, number: int, rest: str, value: str | None) -> None:
    conn.execute(delete(CORRECTIONS).where(_is_correction(number, rest)))
    if value is None:
        return
    correction = Correction.read(value)
    row = {
        "at": correction.at,
        "by": correction.by,
        "note": correction.note,
        "links": [*map(list, correction.links)],
    }
    conn.execute(insert(CORRECTIONS).values(issue=number, number=int(rest), **row))


def _is_correction(number: int, rest: str) -> ColumnElement[bool]:
    return and_(CORRECTIONS.c.issue == number, CORRECTIONS.c.number == int(rest))


_TARGETS = {
    SUBJECT: _Target(_read_line(Line.SUBJECT), _write_line(Line.SUBJECT)),
    PREHEADER: _Target(_read_line(Line.PREHEADER), _write_line(Line.PREHEADER)),
    NOTE: _Target(_read_note, _write_note),
    FEATURE: _Target(_read_feature, _write_feature),
    TIME: _Target(_read_time, _write_time),
    "story": _Target(_read_story, _write_story),
    "words": _Target(_read_words, _write_words),
    "promo": _Target(_read_promo, _write_promo),
    CORRECTION: _Target(_read_correction, _write_correction),
}
