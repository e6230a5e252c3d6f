"""Subject, preheader, HTML, text, hash: what was approved is what is sent."""

import hashlib
import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Document:
    """A printed mail. HTML and text still hold `[[slots]]`, filled per reader when it is sent.

    `mjml` is kept for the editor; it does not count for the hash.
    """

    subject: str
    preheader: str
    html: str
    text: str
    mjml: str = field(default="", compare=False)

    @property
    def hash(self) -> str:
        """SHA-256, hex, of what a reader gets."""
        parts = json.dumps([self.subject, self.preheader, self.html, self.text])
        return hashlib.sha256(parts.encode()).hexdigest()

    @property
    def html_bytes(self) -> int:
        """Decoded UTF-8 size of the HTML part, which mail programs clip at 102,000."""
        return len(self.html.encode())
