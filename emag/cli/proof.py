"""The command `emag report --promo`: the proof that an advertiser gets."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import LARGEST_NUMBER, Call, now

if TYPE_CHECKING:
    from emag.desk.proof import ProvenRun


def report(
    call: Call,
    *,
    promo: Annotated[
        int,
        typer.Option(
            metavar="ID", min=1, max=LARGEST_NUMBER, help="A promo's number, from “promo list”."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", dir_okay=False, help="Write the proof as a page."),
    ] = None,
) -> None:
    """Show where a promo ran: the issue, its hash, and the accepted copies by receiving domain.

    With --out it writes a page for the advertiser, with the slot as it ran and no reader's data.
    """
    from emag.desk import proof

    with call.database() as (settings, database):
        proven = proof.prove(database, settings, promo, now=now())
    if out is not None:
        out.write_text(proven.html, encoding="utf-8")
    rows = [
        [run.issue, run.day.isoformat(), count.domain, count.accepted]
        for run in proven.runs
        for count in run.domains
    ]
    call.output(
        {
            "promo": proven.promo.id,
            "title": proven.promo.title,
            "advertiser": proven.promo.advertiser,
            "runs": [_run_data(run) for run in proven.runs],
            "file": str(out) if out else None,
        },
        output.table(["Issue#", "Date", "Domain", "Accepted#"], rows),
        *([f"The proof is in {out}"] if out else []),
    )


def _run_data(run: "ProvenRun") -> dict[str, Any]:
    return {
        "issue": run.issue,
        "edition": run.edition,
        "date": run.day.isoformat(),
        "place": run.promo.place,
        "hash": run.hash,
        "accepted": run.accepted,
        "domains": [{"domain": count.domain, "accepted": count.accepted} for count in run.domains],
    }
