"""Rule `link-redirected`: a link names the address where its page is.

A redirect makes readers wait and breaks one day. Where an address leads only to the same one with
https, with or without www or a last slash, nothing is said.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content.story import canonical

NAME = "link-redirected"
_LONGEST = 160  # characters of the new address in the sentence


def rule(proof: Proof) -> Iterator[Fault]:
    for address in dict.fromkeys(link.href for link in proof.html_part.links):
        answer = proof.record.links.get(address)
        if answer and answer.moved_to and _place(answer.moved_to) != _place(address):
            moved_to = answer.moved_to
            address_text = moved_to if len(moved_to) <= _LONGEST else f"{moved_to[:_LONGEST]}…"
            yield Fault(
                NAME,
                "warn",
                f"A link leads on to {address_text}: check that it is the page you mean.",
                address,
                proof.target_of_link(address),
            )


def _place(address: str) -> str:
    """An address without what may differ while it names the same page."""
    return canonical(address).partition("://")[2].removeprefix("www.").rstrip("/")
