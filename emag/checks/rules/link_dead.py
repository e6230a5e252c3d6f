"""Rule `link-dead`: every link leads to a page that answers.

emag asks each address of the mail, with HEAD and where that is refused with GET, and keeps the
answer: a page that is there for six hours, a dead one for ten minutes. It never asks its own
addresses, nor private ones unless `allow_private` in `[network]` says so. A page that is gone, a
site that is not there, refuses the connection, has no valid certificate or has a fault of its own
blocks. One that does not answer in time is a warning. A site that refuses programs (HTTP 401,
403, 429) is no dead link. “emag issue check” asks dead ones again.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content.links.link import LinkAnswer, LinkState, is_local

NAME = "link-dead"


def rule(proof: Proof) -> Iterator[Fault]:
    for address in dict.fromkeys(link.href for link in proof.html_part.links):
        answer = proof.record.links.get(address)
        if answer is None:
            continue
        target = proof.target_of_link(address)
        if answer.state is LinkState.DEAD:
            sentence = f"A link is dead, because {answer.reason}: correct it or remove it."
            yield Fault(NAME, "block", sentence, address, target)
        elif sentence := _warning(answer, base_url=proof.settings.base_url):
            yield Fault(NAME, "warn", sentence, address, target)


def _warning(answer: LinkAnswer, *, base_url: str) -> str:
    if answer.state is LinkState.SILENT:
        return "A link did not answer in time: open it, and correct it if it leads nowhere."
    if answer.state is LinkState.PRIVATE and not is_local(base_url):
        return "A link leads into a private network, where no reader can go: correct it."
    return ""
