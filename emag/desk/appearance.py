"""A printed mail as one reader sees it: in light or dark, with the topics they chose."""

import re
from collections.abc import Collection
from typing import Literal

from emag.press import document, topics
from emag.press.document import Document
from emag.press.words import words
from emag.settings import Settings

Scheme = Literal["light", "dark"]

_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.IGNORECASE | re.DOTALL)
_MEDIA = re.compile(r"\bmedia=(?:\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_META = re.compile(
    r"<meta\b[^>]*name=[\"']?(?:supported-)?color-schemes?[\"']?[^>]*>", re.IGNORECASE
)
_HEAD_ENDS = re.compile(r"</head\s*>", re.IGNORECASE)


def in_scheme(html: str, scheme: Scheme) -> str:
    """The mail as a device with this colour scheme shows it, whatever this browser's scheme is.

    A frame cannot be given a colour scheme, so the media queries are rewritten: the one that holds
    becomes a query that always holds, the other one a query that never does.
    """

    def fixed(query: re.Match[str]) -> str:
        return "(min-width: 0)" if query[1].lower() == scheme else "(max-width: 0)"

    # Only within CSS: a story's text may contain “prefers-color-scheme” too.
    html = _STYLE.sub(lambda style: style[1] + _SCHEME.sub(fixed, style[2]) + style[3], html)
    html = _MEDIA.sub(lambda media: _SCHEME.sub(fixed, media[0]), html)
    declaration = f'<meta name="color-scheme" content="{scheme}">'
    declaration += f"<style>:root {{ color-scheme: only {scheme}; }}</style></head>"
    return _HEAD_ENDS.sub(declaration, _META.sub("", html), count=1)


def as_shown(
    printed: Document, topics: Collection[str], settings: Settings, *, edition: int
) -> Document | None:
    """What a sample reader of these topics gets; None if they get no mail. No topics means all."""
    document_ = for_choice(printed, topics, settings) if topics else printed
    if document_ is None:
        return None
    return with_sample_reader(document_, settings, edition=edition)


def for_choice(printed: Document, choice: Collection[str], settings: Settings) -> Document | None:
    """What a reader who chose these topics is sent; None if no story is left for them."""
    visible = topics.visible(choice, offered=settings.signup.topics, printed=printed.topics)
    return printed.for_topics(visible) if printed.has_stories(visible) else None


def with_sample_reader(printed: Document, settings: Settings, *, edition: int) -> Document:
    """The document with a sample reader's values; its personal links lead to no reader's page."""
    return document.fill(
        printed,
        {
            "edition": str(edition),
            "greeting": words(settings)("greeting.named", name="Alex"),
            "unsubscribe_url": f"{settings.base_url}/unsubscribe/preview",
            "preferences_url": f"{settings.base_url}/preferences/preview",
        },
    )
