"""Makes text, addresses and pictures safe: one line, no control characters, absolute addresses."""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from emag.content.prose.shortening import shorten
from emag.content.story import LONGEST_LINK, Picture

LONGEST_TITLE = 300
LONGEST_SUMMARY = 400
# Most addresses of a feed are like this, and urljoin would take its time to change nothing.
_ABSOLUTE = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/[\w.~%@!$&'()*+,=:/-]*", re.ASCII)
_ROOTED = re.compile(r"/(?!/)[\w.~%@!$&'()*+,=:/-]*", re.ASCII)


def line(text: str, *, limit: int = LONGEST_TITLE) -> str:
    """Plain text on one line without control characters, at most `limit` characters long."""
    return shorten(" ".join(printable(text[: limit * 20]).split()), limit)


def picture(
    address: str, *, base: str, alt: str = "", width: str = "", height: str = ""
) -> Picture | None:
    """A usable picture; None for trackers, data: addresses and anything but https."""
    url = absolute(address, base=base)
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return None
    size = _pixels(width), _pixels(height)
    if set(size) & {1, 2} or len(url) > LONGEST_LINK:  # a tracking pixel
        return None
    return Picture(url, line(alt), *size)


def absolute(address: str, *, base: str) -> str:
    """The address resolved against `base`; empty if it cannot be made absolute."""
    if _ABSOLUTE.fullmatch(address):
        return address
    if _ROOTED.fullmatch(address) and "/." not in address and (origin := _origin(base)):
        return origin + address
    bare = "".join(printable(address).split()) if "\n" in address else printable(address).strip()
    if not bare:
        return ""
    try:
        joined = urljoin(base, bare)
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme == "mailto" or (parts.scheme in {"http", "https"} and parts.netloc):
        return joined.replace(" ", "%20")
    return ""


@lru_cache(maxsize=64)
def _origin(base: str) -> str:
    """The scheme and host of an address; empty for one that has none."""
    try:
        parts = urlsplit(base)
    except ValueError:
        return ""
    is_web = parts.scheme in {"http", "https"} and bool(parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if is_web else ""


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _pixels(value: str | None) -> int:
    digits = re.match(r"\s*(\d{1,5})(?![\d.%])", value or "")
    return int(digits[1]) if digits else 0


_DIRECTION = "\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
_HARMFUL = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_DIRECTION}]")
_DROPPED = re.compile(rf"[\ud800-\udfff{_DIRECTION}]")


def printable(text: str) -> str:
    """The text without control characters, lone surrogates and marks of writing direction."""
    if text.isascii() and text.isprintable():
        return text
    return _HARMFUL.sub(lambda char: "" if _DROPPED.match(char[0]) else " ", text)
