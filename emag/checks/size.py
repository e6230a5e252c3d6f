"""Mail programs clip long HTML; Gmail does so at about 102 KB of decoded bytes."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.press.document import SLOT, Document

NAME = "size"
WARN_AT = 90_000  # bytes
LIMIT = 102_000  # bytes: mail programs clip a part that has more
# As long as the values get that readers' slots are filled with.
_LONG_VALUE = 120


def rule(proof: Proof) -> Iterator[Fault]:
    size = html_bytes(proof.document, proof.settings.base_url)
    if size > LIMIT:
        yield Fault(
            NAME,
            "block",
            f"The HTML part has {size:,} bytes and mail programs clip it at {LIMIT:,}, "
            "with the unsubscribe link: drop stories or lower a section's limit.",
            "HTML part",
        )
    elif size >= WARN_AT:
        yield Fault(
            NAME,
            "warn",
            f"The HTML part has {size:,} bytes, close to the {LIMIT:,} at which mail programs "
            "clip it: consider dropping a story.",
            "HTML part",
        )


def html_bytes(document: Document, base_url: str) -> int:
    """Decoded UTF-8 size of the longest HTML part that a reader gets, with its slots filled."""
    value = "x" * (len(base_url) + _LONG_VALUE)
    return len(SLOT.sub(value, document.whole.html).encode())
