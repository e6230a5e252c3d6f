"""What the pre-flight asks outside of the publication: the addresses of links, and DNS."""

from dataclasses import dataclass

from emag.content.links.link import LinkAsker
from emag.content.pictures.picture import PictureFetcher
from emag.domain import DomainExaminer


@dataclass(frozen=True, slots=True)
class Outside:
    """Who asks. `domain` is None while nothing leaves this machine.

    `pictures` cuts what an editor asked for a moment ago; None where emag keeps no pictures.
    """

    links: LinkAsker
    domain: DomainExaminer | None = None
    pictures: PictureFetcher | None = None
