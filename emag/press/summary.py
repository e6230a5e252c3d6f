"""A story's summary: the source's as plain text, or an editor's own in short Markdown."""

from functools import lru_cache
from typing import Self

import nh3
from markdown_it import MarkdownIt
from markupsafe import escape

from emag.content.prose.shortening import shorten
from emag.issues.issue import Pick
from emag.issues.words import Field
from emag.press.plaintext import from_html
from emag.press.printable import clean, defuse

_TAGS = {"a", "strong", "em"}


class Summary(str):
    """Plain text where text is printed, `html` where a template prints HTML.

    Jinja2 asks a value for its HTML by this method (https://markupsafe.palletsprojects.com).
    """

    __slots__ = ("html",)
    html: str

    def __new__(cls, text: str, html: str | None = None) -> Self:
        summary = super().__new__(cls, text)
        summary.html = str(escape(text)) if html is None else html
        return summary

    def __html__(self) -> str:
        return self.html


def summary_of(pick: Pick, longest: int) -> Summary:
    """The source's summary shortened to `longest` characters; an editor's own is printed whole."""
    written = pick.words.get(Field.SUMMARY)
    if written is None:
        return Summary(shorten(clean(pick.story.summary), longest))
    markup = nh3.clean(
        _parser().renderInline(" ".join(defuse(written).split())),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return Summary(clean(from_html(markup)), defuse(markup))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": False})
