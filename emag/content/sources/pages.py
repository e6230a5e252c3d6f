"""Asks and reads the pages of stories, within the limits that sources have."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, timedelta, tzinfo

import httpx

from emag.content.pages.page import Links, PageAnswer
from emag.content.posted import PostedStory
from emag.content.sources import Memory, boards, sent_in, webpage
from emag.content.sources.entry import FeedEntry, Unusable, story
from emag.content.sources.fetch import FetchedPage, FetchLimits, PageVisit, safe_text, visit
from emag.content.sources.jobs import as_job
from emag.content.story import Kind, Story
from emag.errors import NoStory, SourceError
from emag.network import NetworkAccess

THREADS = 8  # pages asked at the same time
LIMITS = FetchLimits(timeout=8.0, max_bytes=500_000)
WHOLE = FetchLimits(timeout=15.0, max_bytes=2_000_000)  # of a page that becomes a story
_REFUSALS = {
    401: "asks for a password, so nobody can read it; give a page that is open to all",
    403: "refuses to be read by a program; write the story in a folder source instead",
    404: "is not there; check the address",
    410: "is not there any more; check the address",
    429: "is asked too often; try again later",
}
_SERVER_ERROR = 500


class WebPages:
    """StoryPages over HTTP. Those below `base_url`, emag’s own, are never asked.

    `zone` is where the time of an event is meant that names no zone.
    """

    def __init__(self, *, allow_private: bool, base_url: str, zone: tzinfo = UTC) -> None:
        self._network = NetworkAccess(allow_private)
        self._emag = _origin(base_url)
        self._zone = zone

    def ask(self, addresses: Sequence[str], *, within: timedelta) -> list[PageAnswer]:
        """One answer for each address, in order. What takes longer than `within` has none."""
        pending = [a for a in dict.fromkeys(addresses) if _origin(a) != self._emag]
        if not pending:
            return [PageAnswer() for _ in addresses]
        threads = ThreadPoolExecutor(min(THREADS, len(pending)), thread_name_prefix="pages")
        futures = {address: threads.submit(self._one, address) for address in pending}
        finished, _ = wait(futures.values(), timeout=within.total_seconds())
        threads.shutdown(wait=False, cancel_futures=True)
        answers = {address: f.result() for address, f in futures.items() if f in finished}
        return [answers.get(address, PageAnswer()) for address in addresses]

    def read(self, address: str, *, source: str, section: str) -> Story:
        """The story that a page tells. Raises SourceError."""
        return self._read(self._page(address), source=source, section=section)

    def _page(self, address: str) -> FetchedPage:
        if _origin(address) == self._emag:
            raise NoStory(f"{safe_text(address)} is a page of emag itself, so it is no story")
        answer = visit(address, limits=WHOLE, network=self._network)
        if answer.status != httpx.codes.OK:
            raise (SourceError if _may_come(answer.status) else NoStory)(_refusal(answer))
        page = FetchedPage(answer.url, answer.body, answer.content_type, Memory())
        if not _is_web_page(page):
            raise NoStory(
                f"{safe_text(page.url)} is no web page; give the address of the page about it"
            )
        return page

    def _read(self, page: FetchedPage, *, source: str, section: str, is_job: bool = False) -> Story:
        try:
            return page_story(page, source=source, section=section, zone=self._zone, is_job=is_job)
        except Unusable:
            raise NoStory(f"{safe_text(page.url)} has neither a title nor a text") from None

    def linked(self, address: str, *, source: str, section: str, links: Links) -> Story:
        """The story of a page that a list names. Raises SourceError where it tells none."""
        page = self._page(address)
        result = self._read(page, source=source, section=section, is_job=links.are_jobs)
        says_so = _names_terms(result) if links.are_jobs else webpage.tells_story(page)
        if not says_so and _posting(page) is None:
            raise NoStory(f"{safe_text(page.url)} does not say that it tells a story")
        return result

    def sent_in(self, posted: PostedStory, *, source: str, section: str, zone: tzinfo) -> Story:
        """The story that another system sends. Raises SourceError."""
        return sent_in.read(posted, source=source, section=section, zone=zone)

    def _one(self, address: str) -> PageAnswer:
        try:
            answer = visit(address, limits=LIMITS, network=self._network)
        except SourceError:
            return PageAnswer()
        return PageAnswer(answer.status, answer.body.decode(errors="replace"))


def page_story(
    page: FetchedPage, *, source: str, section: str, zone: tzinfo = UTC, is_job: bool = False
) -> Story:
    """The story of a page that has been fetched: a job, an event or a post. Raises Unusable."""
    entry = webpage.read(page)
    posting = _posting(page)
    if posting:
        links = (*entry.links, *posting.links)
        title = posting.title if posting.title.value else entry.title
        entry = replace(entry, links=links, title=title, body=posting.body, more=posting.more)
        entry = replace(entry, published=posting.published or entry.published)
    result, text = story(entry, source=source, section=section, zone=zone)
    if posting or is_job or section == "jobs":
        return as_job(result, entry, text)
    is_event = result.starts is not None
    return replace(result, kind=Kind.EVENT if is_event else Kind.POST, body="")


def _posting(page: FetchedPage) -> FeedEntry | None:
    """The vacancy that the page is about. Several are a list of jobs."""
    postings = [e for e in boards.embedded(page).entries if isinstance(e, FeedEntry)]
    return postings[0] if len(postings) == 1 else None


def _names_terms(story: Story) -> bool:
    """True for a vacancy that says when it closes or what it pays."""
    return bool(story.vacancy and (story.vacancy.closes or story.vacancy.salary))


def _may_come(status: int) -> bool:
    """True for a status with which a site says that it cannot answer now."""
    return status in {408, 425, 429} or status >= 500  # noqa: PLR2004 - 5xx


def _refusal(answer: PageVisit) -> str:
    is_trouble = answer.status >= _SERVER_ERROR
    away = "has trouble of its own; try again later" if is_trouble else "cannot be read"
    reason = _REFUSALS.get(answer.status, away)
    return f"{safe_text(answer.url)} {reason} (HTTP {answer.status})"


def _is_web_page(page: FetchedPage) -> bool:
    """True for HTML, by what the server says or, where it says nothing, by how it starts."""
    kind = page.content_type.partition(";")[0].strip().lower()
    if kind:
        return kind in {"text/html", "application/xhtml+xml"}
    return page.body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return ("", "", None)
    return (url.scheme, url.host, url.port)
