"""The commands before an issue leaves: test copies, the approval, and the way back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, EditorOption, IssueArgument, editor_name, now, parse_time
from emag.cli.issue import fault_data, issue_data
from emag.cli.strict import WrongUsage

if TYPE_CHECKING:
    from emag.desk.rehearsal import TestCopy

To = Annotated[
    list[str],
    typer.Option("--to", metavar="ADDRESS", help="Where to send a copy. Repeat for more copies."),
]


def test(
    call: Call,
    which: IssueArgument,
    to: To,
    editor: EditorOption = None,  # noqa: PT028 - a command, whatever its name
) -> None:
    """Send test copies of an issue, marked as tests. Their links change nothing."""
    from emag.desk import rehearsal

    with call.newsroom() as newsroom:
        copies = rehearsal.send_test(newsroom, which, to=to, by=editor_name(editor))
    call.output(_copies_data(copies), *(_copy_text(copy) for copy in copies))
    if any(copy.receipt.outcome != "accepted" for copy in copies):
        raise typer.Exit(1)


def _copies_data(copies: "list[TestCopy]") -> dict[str, Any]:
    """The first copy's fields at the top level, and all copies in a list."""
    rows = [
        {
            "number": copy.number,
            "to": copy.to,
            "outcome": copy.receipt.outcome,
            "reason": copy.receipt.reason,
        }
        for copy in copies
    ]
    return rows[0] | {"copies": rows}


def _copy_text(copy: "TestCopy") -> str:
    if copy.receipt.outcome == "accepted":
        return f"A test copy of issue {copy.number} was sent to {copy.to}"
    reason = f": {copy.receipt.reason}" if copy.receipt.reason else ""
    return f"The test copy to {copy.to} was not sent ({copy.receipt.outcome}){reason}"


def approve(
    call: Call,
    which: IssueArgument,
    *,
    send_at: Annotated[
        str | None,
        typer.Option(
            "--send-at", metavar="ISO", help="When it leaves. Default: the time it already has."
        ),
    ] = None,
    editor: EditorOption = None,
    override: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE", help="Let this rule's faults pass. Repeat for more rules."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why the faults may pass.")
    ] = None,
    expected: Annotated[
        str | None,
        typer.Option(
            "--hash",
            metavar="HASH",
            help="The document you looked at, as “emag issue show” prints.",
        ),
    ] = None,
) -> None:
    """Approve an issue and freeze it: what is printed now is what will be sent."""
    from emag.desk import approve as desk
    from emag.sources import outside

    if override and not (reason and reason.strip()):
        raise WrongUsage("--override needs --reason")
    if reason and not override:
        raise WrongUsage("--reason needs --override RULE")
    with call.database() as (settings, database):
        zone = settings.publication.zone
        approved = desk.approve(
            database,
            settings,
            which,
            now=now(),
            by=editor_name(editor),
            send_at=parse_time(send_at, zone) if send_at else None,
            overrides=dict.fromkeys(override or [], reason or ""),
            expected=expected or "",
            outside=outside(settings),
        )
    issue = approved.issue
    leaves = output.time_text(issue.send_at, zone)
    text = f"Issue {issue.number} is approved" + (
        f" and leaves {leaves}" if leaves else f": “emag issue send {issue.number}” sends it"
    )
    data: dict[str, Any] = {"hash": issue.document_hash, "approved_by": issue.approved_by}
    data |= {"revision": approved.revision}
    data |= {"faults": [fault_data(fault) for fault in approved.warnings]}
    call.output(issue_data(issue) | data, text)
    for fault in approved.warnings:
        call.note(fault.message)


def withhold(call: Call, which: IssueArgument, editor: EditorOption = None) -> None:
    """Keep a whole issue from leaving until somebody approves it. An approval is void then."""
    from emag.desk import dispatch

    with call.database() as (settings, database):
        issue = dispatch.hold(database, settings, which, now=now(), by=editor_name(editor))
    call.output(
        issue_data(issue),
        f"Issue {issue.number} is held: “emag issue approve {issue.number}” lets it leave, "
        f"“emag issue reopen {issue.number}” makes it a draft again",
    )


def reopen(call: Call, which: IssueArgument, editor: EditorOption = None) -> None:
    """Stop the presses: make an approved or held issue a draft again, which needs an approval."""
    from emag.desk import dispatch

    with call.database() as (settings, database):
        issue = dispatch.reopen(database, settings, which, now=now(), by=editor_name(editor))
    call.output(
        issue_data(issue),
        f"Issue {issue.number} is a draft again: “emag issue approve {issue.number}” lets it leave",
    )
