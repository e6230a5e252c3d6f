"""Reads what a web page says of itself in Open Graph, JSON-LD and meta elements, as an entry."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from emag.content.sources import clean
from emag.content.sources.entry import EntryText, FeedEntry
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.jsonfeed import is_object, text
from emag.content.sources.linked_data import (
    Node,
    by_reference,
    documents,
    is_of_type,
    listed,
    names,
    objects,
    resolved,
)
from emag.content.sources.markup import decoded, heading, inside, tags, unescaped, visible
from emag.content.sources.schema_article import is_article
from emag.content.sources.schema_event import facts as event_facts
from emag.content.sources.schema_event import is_event
from emag.content.story import Picture, canonical
from emag.content.when.stamp import moment

_TITLES = ("twitter:title", "dc.title", "dcterms.title")
_SUMMARIES = ("og:description", "description", "twitter:description", "dc.description")
_AUTHORS = ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "byl")
_DATES = (
    *("article:published_time", "og:published_time", "datepublished", "parsely-pub-date"),
    *("dcterms.issued", "dcterms.created", "dc.date.issued", "dc.date", "date", "pubdate"),
)
_PICTURES = (
    "og:image:secure_url",
    "og:image",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
)
# The name of an account is no by-line.
_ACCOUNT = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_NOBODY = frozenset(
    {"administrator", "site admin", "web editor", "webmaster", "web team", "editor", "unknown"}
    | {"anonymous", "guest", "author", "staff", "staff writer", "root", "user", "none", "null"}
)
_WORD = re.compile(r"\w+")
_EMPTY_WORDS = frozenset(
    {
        "the",
        "a",
        "an",
        "and",
        "of",
        "from",
        "at",
        "by",
        "for",
        "in",
        "on",
        "to",
        "about",
        "our",
        "all",
    }
    | {"news", "blog", "latest", "welcome", "home", "page", "website", "site", "article", "posts"}
)
_FORMATTING = re.compile(
    r"</?(?:p|br|div|span|strong|em|b|i|u|a|ul|li|h\d)\b[^<>]{0,300}>", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says of itself. `article` and `event` are its objects in JSON-LD, if any."""

    url: str
    markup: str  # what a reader sees
    meta: Mapping[str, str]
    links: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    times: tuple[str, ...] = ()
    article: Node = field(default_factory=dict)
    event: Node = field(default_factory=dict)
    named: Mapping[str, Node] = field(default_factory=dict)


def read(page: FetchedPage) -> FeedEntry:
    """The page as an entry. What it does not say is empty, its title too."""
    facts = _facts(page)
    title = _title(facts)
    main = inside(facts.markup, "article", "main", "body") or facts.markup
    at = event_facts(facts.event, facts.named)
    return FeedEntry(
        links=tuple(filter(None, (_address(facts), page.url))),
        base=facts.base,
        title=EntryText(title),
        summary=EntryText(_summary(facts, title)),
        body=EntryText(main, is_html=True),
        published=_published(facts),
        author=_author(facts),
        categories=tuple(_sections(facts)),
        pictures=tuple(_pictures(facts)),
        starts=at.starts,
        ends=at.ends,
        place=at.place,
        online=at.online,
        price=at.price,
        cancelled=at.cancelled,
    )


def tells_story(page: FetchedPage) -> bool:
    """True where the page says that it is an article or an event, or when it was published."""
    facts = _facts(page)
    is_named = is_article(facts.article) or facts.meta.get("og:type") == "article"
    return is_named or bool(facts.event) or _published(facts) is not None


def _facts(page: FetchedPage) -> PageFacts:
    markup = visible(decoded(page.body, page.content_type))
    meta: dict[str, str] = {}
    links: dict[str, str] = {}
    times, base = [], page.url
    for tag, attributes in tags(markup):
        if tag == "meta":
            name = next(filter(None, map(attributes.get, ("property", "name", "itemprop"))), "")
            if value := attributes.get("content", "").strip():
                meta.setdefault(name.lower(), value)
        elif tag == "link":
            for relation in attributes.get("rel", "").lower().split():
                links.setdefault(relation, attributes.get("href", ""))
        elif tag == "base":
            base = clean.absolute(attributes.get("href", ""), base=page.url) or base
        elif "pubdate" in attributes or attributes.get("itemprop", "") == "datePublished":
            times.append(attributes.get("datetime", ""))
    nodes = [node for document in documents(page.body) for node in objects(document)]
    article = next((n for n in nodes if is_article(n)), None)
    events = [n for n in nodes if is_event(n)]
    return PageFacts(
        page.url,
        markup,
        meta,
        links,
        base,
        tuple(times),
        article or next((n for n in nodes if is_of_type(n, "WebPage")), {}),
        events[0] if len(events) == 1 else {},  # several are a calendar
        by_reference(nodes),
    )


def _address(facts: PageFacts) -> str:
    """The page's own address for itself, where it can be one: many sites name their front page."""
    served = urlsplit(facts.url)
    for address in (facts.links.get("canonical", ""), facts.meta.get("og:url", "")):
        link = urlsplit(canonical(clean.absolute(address, base=facts.base)))
        is_same_site = _site(link.hostname) == _site(served.hostname) and link.port == served.port
        if is_same_site and (link.path.strip("/") or not served.path.strip("/")):
            return link.geturl()
    return ""


def _site(host: str | None) -> str:
    return (host or "").removeprefix("www.")


def _title(facts: PageFacts) -> str:
    """Its headline, without the name of the site after it."""
    headline = text(facts.article, "headline") or text(facts.event, "name")
    meta = facts.meta
    candidates = (meta.get("og:title", ""), unescaped(headline), *map(meta.get, _TITLES))
    lines = (clean.line(written) for written in candidates if written)
    named = next(filter(None, lines), "") or _heading(facts)
    site = facts.meta.get("og:site_name", "").strip()
    ending = rf"\s+[|–—·•»:-]+\s+{re.escape(site)}\s*$" if site else "$^"
    return re.sub(ending, "", named, flags=re.IGNORECASE)


def _heading(facts: PageFacts) -> str:
    """Its first heading, where that is part of its title; else its title."""
    first = clean.text_of(heading(facts.markup, "h1"))
    whole = clean.line(unescaped(heading(facts.markup, "title")))
    return first if first and (not whole or first in whole) else whole or first


def _summary(facts: PageFacts, title: str) -> str:
    """What the page says of itself, if it says more than its titles."""
    described = (facts.meta.get(name, "") for name in _SUMMARIES)
    of_article = (unescaped(text(node, "description")) for node in (facts.article, facts.event))
    titles = (title, heading(facts.markup, "title"), facts.meta.get("og:site_name", ""))
    titled = {word for line in titles for word in _WORD.findall(unescaped(line).casefold())}
    for written in (*described, *of_article):
        summary = clean.line(_FORMATTING.sub(" ", written), limit=2_000)
        if set(_WORD.findall(summary.casefold())) - titled - _EMPTY_WORDS:
            return summary
    return ""


def _published(facts: PageFacts) -> datetime | None:
    texts = (text(facts.article, "datePublished"), *map(facts.meta.get, _DATES), *facts.times)
    return next(filter(None, (moment(written) for written in texts if written)), None)


def _sections(facts: PageFacts) -> Iterator[str]:
    """The section of the site that the page stands in."""
    for value in (*listed(facts.article.get("articleSection")), facts.meta.get("article:section")):
        if isinstance(value, str):
            yield unescaped(value)


def _author(facts: PageFacts) -> str:
    """A person's name: no account's, no address, and not the name of the site."""
    authors = (resolved(x, facts.named) for x in listed(facts.article.get("author")))
    people = [x for x in authors if not (is_object(x) and is_of_type(x, "Organization"))]
    candidates = [" and ".join(dict.fromkeys(_people(people)))]
    candidates += [facts.meta.get(name, "") for name in _AUTHORS]
    return next(filter(None, (_byline(name, facts) for name in candidates)), "")


def _people(values: list[object]) -> Iterator[str]:
    return (unescaped(name) for name in names(values) if not _is_account(name))


def _byline(name: str, facts: PageFacts) -> str:
    name = re.sub(r"^by\s+", "", clean.line(name, limit=120), flags=re.IGNORECASE)
    site = facts.meta.get("og:site_name", "").strip().casefold()
    if "://" in name or "@" in name or name.casefold() == site or _is_account(name):
        return ""
    return name


def _is_account(name: str) -> bool:
    return bool(_ACCOUNT.fullmatch(name.strip())) or name.strip().casefold() in _NOBODY


def _pictures(facts: PageFacts) -> Iterator[Picture]:
    meta = facts.meta
    alt = meta.get("og:image:alt") or meta.get("twitter:image:alt", "")
    size = (_pixels(meta.get("og:image:width")), _pixels(meta.get("og:image:height")))
    for name in _PICTURES:
        if address := meta.get(name):
            yield Picture(address, alt, *(size if name.startswith("og:") else (0, 0)))
    for value in listed(facts.article.get("image")) + listed(facts.event.get("image")):
        image = resolved(value, facts.named)
        address = text(image, "url") or text(image, "contentUrl") if is_object(image) else image
        if isinstance(address, str) and address:
            yield Picture(address, text(image, "caption") if is_object(image) else "")
    if address := facts.links.get("image_src"):
        yield Picture(address)


def _pixels(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 6 else 0  # noqa: PLR2004 - pixels
