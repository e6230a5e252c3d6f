"""What the pre-flight asks outside of the publication: the addresses of links, and DNS."""

from dataclasses import dataclass

from emag.content.links.link import LinkAsker
from emag.domain import DomainExaminer


@dataclass(frozen=True, slots=True)
class Outside:
    """Who asks. `domain` is None while nothing leaves this machine."""

    links: LinkAsker
    domain: DomainExaminer | None = None
