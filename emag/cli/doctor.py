"""The command `emag doctor`: every fault of a publication's set-up."""

from dataclasses import asdict

import typer

from emag.cli import output
from emag.cli.call import Call, now
from emag.errors import SettingsError


def doctor(call: Call) -> None:
    """Settings, database, templates, transport, DNS of the sending domain: all faults at once."""
    from emag.doctor import Problem, examine

    kept: dict[str, int] = {}
    try:
        settings = call.settings()
        kept = {name: period.days for name, period in settings.privacy}
        faults = list(examine(settings, now=now))
    except SettingsError as error:
        faults = [Problem("settings", fault) for fault in error.faults]
    faults.sort(key=lambda fault: fault.severity)
    well = not any(fault.severity == "block" for fault in faults)
    rows = [[fault.severity, fault.what, fault.message] for fault in faults]
    call.output(
        {"ok": well, "faults": [asdict(fault) for fault in faults], "kept_days": kept},
        output.table(["", "What", "What is wrong"], rows) if rows else "Everything is in order",
        *([f"Kept of readers, in days: {_periods(kept)}"] if kept else []),
    )
    if not well:
        raise typer.Exit(1)


def _periods(kept: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {days}" for name, days in kept.items())
