"""Finds elements in the markup of a web page, in time that grows with its length alone."""

import html
import re
from collections.abc import Iterator, Mapping

LONGEST_PAGE = 1_000_000  # characters; what a page says of itself stands near its start
LONGEST_TAG = 10_000
MOST_TAGS = 1_000
_LONGEST_TEXT = 3_000  # of a heading

_HIDDEN = re.compile(
    r"<!--|<(script|style|template|noscript|textarea|svg|xmp|iframe)\b", re.IGNORECASE
)
_OPENING = re.compile(r"<(meta|link|base|time)\b", re.IGNORECASE)
_REST = re.compile(r"((?:[^>=]++|=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|=)*+)>")
_ATTRIBUTE = re.compile(
    r"([^\s\"'<>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>][^\s>]*+)))?"
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]{2,30})", re.IGNORECASE)
_DOUBLE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|quot|apos|lt|gt|nbsp|hellip|[lr][sd]quo);")


def decoded(body: bytes, content_type: str) -> str:
    """The start of a page as text: by its header, its meta element, or else as UTF-8."""
    header = _CHARSET.search(content_type.encode(errors="replace"))
    declared = header or _CHARSET.search(body[:4096])
    for encoding in (declared[1].decode() if declared else "utf-8", "utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding)[:LONGEST_PAGE].replace("\0", "")
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return body.decode(errors="replace")[:LONGEST_PAGE].replace("\0", "")


def visible(markup: str) -> str:
    """The markup without comments, scripts, styles and the like."""
    pieces, at = [], 0
    while hidden := _HIDDEN.search(markup, at):
        pieces.append(markup[at : hidden.start()])
        ending = re.compile(rf"</{hidden[1]}\b[^>]*>" if hidden[1] else "-->", re.IGNORECASE)
        end = ending.search(markup, hidden.end())
        if end is None:
            return "".join(pieces)
        at = end.end()
    return "".join([*pieces, markup[at:]])


def tags(markup: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The meta, link, base and time elements in order, with their attributes."""
    at = 0
    for _ in range(MOST_TAGS):
        opening = _OPENING.search(markup, at)
        if opening is None:
            return
        at = opening.end()
        if rest := _REST.match(markup, at, at + LONGEST_TAG):
            at = rest.end()
            yield opening[1].lower(), _attributes(rest[1])


def inside(markup: str, *names: str) -> str:
    """What stands inside the first element that has one of these names, the best name first."""
    for name in names:
        opening = re.search(rf"<{name}\b[^>]{{0,{LONGEST_TAG}}}>", markup, re.IGNORECASE)
        if opening:
            ending = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(markup, opening.end())
            return markup[opening.end() : ending.start() if ending else len(markup)]
    return ""


def heading(markup: str, name: str) -> str:
    """The markup of the first heading or title; empty where it has no end."""
    text = inside(markup, name)
    return text if len(text) <= _LONGEST_TEXT else ""


def unescaped(text: str) -> str:
    """The text without entities. Many sites escape twice."""
    once = html.unescape(text)
    return html.unescape(once) if _DOUBLE.search(once) else once


def _attributes(text: str) -> Mapping[str, str]:
    attributes: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        attributes.setdefault(match[1].lower(), unescaped(value))
    return attributes
