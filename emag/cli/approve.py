"""An issue may leave: a test copy, the approval."""

from typing import Annotated

import typer

from emag.cli import output
from emag.cli.call import Call, IssueArgument, login_name, now, parse_time
from emag.cli.issue import issue_data


def test(
    call: Call, which: IssueArgument, to: Annotated[str, typer.Option(metavar="ADDRESS")]
) -> None:
    """Send one test copy, marked as such."""
    from emag.issues import store
    from emag.mailing.sending import deliver

    with call.newsroom() as newsroom:
        with newsroom.database.reading() as conn:
            issue = store.get(conn, which)
        receipt = deliver.test_copy(
            newsroom.database,
            issue.number,
            to=to,
            transport=newsroom.transport,
            settings=newsroom.settings,
            keys=newsroom.keys,
            now=newsroom.now(),
        )
    accepted = receipt.outcome == "accepted"
    why = f" ({receipt.reason})" if receipt.reason else ""
    call.output(
        {"number": issue.number, "to": to, "outcome": receipt.outcome, "reason": receipt.reason},
        f"A test copy of issue {issue.number} went to {to}"
        if accepted
        else f"The test copy for {to} was {receipt.outcome}{why}",
    )
    if not accepted:
        raise typer.Exit(1)


def approve(
    call: Call,
    which: IssueArgument,
    *,
    send_at: Annotated[
        str | None, typer.Option("--send-at", metavar="ISO", help="When it leaves.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--as", metavar="EDITOR", help="Who approves; else your log-in.")
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE", help="Let this fault pass; needs --reason. Repeatable."),
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it may pass.")] = None,
) -> None:
    """Freeze the issue as it is printed now, so that it may leave."""
    from emag.desk import approve as desk

    if override and not (reason and reason.strip()):
        raise typer.BadParameter("--override needs --reason")
    with call.database() as (settings, database):
        zone = settings.publication.zone
        issue = desk.approve(
            database,
            settings,
            which,
            now=now(),
            by=by or login_name(),
            send_at=parse_time(send_at, zone) if send_at else None,
            overrides=dict.fromkeys(override or [], reason or ""),
        )
    leaves = output.time_text(issue.send_at, zone)
    said = f"Issue {issue.number} is approved"
    said += f" and leaves {leaves}" if leaves else f": “emag issue send {issue.number}” sends it"
    call.output(
        issue_data(issue) | {"hash": issue.document_hash, "approved_by": issue.approved_by}, said
    )
