"""Reads vacancies: the boards of Greenhouse and Lever, and schema.org's JobPosting."""

import html
from collections.abc import Mapping
from functools import partial
from typing import Any

from emag.content.sources.entry import EntryText, Feed, FeedEntry, read_each
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.jsonfeed import MOST_ENTRIES, is_object, text
from emag.content.sources.linked_data import (
    by_reference,
    documents,
    is_of_type,
    listed,
    names,
    objects,
    place,
    resolved,
)
from emag.content.story import Kind
from emag.content.when.stamp import from_milliseconds, moment

LARGEST_AMOUNT = 10**12  # of money


def read(document: Any, page: FetchedPage) -> Feed:
    """The vacancies of a JSON document, in whichever words each is."""
    nodes = list(objects(document))
    names_of = by_reference(nodes)
    vacancies = [node for node in nodes if named(node)][:MOST_ENTRIES]
    return Feed("", tuple(read_each(vacancies, partial(_entry, names_of=names_of, page=page))))


def embedded(page: FetchedPage) -> Feed:
    """The vacancies that a web page describes to search engines."""
    return read(documents(page.body), page)


def named(node: Mapping[str, Any]) -> str:
    """The format of a vacancy; empty for an object that is no vacancy."""
    if is_of_type(node, "JobPosting"):
        return "schema.org"
    if text(node, "absolute_url") and text(node, "title"):
        return "greenhouse"
    return "lever" if text(node, "hostedUrl") and text(node, "text") else ""


def _entry(node: Mapping[str, Any], names_of: Mapping[str, Any], page: FetchedPage) -> FeedEntry:
    name = named(node)
    if name == "schema.org":
        return posting(node, names_of, page)
    return _greenhouse(node, page) if name == "greenhouse" else _lever(node, page)


def _greenhouse(node: Mapping[str, Any], page: FetchedPage) -> FeedEntry:
    return FeedEntry(
        links=(text(node, "absolute_url"),),
        base=page.url,
        guid=_number(node.get("id")),
        title=EntryText(text(node, "title")),
        body=EntryText(html.unescape(text(node, "content")), is_html=True),  # it escapes its HTML
        published=moment(text(node, "first_published")) or moment(text(node, "updated_at")),
        categories=tuple(names(node.get("departments"))),
        more={
            "company": text(node, "company_name"),
            "location": next(iter(names(node.get("location"))), ""),
            "application_deadline": text(node, "application_deadline"),
        },
    )


def _lever(node: Mapping[str, Any], page: FetchedPage) -> FeedEntry:
    groups = node.get("categories")
    groups = groups if isinstance(groups, dict) else {}
    team = text(groups, "team") or text(groups, "department")
    return FeedEntry(
        links=(text(node, "hostedUrl"),),
        base=page.url,
        guid=text(node, "id"),
        title=EntryText(text(node, "text")),
        body=EntryText(_lever_body(node), is_html=True),
        published=from_milliseconds(node.get("createdAt")),
        categories=(team,) if team else (),
        more={
            "location": text(groups, "location"),
            "job_type": text(groups, "commitment"),
            "workplace": text(node, "workplaceType"),
            "salary": _range(node.get("salaryRange")) or text(node, "salaryDescriptionPlain"),
        },
    )


def _lever_body(node: Mapping[str, Any]) -> str:
    """The advert: Lever keeps its lists and its end apart."""
    lists = [part for part in listed(node.get("lists")) if is_object(part)]
    pieces = [
        text(node, "description") or text(node, "descriptionPlain"),
        *(f"<h3>{text(part, 'text')}</h3><ul>{text(part, 'content')}</ul>" for part in lists),
        text(node, "additional") or text(node, "additionalPlain"),
    ]
    return "\n".join(filter(None, pieces))


def posting(node: Mapping[str, Any], named: Mapping[str, Any], page: FetchedPage) -> FeedEntry:
    """A vacancy as schema.org describes it; `named` are the objects that it refers to."""
    links = (text(node, "url"), text(node, "sameAs"), text(node, "@id"))
    places = [place(resolved(x, named)) for x in listed(node.get("jobLocation"))]
    if not any(places) and "TELECOMMUTE" in str(node.get("jobLocationType")):
        places = ["Remote"]
    employers = (resolved(x, named) for x in listed(node.get("hiringOrganization")))
    return FeedEntry(
        links=tuple(
            link for link in links if link.lower().startswith(("http://", "https://", "/"))
        ),
        base=page.url,
        title=EntryText(text(node, "title") or text(node, "name"), is_html=True),
        body=EntryText(text(node, "description"), is_html=True),
        published=moment(text(node, "datePosted")),
        kind=Kind.JOB,
        more={
            "company": next((name for x in employers for name in names(x)), ""),
            "location": " / ".join(dict.fromkeys(name for name in places if name)),
            "closing_date": text(node, "validThrough"),
            "salary": _salary(node.get("baseSalary")),
            "job_type": ", ".join(names(node.get("employmentType"))).replace("_", " ").lower(),
            "workplace": "remote" if "TELECOMMUTE" in str(node.get("jobLocationType")) else "",
            "hours": text(node, "workHours"),
        },
    )


def _salary(value: Any) -> str:
    """A number or text as it is; a MonetaryAmount as “£30,000 – £35,000 a year”."""
    if isinstance(value, str) or _is_amount(value):
        return str(value)
    if not is_object(value) or not is_object(value.get("value")):
        return ""
    amount = value["value"]
    currency = text(value, "currency")
    sign = {"GBP": "£", "EUR": "€", "USD": "$"}.get(currency, f"{currency} ")
    bounds = [amount.get("minValue"), amount.get("maxValue")]
    bounds = bounds if any(bounds) else [amount.get("value")]
    sums = [f"{sign}{_round(bound)}" for bound in bounds if _is_amount(bound)]
    unit = text(amount, "unitText").lower()
    return " – ".join(dict.fromkeys(sums)) + (f" a {unit}" if sums and unit else "")


def _range(value: Any) -> str:
    """Lever's pay: “£30,000 – £35,000 a year”."""
    if not is_object(value):
        return ""
    bounds = {"minValue": value.get("min"), "maxValue": value.get("max")}
    unit = text(value, "interval").removeprefix("per-").removesuffix("-salary")
    return _salary({"currency": text(value, "currency"), "value": bounds | {"unitText": unit}})


def _round(amount: float) -> str:
    return f"{amount:,.2f}".removesuffix(".00")


def _is_amount(value: Any) -> bool:
    """True for a number that a salary can be."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 < value < LARGEST_AMOUNT


def _number(value: Any) -> str:
    return str(value) if isinstance(value, int) else ""
