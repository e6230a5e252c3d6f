"""The command “emag issue report”: what became of an issue."""

from typing import TYPE_CHECKING, Any

from emag.cli import output
from emag.cli.call import Call, IssueArgument, SvgOption
from emag.cli.text_file import write_text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emag.desk.report import IssueReport

_COLUMNS = ("planned", "accepted", "delivered", "bounced", "complained", "refused", "doubtful")


def report(call: Call, which: IssueArgument, svg: SvgOption = None) -> None:
    """Show what became of an issue: by status, by domain, bounces, who left, doubtful copies."""
    from emag.desk import report as desk

    with call.database() as (settings, database):
        result = desk.report(database, which)
    if svg is not None:
        write_text(svg, desk.issue_chart(result))
    note = [f"The chart is in {svg}"] if svg else []
    call.output(_data(result), *_lines(result, settings.publication.zone), *note)


def _data(report: "IssueReport") -> dict[str, Any]:
    return {
        "number": report.number,
        "edition": report.edition,
        "subject": report.subject,
        "status": report.status.value,
        "counts": dict(report.counts),
        "domains": [{"domain": d.domain, **d.counts} for d in report.domains],
        "bounces": [{"reason": b.reason, "count": b.count} for b in report.bounces],
        "refusals": [{"reason": r.reason, "count": r.count} for r in report.refusals],
        "left": report.left,
        "doubtful": list(report.doubtful),
        "corrections": [
            {"at": c.at, "by": c.by, "note": c.note, "links": c.links} for c in report.corrections
        ],
    }


def _lines(report: "IssueReport", zone: "ZoneInfo") -> list[Any]:
    planned = report.counts["planned"]
    if not planned:
        return [f"Issue {report.number} has not begun to leave: there is nothing to report yet"]
    statuses = ("accepted", "refused", "doubtful", "skipped", "deferred", "queued", "inflight")
    reports = ("delivered", "bounced", "complained")
    left = output.count_text(report.left, "reader")
    return [
        f"Issue {report.number}, {report.subject}",
        f"{output.count_text(planned, 'copy', 'copies')} = "
        + output.sum_text(report.counts, statuses),
        f"Reported of accepted ones: {output.sum_text(report.counts, reports)}",
        f"{left} unsubscribed within 7 days",
        output.table(
            ["Domain", *(f"{name.capitalize()}#" for name in _COLUMNS)],
            [[d.domain, *(d.counts[name] for name in _COLUMNS)] for d in report.domains],
        ),
        *_reasons("Bounced because", report.bounces),
        *_reasons("Refused because", report.refusals),
        *([output.table(["Doubtful"], [[a] for a in report.doubtful])] if report.doubtful else []),
        *(
            f"Corrected on {output.time_text(c.at, zone)} by {c.by}: {c.note}"
            for c in report.corrections
        ),
    ]


def _reasons(title: str, reasons: Any) -> list[Any]:
    rows = [[reason.count, reason.reason] for reason in reasons]
    return [output.table(["Copies#", title], rows)] if rows else []
