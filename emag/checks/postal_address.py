"""Every mail names an address at which the sender can be found."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "postal-address"


def rule(proof: Proof) -> Iterator[Fault]:
    if not proof.settings.publication.postal_address.strip():
        yield Fault(
            NAME,
            "warn",
            "No postal address is set: readers must be able to tell who writes to them; "
            "put postal_address into [publication].",
            "footer",
        )
