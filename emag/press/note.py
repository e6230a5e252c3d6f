"""The editor's note: Markdown in, clean markup and plain text out."""

import re
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from emag.press.plaintext import from_html
from emag.press.proof import defuse

_TAGS = {"p", "a", "strong", "em", "ul", "ol", "li", "blockquote", "br"}
_HEADING = re.compile(r"<(/?)h[1-6]>")


@dataclass(frozen=True, slots=True)
class Note:
    html: Markup  # cleaned, well-formed
    text: str


def note(markdown: str) -> Note | None:
    """None where there is nothing to say. Markup in the Markdown is printed, not obeyed."""
    markup = _parser().render(defuse(markdown))
    # The page has one order of headings, and the note no place in it: its headings become bold.
    markup = _HEADING.sub(lambda m: "</strong></p>" if m[1] else "<p><strong>", markup)
    markup = nh3.clean(
        markup,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    markup = markup.replace("<br>", "<br />")  # MJML is read as XML
    text = from_html(markup)
    return Note(Markup(defuse(markup)), text) if text else None  # noqa: S704 - nh3 cleaned it


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": False})
