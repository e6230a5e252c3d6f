"""Rule `domain`: the sending domain has what large mailbox providers ask for.

emag asks DNS for SPF, DKIM, DMARC and MX of the sender's domain, and whether SPF or DKIM speaks
for the domain that readers see. The answers are kept for six hours, faults for ten minutes. “emag
doctor” asks at once. Nothing is asked while mail only goes into a folder, or from a name such as
example.org on this machine.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "domain"


def rule(proof: Proof) -> Iterator[Fault]:
    domain = proof.settings.publication.sender_domain
    for finding in proof.record.domain:
        if finding.is_known:
            sentence = finding.message
            if ":" not in sentence:
                sentence = f"{sentence}: correct it where your domain's DNS is kept"
            yield Fault(NAME, "warn", f"{sentence[0].upper()}{sentence[1:]}.", domain)
