"""Says how far the sending of an issue is: for a program, and in lines for a person."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from emag.cli import output
from emag.cli.issue import audience_text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emag.desk.progress import SendingProgress
    from emag.schedule.standstill import Standstill

PLANNED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")
REPORTED = ("delivered", "bounced", "complained")


def recipients_text(sent: "SendingProgress") -> str:
    accepted, planned = sent.counts["accepted"], sent.counts["planned"]
    if not planned:
        return "No reader has it."
    text = f"{accepted:,} of {output.count_text(planned, 'reader')} already have it"
    doubtful = sent.counts["doubtful"]
    return text + (f", and {doubtful:,} may have it." if doubtful else ".")


def progress_data(
    result: "SendingProgress", causes: "Sequence[Standstill]", zone: "ZoneInfo"
) -> dict[str, Any]:
    counts = {name: result.counts[name] for name in ("planned", *PLANNED, *REPORTED)}
    return {
        "number": result.number,
        "status": str(result.status),
        "audience": audience_text(result),
        **counts,
        "waits": result.waits,
        "next_attempt": result.next_attempt.isoformat() if result.next_attempt else None,
        "settled": [
            {
                "at": settlement.at.isoformat(),
                "by": settlement.by,
                "as": settlement.decision,
                "deliveries": settlement.deliveries,
            }
            for settlement in result.settlements
        ],
        "standstills": [_cause_data(cause, zone) for cause in causes],
    }


def _cause_data(cause: "Standstill", zone: "ZoneInfo") -> dict[str, Any]:
    return {
        "obstacle": cause.obstacle.value,
        "since": cause.since.isoformat() if cause.since else None,
        "issue": cause.issue or None,
        "said": cause.sentence(zone),
    }


def progress_lines(result: "SendingProgress") -> Iterator[str]:
    heading = f"Issue {result.number} is {output.spoken(result.status)}"
    if not result.counts["planned"]:
        yield f"{heading}: it has gone to no reader"
        return
    planned = output.count_text(result.counts["planned"], "reader")
    yield f"{heading}: {planned} planned = {output.sum_text(result.counts, PLANNED)}"
    if result.audience is not None:
        yield f"They are the readers who got issue {result.audience}"
    yield f"Reports on accepted messages: {output.sum_text(result.counts, REPORTED)}"
    for settlement in result.settlements:
        count = output.count_text(settlement.deliveries, "doubtful delivery", "doubtful deliveries")
        decision = "taken as accepted" if settlement.decision == "accepted" else "sent again"
        yield f"{count} {decision} by {settlement.by}"


def waiting_lines(result: "SendingProgress", zone: "ZoneInfo") -> Iterator[str]:
    number = result.number
    if result.is_paused:
        yield (
            f"Issue {number} is paused. {result.waits}. Run “emag issue resume {number}”, then "
            f"“emag issue send {number}”."
        )
    elif result.counts["queued"] and result.waits:
        queued = output.count_text(result.counts["queued"], "message")
        yield (
            f"{queued} still queued. {result.waits}. “emag serve” continues by itself, or run "
            f"“emag issue send {number}” later."
        )
    elif result.counts["deferred"] and result.next_attempt:
        deferred = output.count_text(result.counts["deferred"], "reader")
        when = output.time_text(result.next_attempt, zone)
        yield (
            f"The mail server put off {deferred} until {when}. “emag serve” tries again by "
            f"itself, or run “emag issue send {number} --wait”."
        )
