"""One copy of an issue, made out to a reader who does not exist."""

from datetime import datetime

from emag.bundle.sealed_settings import SealedSettings
from emag.mailing.copy.message import EncodedDocument, Message
from emag.press.document import Document

ADDRESS, NAME = "reader@example.invalid", "A Reader"  # RFC 2606: nobody can have this address


def sample_copy(
    document: Document, settings: SealedSettings, *, number: int, at: datetime
) -> bytes:
    """The whole message, with every topic. Its personal links lead to no reader's page."""
    encoded = EncodedDocument(document.whole, settings.letterhead, label=f"issue-{number}")
    values = {
        "greeting": f"Hello {NAME},",
        "unsubscribe_url": f"{settings.base_url}/unsubscribe/sample",
        "preferences_url": f"{settings.base_url}/preferences/sample",
    }
    sender = settings.letterhead.address
    return Message(0, sender, ADDRESS, NAME, encoded, values, "sample", at).wire()
