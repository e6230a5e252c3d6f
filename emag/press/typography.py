"""Filters for templates: the direction of a text, and sizes for titles of any length."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from jinja2 import pass_context
from markupsafe import Markup, escape

from emag.press.language import direction_of
from emag.press.plaintext import columns

LONGEST_WORD = 17  # a longer word would fill a line of a large title on a phone
UNBROKEN = 24  # columns that fit beside a job's title
_RUNS = {"L": "ltr", "R": "rtl", "AL": "rtl"}  # Unicode's classes of letters
# Where Unicode has letters that run from right to left, and where it leaves room for more.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_AROUND_NUMBERS = re.compile(r" (?=\d|£|€|\$)|(?<=\d) |(?<=\d\.) ")


def directions(text: str) -> list[str]:
    """“rtl” or “ltr” for each letter that has a direction."""
    return [_RUNS[name] for name in map(unicodedata.bidirectional, text) if name in _RUNS]


@pass_context
def foreign(context: Mapping[str, Any], text: object) -> Markup:
    """The attribute `dir` for a text that runs against the direction of the mail, else nothing.

    Its first letter and most of its letters do: a name from elsewhere turns no sentence round.
    """
    plain = text.striptags() if isinstance(text, Markup) else str(text)
    if context["direction"] == "ltr" and _RIGHT_TO_LEFT.search(plain) is None:
        return Markup()  # as most texts: no letter of theirs need be looked at
    runs = directions(plain)
    against = [run for run in runs if run != context["direction"]]
    if not runs or runs[0] == context["direction"] or len(against) <= len(runs) / 2:
        return Markup()
    return Markup(f' dir="{runs[0]}"')  # noqa: S704 - one of two constants


@pass_context
def spoken(context: Mapping[str, Any], key: str) -> Markup:
    """The attributes `lang` and `dir` for a text of the words files in another language, else none.

    A text is in English where the file of the mail's language lacks it.
    """
    language = context["say"].language_of(key)
    if language == context["language"]:
        return Markup()
    runs = direction_of(language)
    runs = f' dir="{runs}"' if runs != context["direction"] else ""
    return Markup(f' lang="{language}"{runs}')  # noqa: S704 - both are our own


def step(text: object, longest: int) -> Markup:
    """The class `less`, a size smaller, for a title with over `longest` columns or a long word."""
    title = str(text)
    is_long = columns(title) > longest or any(map(_is_long, title.split()))
    return Markup(" less") if is_long else Markup()


@pass_context
def glued(context: Mapping[str, Any], text: object) -> Markup:
    """A salary or a date that is not broken: on one line if short, else around its numbers.

    What a label such as “Closing date:” introduces stays on one line by itself.
    """
    words, runs = str(text), foreign(context, text)
    if context["direction"] == "rtl" and not directions(words):
        runs = Markup(' dir="ltr"')  # numbers alone, such as a salary from and to
    if columns(words) <= UNBROKEN:
        return Markup('<span class="whole"{}>{}</span>').format(runs, words)
    label, colon, fact = words.rpartition(": ")
    if colon and columns(fact) <= UNBROKEN:
        return Markup('{}: <span class="whole"{}>{}</span>').format(label, runs, fact)
    glued_words = _AROUND_NUMBERS.sub("\u00a0", words)
    return Markup("<span{}>{}</span>").format(runs, glued_words) if runs else escape(glued_words)


def _is_long(word: str) -> bool:
    """True for a long word. Wide characters are no words: lines may break between any two."""
    return LONGEST_WORD < len(word) == columns(word)
