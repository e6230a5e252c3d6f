"""Builds what reads the web from the settings: sources by their kind, pages, links and DNS."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emag.checks.outside import Outside
    from emag.content.pages.page import StoryPages
    from emag.content.sources import Source
    from emag.settings import Settings, SourceSettings


def sources(settings: "Settings", now: Callable[[], datetime]) -> "tuple[Source, ...]":
    return tuple(_source(settings, source, now) for source in settings.sources)


def _source(
    settings: "Settings", source: "SourceSettings", now: Callable[[], datetime]
) -> "Source":
    if source.kind == "calendar":
        return _calendar(settings, source, now)
    if source.kind == "folder":
        from emag.content.sources.folder import FolderSource

        path = settings.folder / source.path
        base_url = settings.publication.url or settings.base_url
        zone = settings.publication.zone
        return FolderSource(source.name, path, source.section, base_url, zone)
    from emag.content.sources import hosted
    from emag.content.sources.feed import FeedSource
    from emag.content.sources.jobs import JobsSource

    jobs = partial(JobsSource, zone=settings.publication.zone)
    feed = partial(FeedSource, zone=settings.publication.zone)
    kind = jobs if source.kind == "jobs" else feed
    return kind(
        source.name,
        hosted.for_programs(source.url),
        source.section,
        timeout=source.timeout.total_seconds(),
        max_bytes=source.max_bytes,
        allow_private=settings.network.allow_private,
        format=source.format,
    )


def _calendar(
    settings: "Settings", source: "SourceSettings", now: Callable[[], datetime]
) -> "Source":
    from emag.content.sources.calendar import CalendarSource

    return CalendarSource(
        source.name,
        re.sub(r"^webcals?://", "https://", source.url, flags=re.IGNORECASE),
        source.section,
        now,
        settings.publication.zone,
        path=settings.folder / source.path if source.path else None,
        page="" if source.url else settings.publication.url or settings.base_url,
        timeout=source.timeout.total_seconds(),
        max_bytes=source.max_bytes,
        allow_private=settings.network.allow_private,
    )


def pages(settings: "Settings") -> "StoryPages":
    """Returns what asks the pages of stories, within the limits that sources have."""
    from emag.content.sources.pages import WebPages

    return WebPages(
        allow_private=settings.network.allow_private,
        base_url=settings.base_url,
        zone=settings.publication.zone,
    )


def outside(settings: "Settings") -> "Outside":
    """Returns what asks links and DNS for the pre-flight, and cuts what an approval needs."""
    from emag.checks.outside import Outside
    from emag.content.sources.links import WebLinks
    from emag.content.sources.pictures import WebPictures
    from emag.domain import records
    from emag.network import NetworkAccess

    network = NetworkAccess(settings.network.allow_private)
    links = WebLinks(base_url=settings.base_url, network=network)
    is_local = records.is_tried_out(settings)
    domain = None if is_local else partial(records.examine, settings)
    is_host = settings.pictures.host == "emag"
    pictures = WebPictures(allow_private=settings.network.allow_private) if is_host else None
    return Outside(links, domain, pictures)
