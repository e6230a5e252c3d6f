"""Work accounts: the port to the organisation that knows who somebody is, and who may sign in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """Where to send a browser, and the secret that it keeps until it comes back."""

    address: str
    secret: str


@dataclass(frozen=True, slots=True)
class WorkIdentity:
    """Somebody whom the organisation has signed in.

    `account` names the person for ever: issuer and number. `address` is their mail address, or
    empty if the organisation does not vouch for it. It can change hands, so it names nobody.
    """

    account: str
    address: str
    authenticated_at: datetime


class WorkAccounts(Protocol):
    """One organisation."""

    @property
    def label(self) -> str:
        """Its name on a button: “Microsoft”."""

    def begin(self, *, again: bool = False) -> WorkRequest:
        """Starts a sign-in. With `again` the person has to prove anew who they are."""

    def finish(self, secret: str, *, code: str, state: str, now: datetime) -> WorkIdentity:
        """Ends it with what the browser brought back. Raises WorkAccountRefused."""
