"""The commands about who did what, and its proof: list, verify."""

from typing import Annotated

import typer

from emag.cli import output
from emag.cli.call import Call, now


def listing(
    call: Call,
    *,
    about: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Only what is about this editor.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the newest.")] = 100,
) -> None:
    """List who signed in, and what was done beside the acts of issues."""
    from emag.audit import record

    with call.database() as (settings, database):
        entries = record.newest(database, limit=limit, subject=about and about.lower())
    zone = settings.publication.zone
    rows = [
        [output.time_text(e.at, zone), e.by, e.kind, e.subject, e.detail, e.network]
        for e in entries
    ]
    names = ("sequence", "at", "by", "kind", "subject", "detail", "network")
    call.output(
        {"entries": [{name: getattr(entry, name) for name in names} for entry in entries]},
        output.table(["When", "Who", "What", "About", "Detail", "Network"], rows)
        if rows
        else "Nothing is recorded yet",
    )


def verify(call: Call) -> None:
    """Check that nobody has changed the audit record, or the acts of an issue."""
    from emag import bootstrap
    from emag.audit import seal

    with call.database() as (settings, database):
        checks = seal.verify(database, bootstrap.keys(settings), now=now())
    faults = [check.fault for check in checks if check.fault]
    lines = [
        check.fault or f"{check.chain}: {check.records} entries, sealed up to {check.sealed}"
        for check in checks
    ]
    chains = [
        {"chain": c.chain, "entries": c.records, "sealed": c.sealed, "fault": c.fault or None}
        for c in checks
    ]
    call.output({"ok": not faults, "chains": chains}, *lines)
    if faults:
        raise typer.Exit(1)
