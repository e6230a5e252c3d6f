"""A reader's copy of a mail: its links, its mark, where its bounces go."""

from datetime import datetime

from emag.errors import EmagError, NotFound, PressError
from emag.issues.issue import Frozen
from emag.mailing import mime
from emag.mailing.message import Edition, Letterhead, Message
from emag.press.document import Document
from emag.settings import Settings
from subscribers.roll import Reader
from subscribers.tokens import Keys


class Copies:
    """Makes messages of one edition. Costs microseconds a reader; safe in several threads."""

    def __init__(self, edition: Edition, settings: Settings, keys: Keys) -> None:
        self.edition = edition
        self._keys = keys
        self._base = settings.base_url
        _, self._bounces = mime.split(settings.bounce_address)

    def links(self, ref: str) -> dict[str, str]:
        """The reader's own, which never expire while mail may be read."""
        unsubscribe = self._keys.sign("unsubscribe", ref)
        preferences = self._keys.sign("preferences", ref)
        return {
            "unsubscribe_url": f"{self._base}/unsubscribe/{unsubscribe}",
            "preferences_url": f"{self._base}/preferences/{preferences}",
        }

    def message(self, delivery: int, reader: Reader, *, now: datetime) -> Message:
        mark = self._keys.short("bounce", delivery)
        greeting = f"Hello {reader.name}," if reader.name else "Hello,"
        values = {"greeting": greeting, **self.links(reader.ref)}
        return self.sealed(delivery, reader, values, mark, now=now)

    def sealed(
        self, number: int, reader: Reader, values: dict[str, str], mark: str, *, now: datetime
    ) -> Message:
        """A message whose bounces come back under `mark`, which nobody else can make."""
        local, _, domain = self._bounces.rpartition("@")
        sender = f"{local}+{mark}@{domain}"
        edition = self.edition
        return Message(number, sender, reader.address, reader.name, edition, values, mark, now)

    def check(self) -> None:
        """Raises PressError for a slot that no reader has a value for."""
        known = {"greeting", *self.links("")}
        for slot in sorted(self.edition.document.slots - known):
            raise PressError(f"The slot [[{slot}]] has no value: correct the template")


def of_issue(number: int, frozen: Frozen | None, settings: Settings, keys: Keys) -> Copies:
    """Copies of what was approved, byte for byte. Raises NotFound without an approval."""
    if frozen is None:
        raise NotFound(f"Issue {number} is not approved: run “emag issue approve {number}” first")
    document = Document(frozen.subject, frozen.preheader, frozen.html, frozen.text)
    if document.hash != frozen.hash:
        raise EmagError(f"Issue {number} is not what was approved: approve it again")
    return of_document(number, document, settings, keys)


def of_document(number: int, document: Document, settings: Settings, keys: Keys) -> Copies:
    publication = settings.publication
    letterhead = Letterhead(
        sender=publication.sender,
        title=publication.title,
        reply_to=publication.reply_to or "",
        list_id=settings.list_id,
        stream=f"issue{number}",
    )
    copies = Copies(Edition(document, letterhead, label=f"issue-{number}"), settings, keys)
    copies.check()
    return copies


def of_letter(name: str, document: Document, settings: Settings, keys: Keys) -> Copies:
    """Copies of a mail that answers one person and is no list mail (RFC 3834)."""
    publication = settings.publication
    letterhead = Letterhead(publication.sender, publication.title, publication.reply_to or "")
    return Copies(Edition(document, letterhead, label=name), settings, keys)
