"""Reads the pages that sources name without describing them, and adds their stories."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emag.content.left_out import LeftOut
from emag.content.pages import completed, completion
from emag.content.pages.completed import PageRecord, Wanting
from emag.content.pages.page import StoryPages
from emag.content.sources import Reading, Source
from emag.content.story import Kind, Story
from emag.database import Database

AGAIN_AFTER = timedelta(days=1)  # a page of a list that could not be read
MOST_NOTES = 5  # pages that are named


@dataclass(frozen=True, slots=True)
class Followed:
    """A reading with the stories of the pages that it names; `waiting` ones have not been read."""

    reading: Reading
    waiting: int = 0


def follow(
    database: Database,
    pages: StoryPages | None,
    readings: Sequence[tuple[Source, Reading]],
    *,
    now: datetime,
    within: timedelta = completion.WITHIN,
) -> list[Followed]:
    """Each reading with the stories of its pages, in order. All pages share the limits of a gather.

    While a page waits, the reading keeps no memory, so that the source is read again.
    """
    wanted = [_wanted(source, reading) for source, reading in readings]
    if not any(wanted):
        return [Followed(reading) for _, reading in readings]
    named = {page.story.identity for pages_of in wanted for page in pages_of}
    with database.reading() as conn:
        records = completed.records(conn, named)
    unread = {
        page.story.identity: page
        for pages_of in wanted
        for page in pages_of
        if _is_due(records.get(page.story.identity), page, now)
    }
    if pages:
        unread_pages = list(unread.values())
        records |= completion.read_now(database, pages, unread_pages, now=now, within=within)
    return [
        _followed(reading, pages_of, records)
        for (_, reading), pages_of in zip(readings, wanted, strict=True)
    ]


def _wanted(source: Source, reading: Reading) -> list[Wanting]:
    """The pages that a source names, one for each address."""
    kind = Kind.JOB if reading.links.are_jobs else Kind.POST
    stories = (Story(source.name, kind, link, "") for link in reading.links.addresses)
    by_identity = {story.identity: story for story in stories}
    return [Wanting(0, s, source.section, links=reading.links) for s in by_identity.values()]


def _is_due(record: PageRecord | None, wanted: Wanting, now: datetime) -> bool:
    """True for a page that has not been read; one of a list is tried again after a day."""
    if record is None or record.is_due(now):
        return True
    is_guess = wanted.links is not None and wanted.links.may_be_anything
    return record.story is None and not is_guess and record.read_at + AGAIN_AFTER <= now


def _followed(
    reading: Reading, wanted: Sequence[Wanting], records: dict[str, PageRecord]
) -> Followed:
    if not wanted:
        return Followed(reading)
    listed = {story.identity: story for story in reading.stories}
    waiting, unlisted, failed, passed_over, is_unfinished = 0, 0, [], 0, False
    for page in wanted:
        identity, record = page.story.identity, records.get(page.story.identity)
        if record is None:
            waiting, is_unfinished = waiting + 1, True
            unlisted += identity not in listed
        elif record.story:
            listed[identity] = replace(record.story, source=page.story.source)
        elif reading.links.may_be_anything:
            passed_over += 1
            is_unfinished = is_unfinished or record.may_come
        else:
            is_unfinished = True
            failed += [page.story.link] if identity not in listed else []
    return Followed(
        replace(
            reading,
            stories=tuple(listed.values()),
            memory=reading.memory.anew if is_unfinished else reading.memory,
            notes=(*reading.notes, *_notes(failed)),
            entries=len(listed) + reading.refused + len(failed) + passed_over + unlisted,
            refused=reading.refused + len(failed),
            left_out=dict(Counter(reading.left_out) + Counter({LeftOut.PAGE.value: len(failed)})),
        ),
        waiting,
    )


def _notes(failed: Sequence[str]) -> tuple[str, ...]:
    notes = [f"{link[:200]} cannot be read, or tells no story" for link in failed[:MOST_NOTES]]
    more = len(failed) - MOST_NOTES
    return (*notes, f"and {more} more pages") if more > 0 else tuple(notes)
