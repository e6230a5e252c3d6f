"""Vacancies in JSON: Greenhouse, Lever, and schema.org's JobPosting, alone or inside a page."""

import html
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from emag.content.sources.entry import Entry, Feed, Words, moment
from emag.content.sources.fetch import Page
from emag.content.sources.jsonfeed import MOST_ENTRIES, is_object, load, text

DEEPEST = 6  # lists and graphs inside each other
_NESTED = ("jobs", "postings", "@graph", "itemListElement", "item")


def read(page: Page) -> Feed | None:
    """The board's vacancies; None if this JSON is something else."""
    return _feed(load(page), page)


def embedded(page: Page) -> Feed | None:
    """The vacancies that a web page describes to search engines; None if it has none."""
    found = []
    for piece in page.body.split(b"<script")[1:MOST_ENTRIES]:
        head, _, rest = piece.partition(b">")
        if b"application/ld+json" not in head.lower():
            continue
        with suppress(ValueError, RecursionError):  # one broken script says nothing of the next
            found.append(json.loads(rest.partition(b"</script")[0]))
    return _feed(found, page) if found else None


def _feed(document: Any, page: Page) -> Feed | None:
    nodes = list(_objects(document, DEEPEST))
    known = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 1}
    entries = [entry for node in nodes if (entry := _entry(node, known, page))]
    board = is_object(document) and isinstance(document.get("jobs"), list)
    return Feed("", tuple(entries[:MOST_ENTRIES])) if entries or board else None


def _objects(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth - 1)
    elif isinstance(value, dict):
        yield value
        for name in _NESTED:
            if isinstance(value.get(name), (list, dict)):
                yield from _objects(value[name], depth - 1)


def _entry(node: Mapping[str, Any], known: Mapping[str, Any], page: Page) -> Entry | None:
    kinds = node.get("@type")
    if kinds == "JobPosting" or (isinstance(kinds, list) and "JobPosting" in kinds):
        return _posting(node, known, page)
    if text(node, "absolute_url") and text(node, "title"):
        return _greenhouse(node, page)
    if text(node, "hostedUrl") and text(node, "text"):
        return _lever(node, page)
    return None


def _greenhouse(node: Mapping[str, Any], page: Page) -> Entry:
    return Entry(
        links=(text(node, "absolute_url"),),
        base=page.url,
        title=Words(text(node, "title")),
        body=Words(html.unescape(text(node, "content")), is_html=True),  # it escapes its HTML
        published=moment(text(node, "first_published")) or moment(text(node, "updated_at")),
        categories=tuple(_names(node.get("departments"))),
        more={
            "company": text(node, "company_name"),
            "location": next(iter(_names(node.get("location"))), ""),
            "application_deadline": text(node, "application_deadline"),
        },
    )


def _lever(node: Mapping[str, Any], page: Page) -> Entry:
    groups = node.get("categories")
    groups = groups if isinstance(groups, dict) else {}
    team = text(groups, "team") or text(groups, "department")
    return Entry(
        links=(text(node, "hostedUrl"),),
        base=page.url,
        title=Words(text(node, "text")),
        body=Words(text(node, "description") or text(node, "descriptionPlain"), is_html=True),
        published=_from_milliseconds(node.get("createdAt")),
        categories=(team,) if team else (),
        more={"location": text(groups, "location")},
    )


def _posting(node: Mapping[str, Any], known: Mapping[str, Any], page: Page) -> Entry:
    links = (text(node, "url"), text(node, "sameAs"), text(node, "@id"))
    places = [_place(_resolved(place, known)) for place in _each(node.get("jobLocation"))]
    if not any(places) and "TELECOMMUTE" in str(node.get("jobLocationType")):
        places = ["Remote"]
    employers = (_resolved(x, known) for x in _each(node.get("hiringOrganization")))
    return Entry(
        links=tuple(
            link for link in links if link.lower().startswith(("http://", "https://", "/"))
        ),
        base=page.url,
        title=Words(text(node, "title") or text(node, "name"), is_html=True),
        body=Words(text(node, "description"), is_html=True),
        published=moment(text(node, "datePosted")),
        more={
            "company": next((name for x in employers for name in _names(x)), ""),
            "location": " / ".join(dict.fromkeys(place for place in places if place)),
            "closing_date": text(node, "validThrough"),
            "salary": _salary(node.get("baseSalary")),
        },
    )


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resolved(value: Any, known: Mapping[str, Any]) -> Any:
    """An object that is only a reference stands for the one it names."""
    if is_object(value) and set(value) <= {"@id", "@type"}:
        return known.get(str(value.get("@id")))
    return value


def _names(value: Any) -> Iterator[str]:
    """Names of an object, a list or a string; an address is no name."""
    for item in _each(value):
        name = text(item, "name") if is_object(item) else item
        if isinstance(name, str) and name.strip() and "://" not in name:
            yield name.strip()


def _place(value: Any) -> str:
    if not is_object(value):
        return next(_names(value), "")
    address = value.get("address")
    if not is_object(address):
        return next(_names(address), "") or next(_names(value), "")
    country = address.get("addressCountry")
    parts = [text(address, "addressLocality"), text(address, "addressRegion")]
    parts = [part for part in parts if part] or list(_names(country))
    return ", ".join(dict.fromkeys(parts)) or next(_names(value), "")


def _salary(value: Any) -> str:
    """A number or words as they are; a MonetaryAmount as “£30,000 – £35,000 a year”."""
    if isinstance(value, (str, int, float)):
        return str(value)
    if not is_object(value) or not is_object(value.get("value")):
        return ""
    amount = value["value"]
    currency = text(value, "currency")
    sign = {"GBP": "£", "EUR": "€", "USD": "$"}.get(currency, f"{currency} ")
    bounds = [amount.get("minValue"), amount.get("maxValue")]
    bounds = bounds if any(bounds) else [amount.get("value")]
    sums = [f"{sign}{_round(bound)}" for bound in bounds if isinstance(bound, (int, float))]
    unit = text(amount, "unitText").lower()
    return " – ".join(dict.fromkeys(sums)) + (f" a {unit}" if sums and unit else "")


def _round(amount: float) -> str:
    return f"{amount:,.2f}".removesuffix(".00")


def _from_milliseconds(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(value / 1000, tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
