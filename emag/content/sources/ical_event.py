"""Reads one event of a calendar as an entry: text, link, place, pictures."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from emag.content.events import venue
from emag.content.left_out import LeftOut
from emag.content.sources.entry import EntryText, FeedEntry, Unusable
from emag.content.sources.ical_text import EventText, name_of
from emag.content.sources.recurrence import Occurrence
from emag.content.story import Picture
from emag.content.when.stamp import in_range

LONGEST_TEXT = 50_000  # characters
_MARKUP = re.compile(
    r"</?(?:p|br|a|b|i|div|span|ul|ol|li|strong|em|html|h\d)\b[^>]*>", re.IGNORECASE
)
# What meeting programs write under the text: how to dial in.
_JOINING = re.compile(
    r"\n?(?:[_~-]{10,}|[─━]{5,}|-::~:~::|<p>\s*[_]{10,}).*|\n(?:join zoom meeting|microsoft teams"
    r"|join (?:the|your) (?:meeting|microsoft)|join with google meet|dial by your location).*",
    re.IGNORECASE | re.DOTALL,
)
_MEETINGS = re.compile(
    r"(?:^|\.)(?:zoom\.(?:us|com)|teams\.(?:microsoft|live)\.com|meet\.google\.com|webex\.com"
    r"|aka\.ms|gotomeet(?:ing)?\.(?:me|com)|maps\.google\.[a-z.]+|maps\.app\.goo\.gl|goo\.gl|w3w\.co)$"
)
# The address of an event's page is named as such; any other may lead anywhere.
_PAGE = re.compile(
    r"(?:details|info(?:rmation)?|book(?:ing)?(?: (?:now|here|a place|your place))?|tickets?"
    r"|register|registration|website|web ?page|event page|sign up|click here|find out more"
    r"|read more|link|url|gwybodaeth|archebu|tocynnau)\b[^\n.]{0,30}?[:\s]\s{0,9}"
    r"(?:<a\b[^>]{0,99}?href=[\"'])?(?P<url>https?://[^\s<>\"')]+)",
    re.IGNORECASE,
)
_OFF = r"(?:cancell?ed|postponed|canslwyd|gohiriwyd|wedi['’]i (?:ganslo|gohirio))"
_IS_OFF = re.compile(
    rf"^\W*{_OFF}\b\s*(?:[:!*)\]–—-]|$)|[\[(*]\s*{_OFF}\s*[\])*]|\s[:–—-]\s*{_OFF}\W*$",
    re.IGNORECASE,
)
_BUSY = frozenset({"busy", "free", "tentative", "out of office", "working elsewhere", "prysur"})
_CONFERENCES = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL")
_IMAGE = re.compile(r"\.(?:jpe?g|png|gif|webp)$", re.IGNORECASE)


def entry(events: tuple[EventText, ...], occurrence: Occurrence, *, page: str) -> FeedEntry:
    """The event as an entry. One without an address links to `page`. Raises Unusable."""
    event = occurrence.component
    title = html.unescape(_text(event, "SUMMARY"))
    if _text(event, "CLASS").upper() in {"PRIVATE", "CONFIDENTIAL"}:
        raise Unusable("an event is marked as private, so it is not printed", LeftOut.PRIVATE)
    if not title or title.strip().casefold() in _BUSY:
        raise Unusable(
            "an event has no title: the calendar shows only that somebody is busy", LeftOut.TEXT
        )
    body = _body(event)
    where = venue.venue(html.unescape(_text(event, "LOCATION")).replace("\n", ", "))
    is_online = where.online or (not where.place and any(name in event for name in _CONFERENCES))
    return FeedEntry(
        links=tuple(filter(None, (_address(event, body), page))),
        base=page,
        guid=name_of(events[0]),
        title=EntryText(title),
        body=EntryText(body, is_html=bool(_MARKUP.search(body))),
        published=_created(event),
        categories=tuple(_categories(event)),
        pictures=tuple(_pictures(event)),
        starts=occurrence.starts,
        ends=occurrence.ends,
        place=where.place,
        online=is_online,
        price=_text(event, "X-COST") or _text(event, "X-PRICE"),
        cancelled=occurrence.is_cancelled or bool(_IS_OFF.search(title[:300])),
    )


def _text(event: Any, name: str) -> str:
    value = event.get(name)
    first = next(iter(value), "") if isinstance(value, list) else value
    return str(first)[:LONGEST_TEXT].strip() if first is not None else ""


def _body(event: Any) -> str:
    text = _text(event, "DESCRIPTION")
    body = _JOINING.sub("", f"\n{text}").strip()
    return body if _MARKUP.search(body) else html.unescape(body)


def _address(event: Any, body: str) -> str:
    url = _text(event, "URL")
    if url.lower().startswith(("http://", "https://")) and not _is_meeting(url):
        return url
    pages = (match["url"].rstrip(".,;") for match in _PAGE.finditer(body[:LONGEST_TEXT]))
    return next((page for page in pages if not _is_meeting(page)), "")


def _is_meeting(address: str) -> bool:
    try:
        return bool(_MEETINGS.search(urlsplit(address).hostname or ""))
    except ValueError:
        return True


def _created(event: Any) -> Any:
    value = event.get("CREATED")
    return in_range(value.dt) if value is not None and hasattr(value, "dt") else None


def _categories(event: Any) -> Iterator[str]:
    for value in _listed(event.get("CATEGORIES")):
        yield from (str(name).strip() for name in getattr(value, "cats", ()))


def _pictures(event: Any) -> Iterator[Picture]:
    for value in (*_listed(event.get("IMAGE")), *_listed(event.get("ATTACH"))):
        address = str(value)
        kind = str(getattr(value, "params", {}).get("FMTTYPE", ""))
        path = address.partition("?")[0]
        is_picture = kind.lower().startswith("image/") or (not kind and _IMAGE.search(path))
        if is_picture and address.lower().startswith(("http://", "https://")):
            yield Picture(address)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
