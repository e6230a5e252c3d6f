"""The mail merge: makes each reader's message from one document."""

import threading
from datetime import UTC, datetime

from emag.errors import EmagError, NotFound, PressError
from emag.issues.issue import Frozen
from emag.mailing.copy import mime
from emag.mailing.copy.message import EncodedDocument, Letterhead, Message
from emag.press import topics
from emag.press.document import Document, numbered
from emag.press.greeting import greetings
from emag.settings import Settings
from subscribers import roll
from subscribers.roll import Reader
from subscribers.tokens import Keys

_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_MOST_CHOICES, _MOST_ENCODINGS = 4_096, 64  # that are kept; an imported list may have more


class MailMerge:
    """Makes messages of one document, in microseconds for each reader. Safe in several threads.

    `encoded` is the document for readers of every topic. For other choices of topics a document is
    cut and encoded when the first reader with that choice comes.
    """

    def __init__(
        self, document: Document, letterhead: Letterhead, label: str, settings: Settings, keys: Keys
    ) -> None:
        self._document, self._there = document, document.topics
        self._offered = settings.signup.topics
        self.encoded = EncodedDocument(document.whole, letterhead, label=label)
        self._encodings: dict[topics.TopicSet, EncodedDocument] = {self._there: self.encoded}
        self._chosen: dict[str, EncodedDocument | None] = {}
        self._lock = threading.Lock()
        self._keys = keys
        self._base = settings.base_url
        self.greeting, self._greeting = greetings(settings)
        _, self._bounces = mime.split(settings.bounce_address)

    def links(self, ref: str) -> dict[str, str]:
        """The reader's own links. They never expire: a mail may be read years later."""
        unsubscribe = self._keys.sign("unsubscribe", ref)
        preferences = self._keys.sign("preferences", ref)
        return {
            "unsubscribe_url": f"{self._base}/unsubscribe/{unsubscribe}",
            "preferences_url": f"{self._base}/preferences/{preferences}",
        }

    def fitting(self, chosen: str) -> topics.TopicSet:
        """The topics of the document that fit a choice, as in Reader.topics."""
        return topics.visible(roll.chosen(chosen), offered=self._offered, printed=self._there)

    def encoded_for(self, chosen: str) -> EncodedDocument | None:
        """The document for a choice, as in Reader.topics; None if no story is left."""
        try:
            return self._chosen[chosen]
        except KeyError:
            return self._encoded_for(chosen)

    def _encoded_for(self, chosen: str) -> EncodedDocument | None:
        fitting, encoded = self.fitting(chosen), None
        with self._lock:
            if self._document.has_stories(fitting):
                encoded = self._encodings.get(fitting) or self._cut(fitting)
            if len(self._chosen) >= _MOST_CHOICES:
                self._chosen.clear()
            self._chosen[chosen] = encoded
        return encoded

    def _cut(self, fitting: topics.TopicSet) -> EncodedDocument:
        whole = self.encoded
        if len(self._encodings) >= _MOST_ENCODINGS:
            self._chosen.clear()
            self._encodings = {self._there: whole}
        encoded = EncodedDocument(
            self._document.for_topics(fitting), whole.letterhead, label=whole.label
        )
        self._encodings[fitting] = encoded
        return encoded

    def message(self, delivery: int, reader: Reader, *, now: datetime) -> Message:
        """Makes one reader's message. Raises ValueError if it has no story of their topics."""
        encoded = self.encoded_for(reader.topics)
        if encoded is None:
            raise ValueError("the document has no story of the topics that the reader chose")
        mark = self._keys.short("bounce", delivery)
        greeting = self._greeting.format(name=reader.name) if reader.name else self.greeting
        values = {"greeting": greeting, **self.links(reader.ref)}
        return self.sealed(delivery, reader, values, mark, now=now, encoded=encoded)

    def sealed(
        self,
        number: int,
        reader: Reader,
        values: dict[str, str],
        mark: str,
        *,
        now: datetime,
        encoded: EncodedDocument | None = None,
    ) -> Message:
        """Makes a message with the given mark, which comes back in its bounces.

        Without `encoded` the message shows every topic.
        """
        local, _, domain = self._bounces.rpartition("@")
        sender, encoded = f"{local}+{mark}@{domain}", encoded or self.encoded
        return Message(number, sender, reader.address, reader.name, encoded, values, mark, now)

    def check(self) -> None:
        """Raises PressError if a slot has no value or no mail can be made of the document."""
        filled = {"greeting", *self.links("")}
        for slot in sorted(self._document.slots - filled):
            raise PressError(f"The slot [[{slot}]] has no value: correct the template")
        reader = Reader(0, "reader", "reader@example.org", "")
        values = {"greeting": "", **self.links(reader.ref)}
        try:
            self.sealed(0, reader, values, "0", now=_ANY_DAY).wire()
        except ValueError as error:
            raise PressError(f"No copy can be made of this issue: {error}") from error


def of_issue(
    number: int, frozen: Frozen | None, settings: Settings, keys: Keys, *, edition: int
) -> MailMerge:
    """Merges the approved document, byte for byte. Raises NotFound without an approval."""
    if frozen is None:
        raise NotFound(f"Issue {number} is not approved: run “emag issue approve {number}” first")
    document = Document(frozen.subject, frozen.preheader, frozen.html, frozen.text)
    if document.hash != frozen.hash:
        raise EmagError(f"Issue {number} is not what was approved: approve it again")
    return of_document(number, document, settings, keys, edition=edition)


def of_document(
    number: int, document: Document, settings: Settings, keys: Keys, *, edition: int
) -> MailMerge:
    """Merges a document of an issue. The edition is filled in once, for all readers."""
    copies = MailMerge(
        numbered(document, edition),
        issue_letterhead(number, settings),
        f"issue-{number}",
        settings,
        keys,
    )
    copies.check()
    return copies


def issue_letterhead(number: int, settings: Settings) -> Letterhead:
    """The sender's details on every copy of an issue."""
    publication = settings.publication
    return Letterhead(
        sender=publication.sender,
        title=publication.title,
        reply_to=publication.reply_to or "",
        list_id=settings.list_id,
        stream=f"issue{number}",
        mark_header=settings.transport.marks_in,
    )


def of_letter(name: str, document: Document, settings: Settings, keys: Keys) -> MailMerge:
    """Merges a letter that answers one person and is no list mail (RFC 3834)."""
    publication = settings.publication
    letterhead = Letterhead(publication.sender, publication.title, publication.reply_to or "")
    return MailMerge(document, letterhead, name, settings, keys)
