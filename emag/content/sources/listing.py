"""Reads a web page that lists stories in JSON-LD: articles, events, vacancies, or only links."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from emag.content.pages.page import Links
from emag.content.sources import boards, clean, schema_article, schema_event
from emag.content.sources.entry import Feed, FeedEntry, read_each
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.jsonfeed import MOST_ENTRIES, is_object, text
from emag.content.sources.linked_data import (
    Node,
    by_reference,
    is_of_type,
    listed,
    objects,
    resolved,
)
from emag.content.story import canonical

MOST_LINKS = 100  # pages that a list names and does not describe
# What a list says of something that it only names.
_NAMES = {"@type", "@id", "@context", "url", "sameAs", "name", "title", "position", "identifier"}
_LISTS = ("blogPost", "hasPart", "event", "events")  # beside those that `objects` looks into


def read(documents: Sequence[Any], page: FetchedPage, *, vacancies: bool) -> Feed | None:
    """What the page describes; None where it describes no story and lists no page."""
    nodes = list(_described(documents))
    named = by_reference(nodes)
    stories = _stories(nodes, vacancies=vacancies)
    entries = tuple(read_each(stories, lambda node: _entry(node, named, page)))
    thin = [_address(node) for node in stories if _is_thin(node)]
    addresses = islice((*thin, *_listed_links(nodes, named)), MOST_ENTRIES)
    links = _followed(addresses, page)
    if not entries and not links:
        return None
    return Feed("", entries, links=Links(links, are_jobs=vacancies))


def _described(documents: Sequence[Any]) -> Iterator[Node]:
    """Every object, also those inside a blog, a series or a collection of pages."""
    for document in documents:
        for node in islice(objects(document), MOST_ENTRIES * 4):
            yield node
            for name in _LISTS:
                if name in node:
                    yield from objects(node[name])


def _stories(nodes: Sequence[Node], *, vacancies: bool) -> list[Node]:
    """The articles, events and vacancies that the page describes, each once."""
    stories = {id(node): node for node in nodes if _is_story(node)}.values()
    wanted = (node for node in stories if is_of_type(node, "JobPosting") or not vacancies)
    return list(islice(wanted, MOST_ENTRIES))


def _is_story(node: Node) -> bool:
    is_kind = is_of_type(node, "JobPosting") or schema_event.is_event(node)
    is_reference = set(node) <= {"@type", "@id", "@context"}
    return not is_reference and (is_kind or schema_article.is_article(node))


def _is_thin(node: Node) -> bool:
    """True where the page of a vacancy or an event must be read, for the list only names it."""
    is_kind = is_of_type(node, "JobPosting") or schema_event.is_event(node)
    return is_kind and not {name for name, value in node.items() if value} - _NAMES


def _entry(node: Node, named: Mapping[str, Node], page: FetchedPage) -> FeedEntry:
    if is_of_type(node, "JobPosting"):
        return boards.posting(node, named, page)
    if schema_event.is_event(node):
        event = schema_event.entry(node, named, base=page.url)
        return replace(event, links=tuple(link for link in event.links if link != page.url))
    return schema_article.entry(node, named, base=page.url)


def _listed_links(nodes: Sequence[Node], named: Mapping[str, Node]) -> Iterator[str]:
    """The addresses of what the lists of the page name without describing it."""
    for node in nodes:
        elements = listed(node.get("itemListElement"))[:MOST_ENTRIES]
        items = [_item(item, named) for item in elements]
        is_list = is_of_type(node, "ItemList") and not any(map(_is_navigation, items))
        for item in items if is_list else ():
            if isinstance(item, str):
                yield item
            elif is_object(item) and not _is_story(item):
                yield _address(item)


def _item(item: Any, named: Mapping[str, Node]) -> Any:
    """What an element of a list is about."""
    if is_object(item) and is_of_type(item, "ListItem") and item.get("item"):
        return resolved(item["item"], named) or item["item"]
    return item


def _is_navigation(item: Any) -> bool:
    return is_object(item) and is_of_type(item, "SiteNavigationElement")


def _address(node: Node) -> str:
    return text(node, "url") or text(node, "@id")


def _followed(addresses: Iterable[str], page: FetchedPage) -> tuple[str, ...]:
    """The pages to read: not the list itself, nor the front page of a site."""
    links = dict.fromkeys(canonical(clean.absolute(a, base=page.url)) for a in addresses)
    here = canonical(page.url)
    pages = (link for link in links if link not in {"", here} and urlsplit(link).path.strip("/"))
    return tuple(islice(pages, MOST_LINKS))
