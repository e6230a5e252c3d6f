"""An audit entry: what somebody did, to whom or what, and from which network."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network

NETWORKS_LAST = timedelta(days=30)  # then it is forgotten from where somebody came


class AuditKind(StrEnum):
    """What an entry records."""

    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    STEPPED_UP = "stepped-up"
    SIGNED_OUT = "signed-out"
    SESSIONS_ENDED = "sessions-ended"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    ACCOUNT_LINKED = "account-linked"  # a work account, for signing in
    INVITED = "invited"
    ROLES_CHANGED = "roles-changed"
    REMOVED = "removed"
    RESET = "reset"  # passkeys and sessions taken away
    EXPORTED = "exported"
    IMPORTED = "imported"
    IMPORT_UNDONE = "import-undone"
    ERASED = "erased"
    SETTINGS_CHANGED = "settings-changed"
    TESTED = "tested"  # a test copy of an issue was sent
    CHANGES_REQUESTED = "changes-requested"  # in an issue
    DATE_CHANGED = "date-changed"  # skipped, moved, or neither any more


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry. `by` is empty where nobody has signed in.

    `subject` is whom or what it is about: an editor's address, a file, a table of the settings.
    `detail` is one short sentence or value. `network` is shortened, and empty after 30 days.
    """

    sequence: int
    at: datetime
    by: str
    kind: AuditKind
    subject: str = ""
    detail: str = ""
    network: str = ""


def shortened(ip: str) -> str:
    """The network of an address: /24 of IPv4, /48 of IPv6; empty for what is no address."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))  # noqa: PLR2004 - IPv4
