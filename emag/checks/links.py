"""Every link leads somewhere on the web and says where."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from emag.checks.fault import Fault
from emag.checks.proof import Link, Proof
from emag.press.document import SLOT

NAME = "links"


def rule(proof: Proof) -> Iterator[Fault]:
    for link in proof.page.links:
        sentence = _trouble(link)
        if sentence:
            where = link.words or link.href or f"line {link.line}"
            yield Fault(NAME, "block", sentence, where)


def _trouble(link: Link) -> str:
    if SLOT.fullmatch(link.href):
        return ""  # filled for each reader, and the business of another rule
    if link.href in {"", "#"}:
        return "A link leads nowhere: give it an address or take it out."
    try:
        parts = urlsplit(link.href)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme == "mailto":
        return "" if "@" in parts.path else "A mail link has no address: complete it."
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "A link is no web address that starts with https://: correct it or take it out."
    if not link.words:
        return "A link has no words and no picture with alt text: nobody can tell where it leads."
    return ""
