"""What an approver agrees to: the document, when it leaves, and whom it goes to; and its signature.

A passkey signs the SHA-256 of the terms and a nonce. The signature is kept with the approval, so
that anybody can check later what was agreed to.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from emag.issues.issue import Issue
from emag.issues.period import in_words

EVERYONE = "everyone"
_SIGNED = "emag approval 1"  # what is signed; another meaning gets another number


@dataclass(frozen=True, slots=True)
class ApprovalTerms:
    """What is approved. `audience` is “everyone” or “issue:12”; no `send_at`: it is sent by hand.

    `hash` is that of the document.
    """

    hash: str
    send_at: datetime | None
    audience: str

    @classmethod
    def of(cls, issue: Issue, document_hash: str, *, send_at: datetime | None) -> "ApprovalTerms":
        """The terms on which an issue would be approved, to leave at `send_at`."""
        audience = EVERYONE if issue.audience is None else f"issue:{issue.audience}"
        return cls(document_hash, send_at, audience)

    def challenge(self, nonce: str) -> bytes:
        """What a passkey signs."""
        at = self.send_at.astimezone(UTC).isoformat(timespec="seconds") if self.send_at else ""
        text = json.dumps([_SIGNED, self.hash, at, self.audience, nonce])
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True, slots=True)
class ApprovalSignature:
    """The signature of a passkey under terms. `assertion` is as `emag.editors.assertion` writes it.

    `site` is the host name that the passkey belongs to, and `origin` the page it was used on.
    """

    terms: ApprovalTerms
    nonce: str
    site: str
    origin: str
    assertion: Mapping[str, str]

    def written(self) -> str:
        """As text, for a row."""
        at = self.terms.send_at.isoformat() if self.terms.send_at else None
        terms = asdict(self.terms) | {"send_at": at}
        values = {"nonce": self.nonce, "site": self.site, "origin": self.origin}
        return json.dumps(values | {"terms": terms, "assertion": dict(self.assertion)})

    @classmethod
    def read(cls, text: str) -> "ApprovalSignature":
        """Reads what `written` wrote."""
        values = json.loads(text)
        terms = values["terms"]
        at = datetime.fromisoformat(terms["send_at"]) if terms["send_at"] else None
        return cls(**values | {"terms": ApprovalTerms(**terms | {"send_at": at})})


def terms_difference(before: ApprovalTerms, after: ApprovalTerms, zone: ZoneInfo) -> Iterator[str]:
    """What is different besides the document, as clauses that a person can read."""
    if before.send_at != after.send_at:
        yield f"it leaves {_when(after, zone)} now, and not {_when(before, zone)}"
    if before.audience != after.audience:
        yield f"it goes to {_audience(after)} now, and not to {_audience(before)}"


def _when(terms: ApprovalTerms, zone: ZoneInfo) -> str:
    if terms.send_at is None:
        return "when somebody sends it"
    return f"on {in_words(terms.send_at, zone)}"


def _audience(terms: ApprovalTerms) -> str:
    if terms.audience == EVERYONE:
        return EVERYONE
    return f"the readers of issue {terms.audience.removeprefix('issue:')}"
