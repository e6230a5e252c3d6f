"""The command “emag stats”: how the list grew."""

from dataclasses import asdict
from typing import Annotated

import typer

from emag.cli import output
from emag.cli.call import Call, SvgOption
from emag.cli.text_file import write_text

_MOST_WEEKS = 520
_COLUMNS = ("joined", "imported", "confirmed", "left", "bounced", "complained", "net", "active")


def stats(
    call: Call,
    weeks: Annotated[
        int, typer.Option(min=1, max=_MOST_WEEKS, help="How many weeks, up to this one.")
    ] = 12,
    svg: SvgOption = None,
) -> None:
    """Show how the list grew, by week and by source."""
    from emag.desk import report as desk

    with call.readers() as readers:
        growth = readers.growth(weeks=weeks, zone=call.settings().publication.zone)
    if svg is not None:
        write_text(svg, desk.growth_chart(growth))
    heads = [f"{name.capitalize()}#" for name in _COLUMNS]
    by_week = [
        [monday.isoformat(), *(getattr(week, name) for name in _COLUMNS)]
        for monday, week in growth.weeks.items()
    ]
    by_source = [
        [source, *(getattr(counts, name) for name in _COLUMNS)]
        for source, counts in growth.by_source.items()
    ]
    call.output(
        {
            "weeks": [
                {"week": monday.isoformat(), **asdict(week)}
                for monday, week in growth.weeks.items()
            ],
            "by_source": {source: asdict(counts) for source, counts in growth.by_source.items()},
        },
        output.table(["Week of", *heads], by_week),
        *([output.table(["Source", *heads], by_source)] if by_source else []),
        *([f"The chart is in {svg}"] if svg else []),
    )
