"""The command “emag doctor”, which names every fault of a publication's set-up."""

from contextlib import suppress

import typer

from emag.cli import output
from emag.cli.call import Call, now
from emag.errors import SettingsError


def doctor(call: Call) -> None:
    """Check settings, database, templates, transport, DNS, proxies and sources."""
    from emag.doctor import examine_folder

    problems = examine_folder(call.folder, now=now)
    days: dict[str, int] = {}
    with suppress(SettingsError):
        days = {name: period.days for name, period in call.settings().privacy if period}
    ok = not any(problem.severity == "block" for problem in problems)
    faults = [{"what": p.area, "message": p.message, "severity": p.severity} for p in problems]
    rows = [[problem.severity, problem.area, problem.message] for problem in problems]
    call.output(
        {"ok": ok, "faults": faults, "kept_days": days},
        output.table(["", "Part", "What is wrong"], rows) if rows else "Everything is in order",
        *([f"Readers' data is kept for, in days: {_periods(days)}"] if days else []),
    )
    if not ok:
        raise typer.Exit(1)


def _periods(days: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in days.items())
