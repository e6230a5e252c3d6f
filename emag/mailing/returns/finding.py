"""What a mail to the bounce address reports: for each address an outcome, and our marks."""

from dataclasses import dataclass

from emag.mailing.delivery import without_addresses
from emag.mailing.event import EventKind


@dataclass(frozen=True, slots=True)
class Failure:
    """What a report says about one address. `address` is “” where the report names none.

    `status` is a code of RFC 3463; `words` are the words of the server that refused.
    """

    address: str
    outcome: EventKind
    status: str = ""
    words: str = ""

    @property
    def detail(self) -> str:
        """The status code and the server's words in one line, without addresses."""
        is_repeated = self.words.startswith(self.status)
        return without_addresses(self.words if is_repeated else f"{self.status} {self.words}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a whole mail reports.

    `marks` are the texts in it that look like our mark of a delivery, and `links` the tokens of
    unsubscribe links. Neither is verified yet. `date` is the mail's own Date field, as written.
    """

    outcome: EventKind
    failures: tuple[Failure, ...] = ()
    marks: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    date: str = ""
