"""Mail programs clip long HTML; Gmail does so at about 102 KB of decoded bytes."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.press.document import SLOT

NAME = "size"
WARN_AT = 90_000
BLOCK_AT = 102_000
# As long as the values get that readers' slots are filled with.
_LONG_VALUE = 120


def rule(proof: Proof) -> Iterator[Fault]:
    size = filled_bytes(proof.document.html, proof.settings.base_url)
    if size >= BLOCK_AT:
        yield Fault(
            NAME,
            "block",
            f"The HTML part has {size:,} bytes and mail programs clip it at {BLOCK_AT:,}, "
            "with the unsubscribe link: drop stories or lower a section's limit.",
            "HTML part",
        )
    elif size >= WARN_AT:
        yield Fault(
            NAME,
            "warn",
            f"The HTML part has {size:,} bytes, close to the {BLOCK_AT:,} at which mail programs "
            "clip it: consider dropping a story.",
            "HTML part",
        )


def filled_bytes(html: str, base_url: str) -> int:
    """Decoded UTF-8 size of the part as a reader gets it."""
    value = "x" * (len(base_url) + _LONG_VALUE)
    return len(SLOT.sub(value, html).encode())
