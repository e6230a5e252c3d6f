"""Is everything in order? Each part examines one thing and names all its faults at once."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import typer

from emag.cli import paper
from emag.cli.door import Door
from emag.errors import SettingsError

if TYPE_CHECKING:
    from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """`block` stops an issue or makes it unlawful; `warn` is for the editor to judge."""

    what: str
    message: str
    severity: Literal["block", "warn"] = "block"


def doctor(door: Door) -> None:
    """Settings, database, templates, transport, DNS of the sending domain: all faults at once."""
    kept: dict[str, int] = {}
    try:
        settings = door.settings()
        kept = {name: period.days for name, period in settings.privacy}
        faults = list(_examined(settings))
    except SettingsError as error:
        faults = [Finding("settings", fault) for fault in error.faults]
    faults.sort(key=lambda fault: fault.severity)
    well = not any(fault.severity == "block" for fault in faults)
    rows = [[fault.severity, fault.what, fault.message] for fault in faults]
    door.say(
        {"ok": well, "faults": [asdict(fault) for fault in faults], "kept_days": kept},
        paper.table(["", "What", "What is wrong"], rows) if rows else "Everything is in order",
        *([f"Kept of readers, in days: {_periods(kept)}"] if kept else []),
    )
    if not well:
        raise typer.Exit(1)


def _periods(kept: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {days}" for name, days in kept.items())


def _examined(settings: "Settings") -> Iterator[Finding]:
    from emag.cli.doctor import database, domain, relay, setup, templates

    yield from setup.examine(settings)
    yield from database.examine(settings)
    yield from templates.examine(settings)
    yield from relay.examine(settings)
    yield from domain.examine(settings)
