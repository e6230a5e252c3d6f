"""Who got an issue and who did not, and what to make of the doubtful ones."""

from enum import StrEnum
from typing import Annotated

import typer

from emag.cli import output
from emag.cli.call import Call, IssueArgument, now


class How(StrEnum):
    ACCEPTED = "accepted"
    RESEND = "resend"


class Kind(StrEnum):
    """What `--status` may ask for: where a delivery stands, or what was reported of it."""

    QUEUED = "queued"
    INFLIGHT = "inflight"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    SKIPPED = "skipped"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


Status = Annotated[Kind | None, typer.Option(metavar="S", help="Only these: doubtful, bounced …")]


def deliveries(call: Call, which: IssueArgument, status: Status = None) -> None:
    """Each reader's copy of an issue."""
    from emag.issues import store
    from emag.mailing.sending import ledger

    with call.database() as (_, database), database.reading() as conn:
        number = store.get(conn, which).number
        listed = [
            {
                "address": each.address,
                "status": each.report or each.status,
                "reason": each.reason,
                "attempts": each.attempts,
                "outcome": each.status,
            }
            for each in ledger.listing(conn, number, status=status)
        ]
    rows = [[d["status"], d["address"] or "(erased)", d["attempts"], d["reason"]] for d in listed]
    none = f"Issue {number} has no {'' if status is None else f'{status} '}deliveries"
    call.output(
        {"deliveries": listed},
        output.table(["Status", "Reader", "Attempts#", "Reason"], rows) if rows else none,
    )


def settle(
    call: Call,
    which: IssueArgument,
    how: Annotated[How, typer.Option("--as", help="What they are.")],
) -> None:
    """Decide the doubtful ones: “accepted” leaves them be, “resend” sends them again."""
    from emag.issues import store
    from emag.mailing.returns import settle as verb

    with call.database() as (_, database):
        with database.reading() as conn:
            number = store.get(conn, which).number
        settled = verb.by_hand(database, number, how=how.value, now=now())
    count = output.count_text(settled, "doubtful delivery", "doubtful deliveries")
    done = "is taken as accepted" if how is How.ACCEPTED else "will be sent again"
    done = done.replace("is taken", "are taken") if settled != 1 else done
    call.output(
        {"number": number, "settled": settled, "as": how.value},
        f"{count} of issue {number} {done}"
        + (f": “emag issue send {number}” does it" if settled and how is How.RESEND else ""),
    )
