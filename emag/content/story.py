"""A story: a post, a job or an event of a source, with its canonical link and fingerprint."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from emag.content.vacancies.vacancy import Vacancy

LONGEST_LINK = 2000  # a longer one fits neither an index nor some mail programs


class Kind(StrEnum):
    POST = "post"
    JOB = "job"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by absolute https (or loopback http) address; sizes in CSS pixels, 0 if unknown.

    `alt` is "" where the source does not describe the picture: no title and no file name is there.
    """

    url: str
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """A story as a source gives it, made safe: plain text, or HTML that nh3 has cleaned.

    `link` is canonical. The page that it leads to is the story's identity across all sources.
    `guid` is the source's own name for the story, if it has one. Times are aware UTC.
    """

    source: str
    kind: Kind
    link: str
    title: str
    summary: str = ""  # plain text, at most 400 characters
    body: str = ""  # cleaned HTML
    published: datetime | None = None
    picture: Picture | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    featured: bool = False
    starts: datetime | None = None  # events; local midnight stands for a day without a time
    place: str = ""  # events
    vacancy: Vacancy | None = None  # jobs
    guid: str = ""
    kicker: str = ""  # the category that is printed above the title
    other_pictures: tuple[Picture, ...] = ()  # they stand in for one that cannot be printed
    ends: datetime | None = None  # events; local midnight of the last day where none has a time
    online: bool = False  # events: one can take part from anywhere
    price: str = ""  # events
    cancelled: bool = False  # events
    shares_link: bool = False  # its link leads to a page about other stories too

    @property
    def identity(self) -> str:
        """What the link leads to; its guid tells stories apart that share a link."""
        name = hashlib.sha256(self.guid.encode()).hexdigest()[:32] if self.shares_link else ""
        return identity_of(self.link) + (f"#{name}" if name else "")

    @property
    def where(self) -> str:
        """The place of an event as it is printed."""
        if self.online:
            return f"{self.place} and online" if self.place else "Online"
        return self.place

    @property
    def fingerprint(self) -> str:
        """SHA-256, hex, of all that a reader sees: it changes when the story is edited."""
        printed = {key: v for key, v in to_dict(self).items() if key not in {"source", "guid"}}
        return hashlib.sha256(json.dumps(printed, sort_keys=True).encode()).hexdigest()


def identity_of(link: str) -> str:
    """The link without what may change while the page stays: scheme, www, a last slash."""
    rest = link.partition("://")[2].removeprefix("www.")
    path, mark, query = rest.partition("?")
    return path.rstrip("/") + mark + query


# Parameters that say where a reader came from, not which page is meant.
_TRACKING = re.compile(
    r"(utm|mtm|pk|piwik|hsa)_\w+|at_(medium|campaign)|_hs(enc|mi)|mc_[ce]id|wt_mc|mkt_tok|vero_(id|conv)|wickedid"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|igshid|igsh|yclid|twclid|ttclid|li_fat_id"
    r"|oly_(enc|anon)_id|_openstat|source=rss-.*",
    re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}
_BLANKS = re.compile(
    r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")


def canonical(link: str) -> str:
    """One form for every way to write the same address; empty if it is no web address.

    Scheme and host are in lower case. Credentials, default port, fragment and tracking parameters
    are dropped. Everything else is percent-encoded and otherwise kept (RFC 3986, section 6.2).
    """
    if len(link) > 2 * LONGEST_LINK:
        return ""
    try:
        parts = urlsplit(_tidy(link))
        scheme, host = parts.scheme.lower(), _host(parts)
        port = parts.port
    except ValueError:
        return ""
    if scheme not in _PORTS or not host:
        return ""
    place = host if port in {None, _PORTS[scheme]} else f"{host}:{port}"
    query = "&".join(p for p in parts.query.split("&") if p and not _is_tracking(p))
    address = urlunsplit((scheme, place, _encoded(parts.path) or "/", _encoded(query), ""))
    return address if len(address) <= LONGEST_LINK else ""


def _tidy(link: str) -> str:
    """Drops blanks at both ends and encodes those inside: feeds wrap long addresses."""
    inner = re.sub(r"[\r\n\t]+", "", link)
    start = re.sub(rf"^{_BLANKS.pattern}+|{_BLANKS.pattern}+$", "", inner)
    return start.replace(" ", "%20")


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        host = host.encode("idna").decode("ascii").lower().rstrip(".")
    return host if _HOST.fullmatch(host) else ""


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0]
    return bool(_TRACKING.fullmatch(name) or _TRACKING.fullmatch(parameter))


def _encoded(text: str) -> str:
    whole = _STRAY_PERCENT.sub("%25", text)
    return quote(whole, safe="%/:@!$&'()*+,;=~?-._", errors="replace")


def to_dict(story: Story) -> dict[str, object]:
    """The story in a form that JSON can hold; `from_dict` gives the same story back."""
    data = _fields(story)  # asdict copies every value, which takes longer than all the rest
    data["kind"] = story.kind.value
    data["categories"] = list(story.categories)
    data["picture"] = _fields(story.picture) if story.picture else None
    data["other_pictures"] = [_fields(picture) for picture in story.other_pictures]
    data["vacancy"] = _fields(story.vacancy) if story.vacancy else None
    for name in ("published", "starts", "ends"):
        data[name] = data[name] and data[name].isoformat()
    if data["vacancy"]:
        closes = data["vacancy"]["closes"]
        data["vacancy"]["closes"] = closes and closes.isoformat()
        at = data["vacancy"]["closes_at"]
        data["vacancy"]["closes_at"] = at and at.isoformat()
    return data


def _fields(value: Story | Picture | Vacancy) -> dict[str, Any]:
    shape: type = type(value)
    return {name: getattr(value, name) for name in _names(shape)}


def from_dict(data: Mapping[str, Any]) -> Story:
    """A story from its stored form. A field that this version does not know is ignored."""
    values = _values(Story, data)
    values["kind"] = Kind(values["kind"])
    values["categories"] = tuple(values.get("categories") or ())
    for name in ("published", "starts", "ends"):
        values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
    if picture := values.get("picture"):
        values["picture"] = Picture(**_values(Picture, picture))
    others = values.get("other_pictures") or ()
    values["other_pictures"] = tuple(Picture(**_values(Picture, other)) for other in others)
    if vacancy := values.get("vacancy"):
        facts = _values(Vacancy, vacancy)
        facts["closes"] = date.fromisoformat(facts["closes"]) if facts.get("closes") else None
        at = facts.get("closes_at")
        facts["closes_at"] = datetime.fromisoformat(at) if at else None
        values["vacancy"] = Vacancy(**facts)
    return Story(**values)


def _values(shape: type, data: Mapping[str, Any]) -> dict[str, Any]:
    names = _names(shape)
    return {name: value for name, value in data.items() if name in names}


@cache
def _names(shape: type) -> frozenset[str]:
    return frozenset(field.name for field in fields(shape))
