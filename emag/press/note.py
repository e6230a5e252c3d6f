"""Turns the editor's note from Markdown into clean HTML and plain text."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from emag.press.plaintext import from_html
from emag.press.printable import defuse

_TAGS = {"p", "a", "strong", "em", "ul", "ol", "li", "blockquote", "br"}
_SCHEMES = frozenset({"http", "https", "mailto"})
_HEADING = re.compile(r"<(/?)h[1-6]>")


@dataclass(frozen=True, slots=True)
class Note:
    """An editor's note in both forms; `html` is sanitised and well-formed XML."""

    html: Markup
    text: str


def note(markdown: str, *, schemes: AbstractSet[str] = _SCHEMES) -> Note | None:
    """Returns None for an empty note. HTML inside the Markdown is escaped and shown as text.

    A link of none of the `schemes` is printed as text.
    """
    markup = _parser().render(defuse(markdown))
    # A heading in the note would break the heading order, so it becomes bold text.
    markup = _HEADING.sub(lambda m: "</strong></p>" if m[1] else "<p><strong>", markup)
    markup = nh3.clean(
        markup,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=set(schemes),
        link_rel=None,
    )
    markup = markup.replace("<br>", "<br />")  # MJML must be XML
    text = from_html(markup)
    return Note(Markup(defuse(markup)), text) if text else None  # noqa: S704 - nh3 cleaned it


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": False})
