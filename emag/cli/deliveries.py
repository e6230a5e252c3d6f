"""The commands about the copies of an issue: deliveries, deliveries settle."""

from enum import StrEnum
from typing import Annotated

import typer

from emag.cli import output
from emag.cli.call import Call, IssueArgument, editor_name, now


class SettleAs(StrEnum):
    """What `--as` may say."""

    ACCEPTED = "accepted"
    RESEND = "resend"


class StatusFilter(StrEnum):
    """What `--status` may say: the status of a delivery, or what was reported of it."""

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


StatusOption = Annotated[
    StatusFilter | None,
    typer.Option(metavar="STATUS", help="Only these, such as doubtful or bounced."),
]
AddressOption = Annotated[
    list[str] | None,
    typer.Option(
        "--address", metavar="ADDRESS", help="Only the delivery to this reader. Repeat for more."
    ),
]


def deliveries(call: Call, which: IssueArgument, status: StatusOption = None) -> None:
    """List what became of each reader's copy of an issue."""
    from emag.desk import records

    with call.database() as (_, database):
        number, listed = records.deliveries(database, which, status=status)
    data = [
        {
            "address": delivery.address,
            "status": delivery.report or delivery.status,
            "reason": delivery.reason,
            "attempts": delivery.attempts,
            "outcome": delivery.status,
        }
        for delivery in listed
    ]
    rows = [[d["status"], d["address"] or "(erased)", d["attempts"], d["reason"]] for d in data]
    empty = f"Issue {number} has no {'' if status is None else f'{status} '}deliveries"
    call.output(
        {"deliveries": data},
        output.table(["Status", "Reader", "Attempts#", "Reason"], rows) if rows else empty,
    )


def settle(
    call: Call,
    which: IssueArgument,
    *,
    decision: Annotated[
        SettleAs,
        typer.Option(
            "--as", help="“accepted”: they have it. “resend”: send it again, perhaps twice."
        ),
    ],
    address: AddressOption = None,
    editor: Annotated[
        str | None,
        typer.Option("--by", metavar="EDITOR", help="Who decides. Default: your log-in name."),
    ] = None,
) -> None:
    """Settle doubtful deliveries, of which nobody saw the outcome: all of them, or those named."""
    from emag.desk import dispatch

    with call.database() as (_, database):
        number, settled = dispatch.settle(
            database,
            which,
            decision.value,
            addresses=address or (),
            now=now(),
            by=editor_name(editor),
        )
    resend = decision is SettleAs.RESEND
    if not settled:
        empty = f"Issue {number} has no doubtful deliveries"
        call.output({"number": number, "settled": 0, "as": decision.value}, empty)
        return
    count = output.count_text(settled, "doubtful delivery", "doubtful deliveries")
    verb = "is" if settled == 1 else "are"
    text = f"{count} of issue {number} {verb} {'queued again' if resend else 'taken as accepted'}"
    if resend:
        text += f": “emag issue send {number}” sends {'it' if settled == 1 else 'them'}"
    call.output({"number": number, "settled": settled, "as": decision.value}, text)
