"""Rule `postal-address`: every mail contains the sender's postal address."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "postal-address"


def rule(proof: Proof) -> Iterator[Fault]:
    if not proof.settings.publication.postal_address.strip():
        yield Fault(
            NAME,
            "warn",
            "The issue has no postal address, and readers must be able to see who writes to them: "
            "set postal_address in [publication].",
            "footer",
        )
