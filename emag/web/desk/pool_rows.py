"""The rows of the page “Pool”: which stories it shows, in which order, and what each row says."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from urllib.parse import urlencode, urlsplit

from emag.content.story import Story
from emag.desk.pool import PoolView
from emag.desk.records import Explanation
from emag.issues.recipe import Because

ON_A_PAGE = 40
_PRESSED = {Because.HELD: "later", Because.DROPPED: "out"}
Test = Callable[["PoolRow"], bool]
FILTERS: dict[str, Test] = {
    "all": lambda _: True,
    "in": lambda row: row.is_in,
    "tray": lambda row: row.waits,
    "full": lambda row: row.because is Because.FULL and not row.is_in,
    "closing": lambda row: row.closes_before,
}


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A story as the page shows it. `pressed` is the wish that holds for it, if any."""

    id: int
    story: Story
    gathered_at: datetime
    section: str
    is_in: bool
    waits: bool
    because: Because
    reason: str
    closes_before: bool  # on the day of the send or before it
    closes: date | None

    @property
    def pressed(self) -> str:
        return "in" if self.is_in else _PRESSED.get(self.because, "")

    @property
    def state(self) -> str:
        """One word for where it stands."""
        return self.pressed or ("new" if self.waits else "out")

    @property
    def host(self) -> str:
        return (urlsplit(self.story.link).hostname or "").removeprefix("www.")


@dataclass(frozen=True, slots=True)
class PoolQuery:
    """What somebody asked to see. `until` leaves out what was gathered after it."""

    show: str = "all"
    source: str = ""
    page: int = 1
    until: datetime | None = None

    @classmethod
    def parse(cls, show: str, source: str, page: str, until: str) -> "PoolQuery":
        """The query of an address; what cannot be read counts as nothing."""
        is_number = page.isascii() and page.isdigit() and len(page) < 5  # noqa: PLR2004 - digits
        return cls(
            show if show in FILTERS else "all",
            source,
            max(1, int(page)) if is_number else 1,
            _moment(until),
        )

    def address(self, **changes: object) -> str:
        """The page's address for this query, with changes; without `until` unless it is one."""
        values = {"show": self.show, "source": self.source, "page": self.page} | changes
        plain = {"show": "all", "source": "", "page": 1, "until": None}
        query = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
            if value != plain[name]
        }
        return "/desk/pool" + (f"?{urlencode(query)}" if query else "")


@dataclass(frozen=True, slots=True)
class PoolPage:
    """One page of rows, by the day on which they were gathered, and what there is beside it."""

    days: tuple[tuple[date, tuple[PoolRow, ...]], ...]
    counts: dict[str, int]  # of each filter
    sources: tuple[str, ...]
    page: int
    pages: int
    newer: int  # stories gathered since `until`


def listed(view: PoolView, query: PoolQuery, *, zone: tzinfo) -> PoolPage:
    """The page that somebody asked for."""
    send_at = view.issue.send_at if view.issue else None
    send_day = send_at.astimezone(zone).date() if send_at else None
    tray = {row.candidate.id for row in view.tray}
    every = [_row(row, send_day, waits=row.candidate.id in tray) for row in view.rows]
    until = query.until
    rows = [row for row in every if until is None or row.gathered_at <= until]
    newer = len(every) - len(rows)
    sources = tuple(sorted({row.story.source for row in rows}))
    if query.source:
        rows = [row for row in rows if row.story.source == query.source]
    counts = {name: sum(map(test, rows)) for name, test in FILTERS.items()}
    rows = sorted(filter(FILTERS[query.show], rows), key=lambda row: row.id)
    rows.sort(key=lambda row: row.gathered_at, reverse=True)
    pages = max(1, -(-len(rows) // ON_A_PAGE))
    page = min(query.page, pages)
    shown_rows = rows[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    return PoolPage(_by_day(shown_rows, zone), counts, sources, page, pages, newer)


def _row(row: Explanation, send_day: date | None, *, waits: bool) -> PoolRow:
    candidate, verdict = row.candidate, row.verdict
    vacancy = candidate.story.vacancy
    closes = vacancy.closes if vacancy else None
    return PoolRow(
        candidate.id,
        candidate.story,
        candidate.gathered_at,
        verdict.section,
        verdict.chosen,
        waits,
        verdict.because,
        verdict.reason.removeprefix("in: ").removeprefix("out: "),
        closes is not None and send_day is not None and closes <= send_day,
        closes,
    )


def _by_day(rows: Sequence[PoolRow], zone: tzinfo) -> tuple[tuple[date, tuple[PoolRow, ...]], ...]:
    days: Iterable[tuple[date, Iterable[PoolRow]]] = groupby(
        rows, key=lambda row: row.gathered_at.astimezone(zone).date()
    )
    return tuple((day, tuple(of_day)) for day, of_day in days)


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
