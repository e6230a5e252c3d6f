"""What is on record about an issue: answers of links, weights of pictures, earlier issues, DNS."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from emag.content.links.link import LinkAnswer
from emag.domain import DomainFinding


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What rules cannot see in the printed issue.

    `links` holds the newest answer of each address. `used` maps the address of a story or of a
    link in the note to the recent issue that had it, and `lines` the subjects and preheaders of
    recent issues, folded, to their numbers. `weights` are the bytes of pictures, by their addresses
    in the mail, as far as they are known.
    """

    links: Mapping[str, LinkAnswer] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    domain: tuple[DomainFinding, ...] = ()
    weights: Mapping[str, int] = field(default_factory=dict)


NOTHING = CheckRecord()


def folded(line: str) -> str:
    """A line without what may differ while it says the same: case and white space."""
    return " ".join(line.split()).casefold()
