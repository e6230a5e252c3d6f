"""An outcome as an event: what mail and webhooks report, in the same words."""

from emag.mailing.delivery import without_addresses
from emag.mailing.event import EventKind
from emag.mailing.returns.finding import Failure, Outcome

KINDS = {
    Outcome.HARD: EventKind.BOUNCED,
    Outcome.SOFT: EventKind.SOFT,
    Outcome.POLICY: EventKind.POLICY,
    Outcome.COMPLAINT: EventKind.COMPLAINED,
    Outcome.DELAYED: EventKind.DEFERRED,
    Outcome.DELIVERED: EventKind.DELIVERED,
    Outcome.AUTOREPLY: EventKind.IGNORED,
    Outcome.NONE: EventKind.IGNORED,
}


def detail(failure: Failure) -> str:
    """For the editor: the status and the words, without addresses."""
    words = failure.words
    return without_addresses(
        words if words.startswith(failure.status) else f"{failure.status} {words}"
    )
