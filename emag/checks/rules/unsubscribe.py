"""Rule `unsubscribe`: both parts have an unsubscribe link (PECR regulation 22, Gmail, Yahoo).

The HTML part has a link with words to `[[unsubscribe_url]]`, and the text part has the slot, for
every choice of topics. Put them back into the footer's template. Nobody can let this pass.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import UNSUBSCRIBE, Proof

NAME = "unsubscribe"


def rule(proof: Proof) -> Iterator[Fault]:
    if not any(link.href == UNSUBSCRIBE and link.words for link in proof.html_part.links):
        yield Fault(NAME, "block", _sentence("HTML part", f'<a href="{UNSUBSCRIBE}">'), "HTML part")
    if UNSUBSCRIBE not in proof.document.text:
        yield Fault(NAME, "block", _sentence("text part", UNSUBSCRIBE), "text part")


def _sentence(part: str, markup: str) -> str:
    return f"The {part} has no unsubscribe link: put {markup} back into the footer's template."
