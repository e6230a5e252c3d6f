"""Rule `link-used`: no story or note leads to a page that a recent issue had already.

It compares with the last twelve issues that began to leave, whatever tracking the addresses
carry. Promos are booked for several issues, and a job may be repeated by `[jobs] repeat`: neither
is meant.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "link-used"


def rule(proof: Proof) -> Iterator[Fault]:
    for address in dict.fromkeys(link.href for link in proof.html_part.links):
        if number := proof.record.used.get(address):
            yield Fault(
                NAME,
                "warn",
                f"Issue {number} had this link already: see whether readers need it again.",
                address,
                proof.target_of_link(address),
            )
