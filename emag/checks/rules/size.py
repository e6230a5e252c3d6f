"""Rule `size`: mail programs clip long HTML, Gmail at about 102 KB of decoded bytes.

`LIMIT` and `html_bytes` are the only limit and the only measure of an issue's size. The size is
that of the reader with the longest name and links; from 90,000 bytes it is a warning, above
102,000 it blocks. Readers of fewer topics get less: the rule names the choices that are too long
as well.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.press import topics
from emag.press.document import SLOT, Document

NAME = "size"
WARN_AT = 90_000  # bytes
LIMIT = 102_000  # bytes: mail programs clip a part that has more
_LONGEST_VALUE = 120  # characters that a slot's value adds to the base address, at most


def rule(proof: Proof) -> Iterator[Fault]:
    size = html_bytes(proof.document, proof.settings.base_url)
    if size > LIMIT:
        yield Fault(
            NAME,
            "block",
            f"The HTML part has {size:,} bytes and mail programs cut it off at {LIMIT:,}, "
            f"so readers do not see the unsubscribe link{_others(proof, LIMIT + 1)}: drop stories "
            "or lower a section's limit.",
            "HTML part",
        )
    elif size >= WARN_AT:
        yield Fault(
            NAME,
            "warn",
            f"The HTML part has {size:,} bytes, and mail programs cut it off at {LIMIT:,}"
            f"{_others(proof, WARN_AT)}: consider dropping a story.",
            "HTML part",
        )


def html_bytes(document: Document, base_url: str) -> int:
    """Returns the UTF-8 size of the HTML part with all topics and the longest slot values."""
    value = "x" * (len(base_url) + _LONGEST_VALUE)
    return len(SLOT.sub(value, document.whole.html).encode())


def _others(proof: Proof, least: int) -> str:
    """The choices of topics that are too long as well, for the sentence."""
    printed, base_url = proof.printed, proof.settings.base_url
    everyone = printed.has_stories(frozenset())
    choices = topics.choices(sorted(printed.topics), everyone=everyone)
    sizes = [
        (" and ".join(sorted(chosen)), html_bytes(printed.for_topics(chosen), base_url))
        for chosen in choices
        if chosen and chosen != printed.topics
    ]
    long = [f"{names} ({size:,})" for names, size in sizes if size >= least]
    return f"; that of readers of {', '.join(long)} too" if long else ""
