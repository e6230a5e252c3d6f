"""Filters for templates: the direction of a text, and sizes for titles of any length."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Any

from jinja2 import pass_context
from markupsafe import Markup, escape

from emag.press.plaintext import columns

LONGEST_WORD = 17  # a longer word would fill a line of a large title on a phone
UNBROKEN = 24  # columns that fit beside a job's title
_RUNS = {"L": "ltr", "R": "rtl", "AL": "rtl"}  # Unicode's classes of letters
_AROUND_NUMBERS = re.compile(r" (?=\d|£|€|\$)|(?<=\d) ")


def direction(text: str) -> str:
    """“rtl” or “ltr” as most letters run, or the first one of as many; "" for a text without."""
    runs = [_RUNS[name] for name in map(unicodedata.bidirectional, text) if name in _RUNS]
    counts = Counter(runs)
    return max(counts, key=counts.__getitem__) if counts else ""


@pass_context
def foreign(context: Mapping[str, Any], text: object) -> Markup:
    """The attribute `dir` for a text that runs against the direction of the mail, else nothing."""
    runs = direction(text.striptags() if isinstance(text, Markup) else str(text))
    if not runs or runs == context["direction"]:
        return Markup()
    return Markup(f' dir="{runs}"')  # noqa: S704 - one of two constants


def step(text: object, longest: int) -> Markup:
    """The class `less`, a size smaller, for a title with over `longest` columns or a long word."""
    title = str(text)
    is_long = columns(title) > longest or any(map(_is_long, title.split()))
    return Markup(" less") if is_long else Markup()


@pass_context
def glued(context: Mapping[str, Any], text: object) -> Markup:
    """A salary or a date that is not broken: on one line if short, else around its numbers."""
    words, runs = str(text), foreign(context, text)
    if context["direction"] == "rtl" and not direction(words):
        runs = Markup(' dir="ltr"')  # numbers alone, such as a salary from and to
    if columns(words) <= UNBROKEN:
        return Markup('<span class="whole"{}>{}</span>').format(runs, words)
    glued_words = _AROUND_NUMBERS.sub("\u00a0", words)
    return Markup("<span{}>{}</span>").format(runs, glued_words) if runs else escape(glued_words)


def _is_long(word: str) -> bool:
    """True for a long word. Wide characters are no words: lines may break between any two."""
    return LONGEST_WORD < len(word) == columns(word)
