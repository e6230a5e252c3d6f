"""Subject, preheader, HTML, text, hash: what was approved is what is sent."""

import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from emag.press import topics
from emag.press.plaintext import tidy

SLOT = re.compile(r"\[\[([a-z_]+)\]\]")

# What only a reader of the mail sees stands between these two in the HTML.
_FOR_READERS = re.compile(r"<!--reader-->.*?<!--/reader-->", re.DOTALL)
# Between two parts for Outlook alone, once the mark that stood there is gone.
_NEXT_DOOR = re.compile(r"<!\[endif\]-->\s*<!--\[if mso \| IE\]>")
_READERS_LINK = re.compile(r'<a\b[^>]*\bhref="\[\[[a-z_]+\]\]"[^>]*>.*?</a>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """A printed mail. HTML and text still hold `[[slots]]`, filled per reader when it is sent.

    Marks show what belongs to a topic (`emag.press.topics`): `for_topics` cuts what readers of some
    are sent, so that the hash of the one document stands for all that leave.

    `mjml` is kept for the editor; it does not count for the hash.
    """

    subject: str
    preheader: str
    html: str
    text: str
    mjml: str = field(default="", compare=False)

    @property
    def hash(self) -> str:
        """SHA-256, hex, of what readers get."""
        parts = json.dumps([self.subject, self.preheader, self.html, self.text])
        return hashlib.sha256(parts.encode()).hexdigest()

    @property
    def html_bytes(self) -> int:
        """Decoded UTF-8 size of the longest HTML part, which mail programs clip at 102,000."""
        return len(self.whole.html.encode())

    @property
    def slots(self) -> frozenset[str]:
        """The names of all slots that a reader's values must fill."""
        return frozenset(SLOT.findall(self.html) + SLOT.findall(self.text))

    @property
    def topics(self) -> frozenset[str]:
        """The topics that have stories in it."""
        return self._marked - {topics.EVERYONE}

    @property
    def whole(self) -> "Document":
        """For who reads every topic, for the archive and for the editor."""
        return self.for_topics(self.topics)

    def for_topics(self, shown: frozenset[str]) -> "Document":
        """For who is shown these of its topics; the document itself where it has no marks."""
        if not self._marked:
            return self
        return replace(
            self,
            preheader=topics.cut(self.preheader, shown),
            html=_NEXT_DOOR.sub("", topics.cut(self.html, shown)),
            text=tidy(topics.cut(self.text, shown)),
        )

    def has_stories(self, shown: frozenset[str]) -> bool:
        """False where readers who are shown these of its topics would get no story."""
        return not self._marked or bool(self._marked & {topics.EVERYONE, *shown})

    @property
    def _marked(self) -> frozenset[str]:
        return topics.marked(self.html)


def fill(document: Document, values: Mapping[str, str]) -> Document:
    """The document as one reader gets it. Values are plain text; a slot without one is a KeyError.

    All topics are shown. A value that looks like a slot itself is not filled again.
    """
    document = document.whole
    return replace(
        document,
        html=_filled(document.html, lambda name: html.escape(values[name])),
        text=_filled(document.text, lambda name: values[name]),
    )


def public(document: Document, *, archive_url: str) -> Document:
    """The document as anybody may see it: nobody's links, and a way to sign up in their place.

    All topics are shown.
    """
    document = document.whole
    signup = archive_url.partition("/archive")[0] + "/signup"
    sign_up = (
        f'<a href="{html.escape(signup)}" style="color:inherit">Get the next issue by email</a>'
    )
    here = re.escape(html.escape(archive_url))  # “view in browser”, where it is viewed already
    own = re.compile(rf'<a\b[^>]*\bhref="{here}"[^>]*>.*?</a>', re.DOTALL)
    markup = _READERS_LINK.sub("", _FOR_READERS.sub(lambda _: sign_up, own.sub("", document.html)))
    lines = (
        line
        for line in document.text.split("\n")
        if archive_url not in line and (not SLOT.search(line) or _greets(line))
    )
    return replace(
        document,
        html=_filled(markup, _nobody),
        text=_filled("\n".join(lines), _nobody),
    )


def _filled(text: str, value: Callable[[str], str]) -> str:
    return SLOT.sub(lambda match: value(match[1]), text)


def _greets(line: str) -> bool:
    return SLOT.findall(line) == ["greeting"]


def _nobody(name: str) -> str:
    return "Hello," if name == "greeting" else ""
