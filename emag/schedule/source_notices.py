"""Tells the editors of sources in trouble, once when it begins and once when it is over."""

from collections.abc import Iterator, Sequence
from threading import Event

from emag.content.health import trouble_store
from emag.content.health.trouble import StandingTrouble
from emag.content.health.trouble_store import TroubleReport
from emag.issues.period import in_words
from emag.mailing.letters import notice
from emag.newsroom import Newsroom


def source_notices(newsroom: Newsroom, _stop: Event | None = None) -> Iterator[str]:
    """Writes one letter of everything that the editors do not know yet of their sources."""
    names = [source.name for source in newsroom.settings.sources]
    now = newsroom.now()
    with newsroom.database.reading() as conn:
        report = trouble_store.pending(conn, names, now=now)
    if not report.begun and not report.over:
        return
    with newsroom.database.transaction() as conn:
        report = trouble_store.pending(conn, names, now=now)
        notice.notify_editors(
            conn,
            settings=newsroom.settings,
            key=f"sources-{now.isoformat()}",
            subject=_subject(report),
            text="\n".join(_lines(newsroom, report)) + "\n",
            now=now,
            is_trouble=True,
        )
        trouble_store.mark_told(conn, report, now=now)
    yield _subject(report)


def _subject(report: TroubleReport) -> str:
    troubled, well = _names(report.begun), _names(report.over)
    if len(troubled) == 1:
        return f"The source “{troubled[0]}” needs a look"
    if troubled:
        return f"{len(troubled)} sources need a look"
    return f"The source “{well[0]}” is well again" if len(well) == 1 else "Sources are well again"


def _lines(newsroom: Newsroom, report: TroubleReport) -> Iterator[str]:
    yield from _about(newsroom, report.begun, "")
    if report.begun and report.over:
        yield ""
    yield from _about(newsroom, report.over, "It is well again. What was wrong: ")
    yield ""
    yield f"See all sources:  {newsroom.settings.base_url}/desk/sources"
    for name in _names(report.begun):
        yield f"Try one now:      emag source check {name}"


def _about(newsroom: Newsroom, entries: Sequence[StandingTrouble], words: str) -> Iterator[str]:
    zone = newsroom.settings.publication.zone
    for entry in entries:
        since = in_words(entry.since, zone)
        yield f"  - {entry.source}: {words}{entry.trouble} (since {since})"


def _names(entries: Sequence[StandingTrouble]) -> list[str]:
    return list(dict.fromkeys(entry.source for entry in entries))
