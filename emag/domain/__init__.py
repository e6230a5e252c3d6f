"""What DNS says of the sending domain: SPF, DKIM, DMARC and MX. Port: `DomainExaminer`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DomainFinding:
    """Something that providers will hold against mail from the domain.

    `is_known` is false where no name server answered, so that nothing was found out.
    """

    message: str
    severity: Literal["block", "warn"] = "block"
    is_known: bool = True


DomainExaminer = Callable[[], Sequence[DomainFinding]]
