"""A printed mail in light and in dark, for a reader who does not exist."""

import re
from collections.abc import Collection
from typing import Literal

from emag.press import document, topics
from emag.press.document import Document
from emag.settings import Settings

Scheme = Literal["light", "dark"]

_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.IGNORECASE | re.DOTALL)
_MEDIA = re.compile(r"\bmedia=(?:\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_META = re.compile(
    r"<meta\b[^>]*name=[\"']?(?:supported-)?color-schemes?[\"']?[^>]*>", re.IGNORECASE
)
_HEAD_ENDS = re.compile(r"</head\s*>", re.IGNORECASE)


def as_seen(html: str, scheme: Scheme) -> str:
    """The mail for somebody whose device is in `scheme`, whatever this browser is in.

    A frame cannot be told a colour scheme, so the question is answered in the style sheets: the
    media feature that holds becomes one that always holds, the other one that never does.
    """

    def answer(question: re.Match[str]) -> str:
        return "(min-width: 0)" if question[1].lower() == scheme else "(max-width: 0)"

    # Only where CSS stands: a story may well write about prefers-color-scheme.
    html = _STYLE.sub(lambda style: style[1] + _SCHEME.sub(answer, style[2]) + style[3], html)
    html = _MEDIA.sub(lambda media: _SCHEME.sub(answer, media[0]), html)
    told = f'<meta name="color-scheme" content="{scheme}">'
    told += f"<style>:root {{ color-scheme: only {scheme}; }}</style></head>"
    return _HEAD_ENDS.sub(told, _META.sub("", html), count=1)


def chosen(printed: Document, choice: Collection[str], settings: Settings) -> Document | None:
    """What a reader of these topics would be sent; None where no story is left for them."""
    offered, there = settings.signup.topics, printed.topics
    shown = topics.shown(choice, offered=offered, there=there)
    return printed.for_topics(shown) if printed.has_stories(shown) else None


def sample(printed: Document, *, base_url: str) -> Document:
    """The document for nobody in particular; its personal links lead to no reader's page."""
    return document.fill(
        printed,
        {
            "greeting": "Hello Alex,",
            "unsubscribe_url": f"{base_url}/unsubscribe/preview",
            "preferences_url": f"{base_url}/preferences/preview",
        },
    )
