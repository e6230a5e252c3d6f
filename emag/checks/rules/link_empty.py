"""Rule `link-empty`: every link has a valid address and a text.

A link without words, such as one around a picture that is a decoration, is right where another
link to the same address has words: a screen reader then speaks it once.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from emag.checks.fault import Fault
from emag.checks.html_part import Link
from emag.checks.proof import Proof
from emag.press.document import SLOT

NAME = "link-empty"


def rule(proof: Proof) -> Iterator[Fault]:
    spoken = {link.href for link in proof.html_part.links if link.words and not link.is_silent}
    for link in proof.html_part.links:
        sentence = _problem(link)
        if not sentence and not link.words and link.href not in spoken:
            sentence = "A link has neither text nor a picture with alt text: add one of them."
        if sentence:
            where = link.words or link.href or f"line {link.line}"
            yield Fault(NAME, "block", sentence, where, proof.target_of_link(link.href))


def _problem(link: Link) -> str:
    if SLOT.fullmatch(link.href):
        return ""  # filled for each reader; rules `slots` and `unsubscribe` check it
    if link.href in {"", "#"}:
        return "A link has no address: add one or remove the link."
    try:
        parts = urlsplit(link.href)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme == "mailto":
        return "" if "@" in parts.path else "A mail link has no email address: add one."
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "A link does not start with https://: correct it or remove it."
    return ""
