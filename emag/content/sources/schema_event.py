"""Reads schema.org events, as web pages describe them to search engines."""

from collections.abc import Iterator, Mapping
from typing import Any

from emag.content.events import venue
from emag.content.sources import clean, linked_data
from emag.content.sources.entry import EntryText, FeedEntry
from emag.content.sources.event_fields import EventFacts
from emag.content.sources.jsonfeed import is_object, text
from emag.content.sources.linked_data import Node, is_of_type, listed, resolved
from emag.content.sources.markup import unescaped
from emag.content.story import Kind, Picture
from emag.content.when.stamp import as_written

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}
_OFF = ("EventCancelled", "EventPostponed")
_LONGEST_NUMBER = 12  # characters of a price


def is_event(node: Node) -> bool:
    """True for an Event or any kind of it, such as MusicEvent."""
    kinds = [kind for kind in listed(node.get("@type")) if isinstance(kind, str)]
    return any(kind.isalpha() and kind.endswith("Event") for kind in map(_local, kinds))


def facts(event: Node, named: Mapping[str, Node]) -> EventFacts:
    """The facts of an event; `named` are the objects of its page that others refer to."""
    places = [resolved(value, named) for value in listed(event.get("location"))]
    is_virtual = [is_object(p) and is_of_type(p, "VirtualLocation") for p in places]
    real = next((p for p, virtual in zip(places, is_virtual, strict=True) if not virtual), None)
    where = venue.venue(_place(real, named))
    mode, status = _local(text(event, "eventAttendanceMode")), _local(text(event, "eventStatus"))
    is_online = mode.startswith(("Online", "Mixed")) or status == "EventMovedOnline"
    return EventFacts(
        starts=as_written(text(event, "startDate")),
        ends=as_written(text(event, "endDate")),
        place="" if mode.startswith("Online") else where.place,
        online=is_online or where.online or any(is_virtual),
        price=_price(event),
        cancelled=status in _OFF,
    )


def entry(event: Node, named: Mapping[str, Node], *, base: str) -> FeedEntry:
    """An event of a page of many, as an entry. One without an address links to `base`."""
    details = facts(event, named)
    images = (resolved(value, named) for value in listed(event.get("image")))
    addresses = (text(i, "url") or text(i, "contentUrl") if is_object(i) else i for i in images)
    return FeedEntry(
        links=tuple(filter(None, (text(event, "url"), text(event, "@id"), base))),
        base=base,
        guid=text(event, "@id") or text(event, "identifier") or text(event, "url"),
        title=EntryText(unescaped(text(event, "name"))),
        body=EntryText(unescaped(text(event, "description")), is_html=True),
        pictures=tuple(Picture(a) for a in addresses if isinstance(a, str) and a),
        starts=details.starts,
        ends=details.ends,
        place=details.place,
        online=details.online,
        price=details.price,
        cancelled=details.cancelled,
        kind=Kind.EVENT,
    )


def _local(name: str) -> str:
    """The last part of a name such as https://schema.org/EventCancelled."""
    return name.rpartition("/")[2]


def _place(value: Any, named: Mapping[str, Node]) -> str:
    """The name of a place and its town."""
    if not is_object(value):
        return next(linked_data.names(value), "")
    name = clean.line(unescaped(text(value, "name")), limit=venue.LONGEST_PLACE)
    address = resolved(value.get("address"), named)
    town = text(address, "addressLocality") if is_object(address) else ""
    if not town:
        written = next(linked_data.names(address), "") if address else ""
        return name if not written or name in written else ", ".join(filter(None, (name, written)))
    return name if town.casefold() in name.casefold() else ", ".join(filter(None, (name, town)))


def _price(event: Node) -> str:
    if event.get("isAccessibleForFree") in (True, "true", "True"):
        return "Free"
    prices: list[tuple[float, str]] = []
    for offer in listed(event.get("offers")):
        if is_object(offer):
            prices += _amounts(offer)
    if not prices:
        return ""
    low, high = min(prices), max(prices)
    if high[0] == 0:
        return "Free"
    first = "Free" if low[0] == 0 else _written(*low)
    return first if low == high else f"{first} to {_written(*high)}"


def _amounts(offer: Node) -> Iterator[tuple[float, str]]:
    currency = text(offer, "priceCurrency").upper()
    names = ("lowPrice", "highPrice") if "lowPrice" in offer else ("price",)
    for name in names:
        value = str(offer.get(name, ""))[:_LONGEST_NUMBER]
        try:
            amount = float(value.lstrip("£€$"))
        except ValueError:
            continue
        sign = value[:1] if value[:1] in "£€$" else ""
        if 0 <= amount < 100_000 and (amount == 0 or sign or currency):  # noqa: PLR2004 - money
            yield amount, sign or _SIGNS.get(currency, f"{currency} ")


def _written(amount: float, sign: str) -> str:
    return f"{sign}{amount:.0f}" if amount == int(amount) else f"{sign}{amount:.2f}"
