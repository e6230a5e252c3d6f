"""Reads what an Atom entry says in its own way: its addresses, its content and its authors.

https://www.rfc-editor.org/rfc/rfc4287
"""

from collections.abc import Iterable, Mapping
from typing import Any

from emag.content.story import Picture

_RELATION = "http://www.iana.org/assignments/relation/"  # before a name, it means the same
_HTML_TYPES = {"text/html", "application/xhtml+xml"}
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")


def addresses(entry: Any, *, language: str) -> list[str]:
    """The addresses of the story, the best first: web pages in the feed's language.

    Other relations (`related`, `via`, `replies`, `edit`, `self`) lead to other pages.
    """
    links = [link for link in entry.get("links", []) if _relation(link) == "alternate"]
    ranked = sorted(links, key=lambda link: _rank(link, language))
    sources = (item for item in entry.get("content", []) if item.get("type") in _HTML_TYPES)
    return [str(link.get("href") or "") for link in ranked] + [
        str(item.get("src") or "") for item in sources
    ]


def content(entry: Any) -> Mapping[str, Any] | None:
    """The content that is text; None where it stands elsewhere, or is a picture or other XML."""
    return next((item for item in entry.get("content", []) if _is_text(item)), None)


def pictures(entry: Any) -> Iterable[Picture]:
    """The pictures that the entry encloses, and the one that is its whole content."""
    for link in entry.get("links", []):
        address = str(link.get("href") or "")
        if _relation(link) == "enclosure" and _is_picture(str(link.get("type") or ""), address):
            yield Picture(address, str(link.get("title") or ""))
    for item in entry.get("content", []):
        if str(item.get("type") or "").startswith("image/") and item.get("src"):
            yield Picture(str(item["src"]))


def authors(person: Any) -> list[str]:
    """The names of all its authors: of an entry, of the source that it was taken from, or a feed.

    A name is plain text: what looks like an entity is none.
    """
    return [name for author in person.get("authors", []) if (name := str(author.get("name") or ""))]


def _relation(link: Mapping[str, Any]) -> str:
    return str(link.get("rel") or "alternate").strip().removeprefix(_RELATION).lower()


def _rank(link: Mapping[str, Any], language: str) -> tuple[bool, bool]:
    written = str(link.get("hreflang") or "")
    is_foreign = bool(written) and _main(written) != _main(language)
    return str(link.get("type") or "") not in _HTML_TYPES, is_foreign


def _main(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].strip().lower()


def _is_text(item: Mapping[str, Any]) -> bool:
    kind = str(item.get("type") or "text/plain")
    is_xml = kind.endswith(("/xml", "+xml")) and kind not in _HTML_TYPES
    is_text = kind.startswith("text/") or kind in _HTML_TYPES
    return bool(item.get("value")) and is_text and not is_xml


def _is_picture(kind: str, address: str) -> bool:
    """feedparser takes a link without a type for a web page."""
    ending = address.partition("?")[0].lower()
    return kind.startswith("image/") or (kind == "text/html" and ending.endswith(_PICTURES))
