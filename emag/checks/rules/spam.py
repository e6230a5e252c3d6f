"""Rule `spam`: nothing in the mail that filters take for spam.

It looks for groups of words that sell (one in the subject, or three in the mail), for services
that shorten addresses, for links whose text is another address than the one they lead to, for
links to an address in numbers, and for a mail of pictures with hardly a word. The signs are a
table of our own, `emag/checks/spam_signs.py`. SPF, DKIM and DMARC weigh more: see `domain`.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from emag.checks.fault import Fault
from emag.checks.html_part import Link
from emag.checks.proof import Proof
from emag.checks.spam_signs import FEWEST_WORDS, MOST_PHRASES, PHRASES, SHORTENERS
from emag.content.links.link import is_local, place_of

NAME = "spam"
_PHRASE = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, PHRASES))})(?!\w)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?$", re.IGNORECASE)


def rule(proof: Proof) -> Iterator[Fault]:
    yield from _phrases(proof)
    for link in proof.html_part.links:
        if sentence := _problem(link):
            yield Fault(NAME, "warn", sentence, link.href, proof.target_of_link(link.href))
    count = len(proof.html_part.words.split())
    if proof.html_part.images and count < FEWEST_WORDS:
        yield Fault(
            NAME,
            "warn",
            f"The mail has pictures and only {count} words, and filters take a mail of pictures "
            "for spam: say more in words.",
            "HTML part",
        )


def _phrases(proof: Proof) -> Iterator[Fault]:
    for phrase in _in(proof.document.subject):
        sentence = f"The subject has “{phrase}”, which filters take for spam: leave it out."
        yield Fault(NAME, "warn", sentence, "subject", "subject")
    phrases = _in(proof.html_part.words)
    if len(phrases) > MOST_PHRASES:
        names = ", ".join(f"“{phrase}”" for phrase in phrases)
        sentence = f"The mail has {names}, which filters take for spam together: leave some out."
        yield Fault(NAME, "warn", sentence, "HTML part")


def _in(text: str) -> list[str]:
    return list(dict.fromkeys(match.casefold() for match in _PHRASE.findall(text)))


def _problem(link: Link) -> str:
    if not place_of(link.href) or is_local(link.href):
        return ""
    host = (urlsplit(link.href).hostname or "").removeprefix("www.")
    if host in SHORTENERS:
        return f"A link hides where it leads behind {host}: give the address of the page itself."
    if _is_number(host):
        return "A link leads to an address in numbers: give the name of the site."
    match = _ADDRESS.match(link.words.strip())
    text_host = match[1].lower().removeprefix("www.") if match else host
    if (
        text_host != host
        and not host.endswith(f".{text_host}")
        and not text_host.endswith(f".{host}")
    ):
        return (
            f"A link shows {text_host} and leads to {host}, as forged mail does: "
            "write what the page is about."
        )
    return ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
