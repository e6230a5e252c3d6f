"""Rule `link-http`: every link begins with https.

A page over http can be read and changed on its way, and browsers warn of it. Addresses of this
machine and of private networks are left alone: they are for trying out.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content.links.link import is_local, place_of

NAME = "link-http"


def rule(proof: Proof) -> Iterator[Fault]:
    emag_place = place_of(proof.settings.base_url)
    for address in dict.fromkeys(link.href for link in proof.html_part.links):
        place = place_of(address)
        if place.startswith("http:") and place != emag_place and not is_local(address):
            sentence = "A link begins with http: write it with https, if the site has that."
            yield Fault(NAME, "warn", sentence, address, proof.target_of_link(address))
