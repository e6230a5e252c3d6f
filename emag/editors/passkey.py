"""A passkey, and the publication as passkeys know it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from emag.editors.session import CONFIRMED_FOR, AccessAnswer, Session


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site that passkeys are made for. `id` is its host name; a new name ends all passkeys."""

    id: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of an editor. `credential` is its identifier, in base64url."""

    id: int
    editor: str  # the address
    name: str
    credential: str
    public_key: bytes
    counter: int
    transports: tuple[str, ...]
    added_at: datetime
    used_at: datetime | None = None


def relying_party(base_url: str, name: str) -> RelyingParty | None:
    """The site at this address; None if passkeys cannot work there."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    if not host or host_fault(base_url):
        return None
    return RelyingParty(host, f"{parts.scheme}://{parts.netloc}".lower(), name)


def host_fault(base_url: str) -> str:
    """Why passkeys cannot work at this address; empty if they can."""
    host = urlsplit(base_url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return ""
    return (
        f"EMAG_BASE_URL is {base_url}: passkeys need a host name, not an IP address. "
        "To try the desk out, write http://localhost and the port"
    )


def is_cloned(before: int, after: int) -> bool:
    """True if the counter of a passkey did not grow: a copy of it may exist (WebAuthn, 6.1.1)."""
    return (before > 0 or after > 0) and after <= before


def may_add(session: Session, passkeys: Sequence[Passkey], *, now: datetime) -> AccessAnswer:
    """Whether a person may add a passkey, or remove one, in this session.

    The first one may be added after any sign-in. Later the person proves it with one they have
    (ASVS 5.0, 7.5.1): so who reads somebody's mail cannot add a passkey of their own.
    """
    if not passkeys:
        return AccessAnswer.ALLOWED
    if not session.is_strong:
        return AccessAnswer.NEEDS_PASSKEY
    is_fresh = now - session.confirmed_at < CONFIRMED_FOR
    return AccessAnswer.ALLOWED if is_fresh else AccessAnswer.NEEDS_CONFIRMATION
