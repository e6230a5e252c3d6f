"""One copy of an issue, made out to a reader who does not exist."""

from datetime import datetime

from emag.bundle.sealed_settings import RebuildSettings
from emag.mailing.copy.message import EncodedDocument, Message
from emag.press.document import Document
from emag.press.words import words

ADDRESS, NAME = "reader@example.invalid", "A Reader"  # RFC 2606: nobody can have this address


def sample_copy(
    document: Document, settings: RebuildSettings, *, number: int, at: datetime
) -> bytes:
    """The whole message, with every topic. Its personal links lead to no reader's page."""
    encoded = EncodedDocument(document.whole, settings.sealed.letterhead, label=f"issue-{number}")
    values = {
        "greeting": words(settings)("greeting.named", name=NAME),
        "unsubscribe_url": f"{settings.base_url}/unsubscribe/sample",
        "preferences_url": f"{settings.base_url}/preferences/sample",
    }
    sender = settings.sealed.letterhead.address
    return Message(0, sender, ADDRESS, NAME, encoded, values, "sample", at).wire()
