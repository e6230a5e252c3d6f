"""A session of the desk: how it was opened, when it ends, and what it may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from emag.editors.role import Permission, Role, permissions

# OWASP ASVS 5.0, 7.3.1 and 7.3.2: documented limits for idle and for all sessions.
IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=8)  # opened by a mailed code
LONGEST_STRONG = timedelta(hours=24)
CONFIRMED_FOR = timedelta(minutes=10)


class OpenedBy(StrEnum):
    """What a person signed in with."""

    CODE = "code"  # by mail, which is no second factor (ASVS 5.0, 6.3.6)
    PASSKEY = "passkey"
    WORK_ACCOUNT = "work-account"
    DEMO = "demo"  # only in the demo, and only on this machine


STRONG = frozenset({OpenedBy.PASSKEY, OpenedBy.WORK_ACCOUNT})

# These need a session that a passkey or a work account opened …
NEEDS_STRONG = frozenset(
    {
        Permission.APPROVE,
        Permission.SEND,
        Permission.PEOPLE,
        Permission.SETTINGS,
        Permission.DATA,
    }
)
# … and these the same again within the last ten minutes.
NEEDS_CONFIRMATION = frozenset({Permission.SEND, Permission.PEOPLE, Permission.DATA})


class AccessAnswer(StrEnum):
    """Whether a session may do something, and what it lacks."""

    ALLOWED = "allowed"
    NO_ROLE = "no-role"
    NEEDS_PASSKEY = "needs-passkey"
    NEEDS_CONFIRMATION = "needs-confirmation"


@dataclass(frozen=True, slots=True)
class Session:
    """Where somebody is signed in. `confirmed_at` is when they last proved who they are.

    `browser` is its family, such as “Firefox on Android”; `network` is shortened.
    """

    id: int
    editor: str  # the address
    opened_by: OpenedBy
    opened_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    browser: str = ""
    network: str = ""
    ended_at: datetime | None = None

    @property
    def is_strong(self) -> bool:
        return self.opened_by in STRONG

    def is_over(self, now: datetime) -> bool:
        """True if it was ended, was idle for too long, or is too old."""
        longest = LONGEST_STRONG if self.is_strong else LONGEST
        return (
            self.ended_at is not None
            or now - self.seen_at >= IDLE
            or now - self.opened_at >= longest
        )

    def answer(
        self,
        roles: Iterable[Role],
        permission: Permission,
        *,
        now: datetime,
        code_is_enough: bool = False,
    ) -> AccessAnswer:
        """Whether a person with these roles may do something now, in this session.

        `code_is_enough` is the setting `[desk] approve_with = "code"`.
        """
        if permission not in permissions(roles):
            return AccessAnswer.NO_ROLE
        if permission in NEEDS_STRONG and not (self.is_strong or code_is_enough):
            return AccessAnswer.NEEDS_PASSKEY
        if permission in NEEDS_CONFIRMATION and now - self.confirmed_at >= CONFIRMED_FOR:
            return AccessAnswer.NEEDS_CONFIRMATION
        return AccessAnswer.ALLOWED
