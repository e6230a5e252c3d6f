"""A printed mail: subject, preheader, HTML, text, and a hash that identifies what was approved."""

import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from emag.press import topics
from emag.press.plaintext import tidy

SLOT = re.compile(r"\[\[([a-z_]+)\]\]")
EDITION = "[[edition]]"

# Parts for mail readers only, left out of the public archive.
_FOR_READERS = re.compile(r"<!--reader-->.*?<!--/reader-->", re.DOTALL)
# Two Outlook comments side by side, left behind when the mark between them is removed.
_ADJACENT_COMMENTS = re.compile(r"<!\[endif\]-->\s*<!--\[if mso \| IE\]>")
_READERS_LINK = re.compile(r'<a\b[^>]*\bhref="\[\[[a-z_]+\]\]"[^>]*>.*?</a>', re.DOTALL)


class PublicTexts(Protocol):
    """The texts of the words files, as far as the archive's copy needs them."""

    @property
    def language(self) -> str: ...
    @property
    def direction(self) -> str: ...
    def __call__(self, key: str, **values: object) -> str: ...


@dataclass(frozen=True, slots=True)
class Document:
    """A printed mail. HTML and text contain `[[slots]]` that are filled for each reader.

    Marks (`emag.press.topics`) enclose the parts that belong to a topic. `for_topics` removes the
    parts that a reader did not choose, so one hash identifies all variants of the document.

    `mjml` is kept for the editor and is not part of the hash.
    """

    subject: str
    preheader: str
    html: str
    text: str
    mjml: str = field(default="", compare=False)

    @property
    def hash(self) -> str:
        """SHA-256 of subject, preheader, HTML and text, in hex."""
        parts = json.dumps([self.subject, self.preheader, self.html, self.text])
        return hashlib.sha256(parts.encode()).hexdigest()

    @property
    def html_bytes(self) -> int:
        """UTF-8 size in bytes of the HTML part with all topics, before slots are filled.

        The pre-flight measures the filled size: `emag.checks.rules.size`.
        """
        return len(self.whole.html.encode())

    @property
    def slots(self) -> frozenset[str]:
        """The names of all slots in the HTML and text parts."""
        return frozenset(SLOT.findall(self.html) + SLOT.findall(self.text))

    @property
    def topics(self) -> frozenset[str]:
        """The topics that have stories in this document."""
        return self._marked - {topics.EVERYONE}

    @property
    def whole(self) -> "Document":
        """The document with all topics: for the archive, the editor and readers of every topic."""
        return self.for_topics(self.topics)

    def for_topics(self, chosen: frozenset[str]) -> "Document":
        """Returns the document with these topics only; the same document if it has no marks."""
        if not self._marked:
            return self
        return replace(
            self,
            preheader=topics.cut(self.preheader, chosen),
            html=_ADJACENT_COMMENTS.sub("", topics.cut(self.html, chosen)),
            text=tidy(topics.cut(self.text, chosen)),
        )

    def has_stories(self, chosen: frozenset[str]) -> bool:
        """False if readers of these topics would get no story."""
        return not self._marked or bool(self._marked & {topics.EVERYONE, *chosen})

    @property
    def _marked(self) -> frozenset[str]:
        return topics.marked_topics(self.html)


def numbered(document: Document, edition: int) -> Document:
    """Returns the document with the edition's number, which is the same for all readers."""
    return replace(
        document,
        html=document.html.replace(EDITION, str(edition)),
        text=document.text.replace(EDITION, str(edition)),
    )


def fill(document: Document, values: Mapping[str, str]) -> Document:
    """Returns the document with all slots filled and all topics included.

    `values` holds plain text by slot name. Raises KeyError for a slot without a value. A value that
    looks like a slot is not filled again.
    """
    document = document.whole
    return replace(
        document,
        html=_filled(document.html, lambda name: html.escape(values[name])),
        text=_filled(document.text, lambda name: values[name]),
    )


def public(document: Document, *, archive_url: str, texts: PublicTexts) -> Document:
    """Returns the document for the public archive, with all topics.

    Readers' personal links are removed; a sign-up link takes their place.
    """
    document = document.whole
    signup = archive_url.partition("/archive")[0] + "/signup"
    words = html.escape(texts("archive.sign_up"))
    language = f'lang="{texts.language}" dir="{texts.direction}"'
    sign_up = f'<a {language} href="{html.escape(signup)}" style="color:inherit">{words}</a>'
    # The page is already open in a browser, so it needs no link “View in browser”.
    address = re.escape(html.escape(archive_url))
    browser_link = re.compile(rf'<a\b[^>]*\bhref="{address}"[^>]*>.*?</a>', re.DOTALL)
    markup = _FOR_READERS.sub(lambda _: sign_up, browser_link.sub("", document.html))
    markup = _READERS_LINK.sub("", markup)
    lines = (
        line
        for line in document.text.split("\n")
        if archive_url not in line and (not SLOT.search(line) or _is_greeting(line))
    )
    return replace(
        document,
        html=_filled(markup, lambda name: html.escape(_public_value(name, texts))),
        text=_filled("\n".join(lines), lambda name: _public_value(name, texts)),
    )


def _filled(text: str, value: Callable[[str], str]) -> str:
    return SLOT.sub(lambda match: value(match[1]), text)


def _is_greeting(line: str) -> bool:
    return SLOT.findall(line) == ["greeting"]


def _public_value(name: str, texts: PublicTexts) -> str:
    return texts("greeting.all") if name == "greeting" else ""
