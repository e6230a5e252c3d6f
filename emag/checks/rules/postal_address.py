"""Rule `postal-address`: every mail contains the sender's postal address.

Readers must be able to see who writes to them (PECR regulation 23), and filters look for it. Set
`postal_address` in `[publication]`.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "postal-address"


def rule(proof: Proof) -> Iterator[Fault]:
    if not proof.settings.publication.postal_address.strip():
        yield Fault(
            NAME,
            "block",
            "The issue has no postal address, and readers must be able to see who writes to them: "
            "set postal_address in [publication].",
            "footer",
        )
