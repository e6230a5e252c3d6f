"""Prints for a person: lines, tables and progress, with colours on a terminal only."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

LONG = 500  # rows; longer tables are printed in plain columns
WIDE = 200  # columns of a table that is not printed on a terminal
# A feed's title must not hold sequences that control the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_COLOURS = {
    "approved": "green",
    "sent": "green",
    "accepted": "green",
    "delivered": "green",
    "active": "green",
    "in": "green",
    "ok": "green",
    "sending": "cyan",
    "inflight": "cyan",
    "queued": "cyan",
    "in review": "yellow",
    "paused": "yellow",
    "held": "yellow",
    "deferred": "yellow",
    "warn": "yellow",
    "pending": "yellow",
    "doubtful": "magenta",
    "refused": "red",
    "bounced": "red",
    "complained": "red",
    "block": "red",
    "failed": "red",
}


def print_part(part: Any, stream: IO[str]) -> None:
    """Prints a line or a table. Markup in a plain string is printed as it is."""
    if isinstance(part, str):
        print(_clean(part), file=stream, flush=True)
    else:
        console(stream).print(part, highlight=False, soft_wrap=True)


def console(stream: IO[str]) -> "Console":
    from rich.console import Console

    return Console(file=stream, width=None if stream.isatty() else WIDE)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> "Table | str":
    """Lays out a table. A heading that ends with # is aligned right; a status gets its colour."""
    if len(rows) > LONG:
        return _columns(columns, rows)
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for column in columns:
        number = column.endswith("#")
        grid.add_column(
            column.removesuffix("#"), justify="right" if number else "left", overflow="fold"
        )
    for row in rows:
        cells = [_clean("" if cell is None else str(cell)) for cell in row]
        grid.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in cells))
    return grid


def _columns(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lays out a long table as plain text. Rich would need ten seconds for 20,000 rows."""
    heads = [column.removesuffix("#") for column in columns]
    cells = [heads, *([_clean("" if c is None else str(c)) for c in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "   ".join(
            cell.rjust(width) if column.endswith("#") else cell.ljust(width)
            for cell, width, column in zip(row, widths, columns, strict=True)
        ).rstrip()
        for row in cells
    )


def spoken(status: str) -> str:
    """A status as a person reads it: “in review”."""
    return status.replace("_", " ")


def count_text(number: int, one: str, many: str = "") -> str:
    """A number with its noun: “1 reader”, “2,000 readers”."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def time_text(at: datetime | None, zone: ZoneInfo) -> str:
    """A time in the publication's zone: “Fri 6 Mar 2026, 07:30”. Empty for None."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


@contextmanager
def spinner(stream: IO[str], text: str) -> Iterator[None]:
    """Shows on a terminal that work goes on, where it cannot be counted."""
    if not stream.isatty():
        yield
        return
    with console(stream).status(text):
        yield


@contextmanager
def progress_bar(stream: IO[str], title: str) -> "Iterator[ProgressBar]":
    """Shows a progress bar on a terminal, and nothing elsewhere."""
    if not stream.isatty():
        yield ProgressBar(None, None)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
        TextColumn("{task.fields[beside]}"),
    )
    with Progress(*columns, console=console(stream)) as progress:
        yield ProgressBar(progress, progress.add_task(title, total=None, beside=""))


class ProgressBar:
    """A bar on the terminal that is moved on by `at`; without a `progress` it shows nothing."""

    def __init__(self, progress: Any, task: Any) -> None:
        self._progress, self._task = progress, task

    def at(self, completed: int, total: int | None, **beside: int) -> None:
        """Moves the bar. `beside` are counts to print beside it, such as refused=3."""
        if not self._progress:
            return
        words = ", ".join(f"{number:,} {name}" for name, number in beside.items() if number)
        self._progress.update(self._task, completed=completed, total=total, beside=words)


def sum_text(counts: Mapping[str, int], names: Sequence[str]) -> str:
    """A sum without its zeros: “1,990 accepted + 10 refused”."""
    return " + ".join(f"{counts[name]:,} {name}" for name in names if counts.get(name)) or "0"


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)
