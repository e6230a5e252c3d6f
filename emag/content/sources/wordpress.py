"""Reads the REST interface of WordPress: its posts, and the vacancies of WP Job Manager."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

from emag.content.sources.entry import EntryText, Feed, FeedEntry, read_each
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.jsonfeed import MOST_ENTRIES, is_object, text
from emag.content.sources.linked_data import as_object, listed
from emag.content.story import Picture
from emag.content.when.stamp import moment

_JOB_TYPES = "job_listing_type"  # the taxonomy that holds “Full time”, “Freelance” and the like
_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}
LONGEST_AMOUNT = 10  # digits
LARGEST_SIZE = 100_000  # pixels
_FILLED = "<p>This position has been filled.</p>"  # what the plugin writes on the page


def is_post(value: object) -> bool:
    """True for a post of any type: its title is an object, and its link is the page."""
    node = as_object(value)
    return bool(_rendered(node, "title") and text(node, "link"))


def read(document: Any, page: FetchedPage) -> Feed:
    """The posts of a list, or a post alone."""
    posts = [node for node in islice(listed(document), MOST_ENTRIES) if is_post(node)]
    return Feed("", tuple(read_each(posts, partial(_entry, page=page))))


def _entry(node: Mapping[str, Any], page: FetchedPage) -> FeedEntry:
    meta = node.get("meta")
    fields = {name.removeprefix("_"): value for name, value in _fields(meta)}
    terms = list(_terms(node))
    filled = _FILLED if fields.get("filled") in {"1", "true"} else ""
    types = [name for name, taxonomy in terms if taxonomy == _JOB_TYPES]
    return FeedEntry(
        links=(text(node, "link"),),
        base=page.url,
        guid=_rendered(node, "guid"),
        title=EntryText(_rendered(node, "title"), is_html=True),
        summary=EntryText(_rendered(node, "excerpt"), is_html=True),
        body=EntryText(_rendered(node, "content") + filled, is_html=True),
        published=_published(node),
        author=next((text(author, "name") for author in _embedded(node, "author")), ""),
        categories=tuple(name for name, taxonomy in terms if taxonomy != _JOB_TYPES),
        pictures=tuple(_pictures(node)),
        more=fields
        | {
            "job_type": ", ".join(types),
            "job_salary": _salary(fields),
            "workplace": "remote" if fields.get("remote_position") in {"1", "true"} else "",
        },
    )


def _rendered(node: Mapping[str, Any], name: str) -> str:
    return text(as_object(node.get(name)), "rendered")


def _published(node: Mapping[str, Any]) -> Any:
    """WordPress writes its times in UTC, and does not say so."""
    return moment(text(node, "date_gmt")) or moment(text(node, "date"))


def _fields(meta: Any) -> Iterator[tuple[str, str]]:
    """The fields of a plugin. A number says yes or no."""
    for name, value in as_object(meta).items():
        if isinstance(value, (str, int)):
            yield name, str(value).strip().lower() if isinstance(value, bool) else str(value)


def _salary(fields: Mapping[str, str]) -> str:
    """“£30,000 a year”. An amount without a currency is given as it is written."""
    amount = fields.get("job_salary", "").strip()
    currency = fields.get("job_salary_currency", "").strip()
    unit = fields.get("job_salary_unit", "").strip().lower()
    if amount.isascii() and amount.isdecimal() and len(amount) < LONGEST_AMOUNT:
        amount = f"{int(amount):,}"
    if amount[:1].isdigit() and currency:
        amount = _SIGNS.get(currency, f"{currency} ") + amount
    return f"{amount} a {unit}" if amount and unit else amount


def _embedded(node: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The objects that WordPress adds to a post where it is asked to (`_embed`)."""
    for value in listed(as_object(node.get("_embedded")).get(name)):
        if is_object(value):
            yield value


def _terms(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each term of the post, and the taxonomy that it belongs to."""
    for terms in listed(as_object(node.get("_embedded")).get("wp:term")):
        for term in listed(terms):
            if is_object(term) and (name := text(term, "name")):
                yield name, text(term, "taxonomy")


def _pictures(node: Mapping[str, Any]) -> Iterator[Picture]:
    for media in _embedded(node, "wp:featuredmedia"):
        sizes = as_object(media.get("media_details"))
        if address := text(media, "source_url"):
            size = (_pixels(sizes.get("width")), _pixels(sizes.get("height")))
            yield Picture(address, text(media, "alt_text"), *size)
    if address := text(node, "jetpack_featured_media_url"):
        yield Picture(address)


def _pixels(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 < value < LARGEST_SIZE else 0
