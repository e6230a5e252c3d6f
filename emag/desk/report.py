"""What became of an issue, and how the list grew: the figures, and a chart of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emag.database import Database
from emag.issues import archive, store
from emag.issues.correction import Correction
from emag.issues.issue import Status
from emag.mailing.delivery import DeliveryStatus, Report
from emag.mailing.sending import ledger, results
from emag.mailing.sending.results import DomainResult, ReasonCount
from emag.press import chart
from emag.press.chart import Bar, Point
from subscribers.desk import ListGrowth

__all__ = ["DomainResult", "IssueReport", "ReasonCount"]
_SMALLEST = 0.1  # percent
_REPORTS = tuple(report.value for report in Report if report.value)


@dataclass(frozen=True, slots=True)
class IssueReport:
    """An issue's copies in figures. `counts` has `planned`, each status and each report.

    `left` counts readers who unsubscribed within 7 days of their copy. `doubtful` are addresses.
    """

    number: int
    subject: str
    status: Status
    counts: Mapping[str, int]
    domains: Sequence[DomainResult]
    bounces: Sequence[ReasonCount]
    refusals: Sequence[ReasonCount]
    left: int
    doubtful: Sequence[str]
    corrections: Sequence[Correction]
    edition: int | None = None


def report(database: Database, which: int | str) -> IssueReport:
    """What became of an issue. All zeros for one that has not begun to leave. Raises NotFound."""
    with database.reading() as conn:
        issue = store.get(conn, which)
        number = issue.number
        doubtful = ledger.listing(conn, number, status=DeliveryStatus.DOUBTFUL.value)
        return IssueReport(
            number=number,
            subject=issue.subject,
            status=issue.status,
            counts=ledger.counts(conn, number),
            domains=results.by_domain(conn, number),
            bounces=results.bounces(conn, number),
            refusals=results.refusals(conn, number),
            left=results.count_left(conn, number),
            doubtful=[entry.address for entry in doubtful if entry.address],
            corrections=archive.corrections(conn, number),
            edition=issue.edition,
        )


def domains(database: Database, which: int | str) -> list[DomainResult]:
    """An issue's copies by receiving domain, the largest first. Raises NotFound."""
    with database.reading() as conn:
        return results.by_domain(conn, store.get(conn, which).number)


def issue_chart(report: IssueReport) -> str:
    """The outcomes of an issue's copies as SVG."""
    counts = report.counts
    planned = counts["planned"]
    names = [*(status.value for status in DeliveryStatus), *_REPORTS]
    bars = [
        Bar(_spoken(name), counts[name], _share(counts[name], planned))
        for name in names
        if counts[name] or name == DeliveryStatus.ACCEPTED
    ]
    sentence = (
        f"Of {planned:,} copies, {counts['accepted']:,} were accepted, {counts['refused']:,} "
        f"refused and {counts['doubtful']:,} are doubtful. {counts['bounced']:,} bounced later; "
        f"{report.left:,} readers left within 7 days."
    )
    return chart.bars(f"Issue {report.number}: {planned:,} copies", sentence, bars)


def _spoken(name: str) -> str:
    return f"reported as {name}" if name in _REPORTS else name


def _share(count: int, planned: int) -> str:
    if not count or not planned:
        return ""
    share = 100 * count / planned
    return f"{share:.1f} %" if share >= _SMALLEST else f"under {_SMALLEST} %"


def growth_chart(growth: ListGrowth) -> str:
    """The growth of the list as SVG."""
    points = [
        Point(f"{monday.day} {monday:%b}", week.active, week.gained, max(week.lost, 0))
        for monday, week in growth.weeks.items()
    ]
    weeks = [*growth.weeks.values()]
    gained, lost = sum(week.gained for week in weeks), sum(week.lost for week in weeks)
    first, last = weeks[0].active - weeks[0].net, weeks[-1].active
    sentence = (
        f"From {first:,} to {last:,} active readers in {len(weeks)} weeks: "
        f"{gained:,} new ones and {lost:,} who left, bounced or complained."
    )
    legend = {"gained": f"{gained:,} new", "lost": f"{lost:,} lost"}
    return chart.curve("Active readers by week", sentence, points, **legend)
