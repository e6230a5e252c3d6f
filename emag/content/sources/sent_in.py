"""Makes a story of what another system posts, by the rules that entries of feeds have."""

import re
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from emag.content.posted import PostedStory
from emag.content.sources import clean
from emag.content.sources.entry import EntryText, FeedEntry, Unusable, story
from emag.content.sources.jobs import as_job
from emag.content.story import Kind, Picture, Story, canonical
from emag.content.vacancies.deadline import ClosingTime
from emag.content.when.stamp import moment, written_day
from emag.errors import SourceError

_MARKUP = re.compile(
    r"&(?:#\d{1,6}|#x[\da-f]{1,6}|\w{2,8});|</[a-z]\w*\s*>|<(?:br|p)\b", re.IGNORECASE
)


def read(posted: PostedStory, *, source: str, section: str, zone: tzinfo) -> Story:
    """The story. Raises SourceError with the fault of the first field that cannot be read.

    A time without an offset is one of the zone.
    """
    kind, closes = _kind(posted, section), _closing(posted.closes, zone)
    entry = _entry(posted, _link(posted.url), zone)
    filed = "events" if kind is Kind.EVENT else section  # then its text is searched for its day
    try:
        result, text = story(entry, source=source, section=filed, zone=zone)
    except Unusable as reason:
        raise SourceError(f"title: {reason}") from None
    if kind is Kind.JOB:
        return _job(as_job(result, entry, text, zone=zone), closes)
    if kind is Kind.EVENT and result.starts:
        return replace(result, kind=kind)
    return replace(result, kind=Kind.POST, starts=None, place="")  # an event has a day


def _entry(posted: PostedStory, link: str, zone: tzinfo) -> FeedEntry:
    if not posted.title.strip():
        raise SourceError("title: it is missing")
    return FeedEntry(
        links=(link,),
        base=link,
        guid=link,
        title=_text(posted.title),
        summary=_text(posted.summary),
        body=EntryText(posted.html, is_html=True),
        published=_time("published", posted.published, zone),
        author=posted.by,
        pictures=_pictures(posted),
        starts=_time("starts", posted.starts, zone),
        place=posted.place,
        more={"company": posted.employer, "location": posted.place},
    )


def _kind(posted: PostedStory, section: str) -> Kind:
    """The kind that was sent, or else the one that the section or the fields stand for."""
    if posted.kind:
        try:
            return Kind(posted.kind.strip().lower())
        except ValueError:
            kinds = ", ".join(Kind)
            raise SourceError(
                f"kind: there is no “{posted.kind[:40]}”; there are {kinds}"
            ) from None
    if section == "jobs" or posted.closes or posted.employer:
        return Kind.JOB
    return Kind.EVENT if posted.starts else Kind.POST


def _closing(text: str, zone: tzinfo) -> ClosingTime:
    """The closing date that was sent, whatever the story is. Raises SourceError."""
    if not text.strip():
        return ClosingTime()
    day = written_day(text)
    if day is None:
        raise SourceError(_no_date("closes", text))
    return ClosingTime(day, _time("closes", text, zone) if ":" in text else None)


def _job(job: Story, closes: ClosingTime) -> Story:
    """The job with the closing date that was sent, which counts before the advert's."""
    if closes.day is None or job.vacancy is None:
        return job
    return replace(job, vacancy=replace(job.vacancy, closes=closes.day, closes_at=closes.at))


def _text(text: str) -> EntryText:
    """A line as it is meant: many systems send their titles as HTML, with entities and tags."""
    return EntryText(text, is_html=bool(_MARKUP.search(text)))


def _link(address: str) -> str:
    link = canonical(address.strip())
    if not link:
        raise SourceError(f"url: “{clean.line(address, limit=200)}” is no web address")
    return link


def _pictures(posted: PostedStory) -> tuple[Picture, ...]:
    if not posted.picture.strip():
        return ()
    if clean.picture(posted.picture, base="") is None:
        excerpt = clean.line(posted.picture, limit=200)
        raise SourceError(f"picture: “{excerpt}” is no address of a picture with https://")
    return (Picture(posted.picture, posted.alt),)


def _time(field: str, text: str, zone: tzinfo) -> datetime | None:
    """The moment in UTC; None for an empty field. Raises SourceError for one that is no date."""
    if not text.strip():
        return None
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        at = moment(text)
        if at is None:
            raise SourceError(_no_date(field, text)) from None
        return at
    try:
        return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise SourceError(_no_date(field, text)) from None


def _no_date(field: str, text: str) -> str:
    excerpt = clean.line(text, limit=60)
    return f"{field}: “{excerpt}” is no date; write it like 2026-12-01 or 2026-12-01T17:00:00Z"
