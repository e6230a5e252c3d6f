"""The page “Send”: asks once more before an issue leaves, then shows how far it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from emag import instance
from emag.desk import dispatch, records
from emag.desk import report as reports
from emag.desk.progress import SendingProgress, progress
from emag.desk.reach import Reach, reach
from emag.desk.report import DomainResult
from emag.editors.role import Permission
from emag.issues.issue import LEAVING, UNFROZEN, Issue, Status
from emag.press import chart
from emag.press.chart import Segment
from emag.schedule.pulse import pulse
from emag.web.desk.access import DeskUser
from emag.web.desk.markup import drawn
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

# In the order in which they stand in the bar: what is over first.
STATUSES = ("accepted", "refused", "doubtful", "skipped", "deferred", "inflight", "queued")
WAITING = ("deferred", "inflight", "queued")
OVER = ("accepted", "refused", "doubtful", "skipped")
_COLUMNS = ("planned", "accepted", "waiting", "refused", "doubtful")
_ALWAYS = _COLUMNS[:2]
# For which figures are kept: the counts of an issue under way, those by domain, and all others.
WATCHED_SECONDS, LIVE_SECONDS, CALM_SECONDS = 1.0, 4.0, 15.0
SPOKEN_IN_MINUTES = timedelta(hours=2)
STARTS_WITHIN = timedelta(minutes=2)  # sources and pages are asked again, within about a minute


def router(shell: Shell) -> APIRouter:
    """The confirm page, the progress, and what stops it."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts
    database = shell.newsroom.database

    @pages.get("/desk/issues/{which}/send")
    def send(
        request: Request, which: str, user: Annotated[DeskUser, Depends(reads(Permission.READ))]
    ) -> Response:
        return _page(shell, request, user, records.issue(database, which))

    @pages.post("/desk/issues/{which}/send")
    def send_now(
        which: str,
        user: Annotated[DeskUser, Depends(acts(Permission.SEND))],
        hash: Annotated[str, Form()],  # noqa: A002 - the contract's word
    ) -> Response:
        issue = dispatch.send_now(database, which, expected=hash, now=user.now, by=user.name)
        shell.nudge()
        return shell.back(f"/desk/issues/{issue.number}/send", "send.done.now")

    @pages.post("/desk/issues/{which}/send/pause")
    def pause(which: str, user: Annotated[DeskUser, Depends(acts(Permission.APPROVE))]) -> Response:
        issue = dispatch.pause(database, which, now=user.now, by=user.name)
        return shell.back(f"/desk/issues/{issue.number}/send", "send.done.paused")

    @pages.post("/desk/issues/{which}/send/resume")
    def resume(
        which: str, user: Annotated[DeskUser, Depends(acts(Permission.APPROVE))]
    ) -> Response:
        issue = dispatch.resume(database, which, now=user.now, by=user.name)
        shell.nudge()
        return shell.back(f"/desk/issues/{issue.number}/send", "send.done.resumed")

    @pages.get("/desk/issues/{which}/send/cancel")
    def ask_cancel(
        request: Request, which: str, user: Annotated[DeskUser, Depends(reads(Permission.APPROVE))]
    ) -> Response:
        issue = dispatch.cancellable(database, which)
        sent = progress(database, shell.newsroom.settings, issue.number)
        is_leaving = issue.status in LEAVING
        return shell.page(
            request,
            user,
            "send_cancel.html",
            issue=issue,
            counts=sent.counts,
            is_leaving=is_leaving,
        )

    @pages.post("/desk/issues/{which}/send/cancel")
    def cancel(
        which: str, user: Annotated[DeskUser, Depends(acts(Permission.APPROVE))]
    ) -> Response:
        issue = dispatch.cancel(database, which, now=user.now, by=user.name)
        return shell.back(
            f"/desk/issues/{issue.number}/send", "send.done.cancelled", number=issue.number
        )

    return pages


def _page(shell: Shell, request: Request, user: DeskUser, issue: Issue) -> Response:
    if issue.status in UNFROZEN or (issue.began_at is None and issue.status is not Status.APPROVED):
        return shell.page(request, user, "send_not_yet.html", issue=issue)
    if issue.status is Status.APPROVED:
        return _confirm(shell, request, user, issue)
    return _progress(shell, request, user, issue)


def _confirm(shell: Shell, request: Request, user: DeskUser, issue: Issue) -> Response:
    newsroom = shell.newsroom
    database, settings = newsroom.database, newsroom.settings
    document = shell.viewer.look(issue.number, now=user.now).document

    def count() -> Reach:
        return reach(database, settings, issue.number, document, now=user.now)

    return shell.page(
        request,
        user,
        "send_confirm.html",
        issue=issue,
        reach=shell.figures.get(("reach", issue.number, issue.document_hash), CALM_SECONDS, count),
        sender=settings.publication.sender,
        transport=newsroom.transport.name,
        held=instance.hold_reason(database),
        pulse=pulse(database, now=user.now),
        is_due=_is_due(issue, user.now),
        is_overdue=_is_due(issue, user.now - STARTS_WITHIN),
    )


def _is_due(issue: Issue, now: datetime) -> bool:
    return issue.send_at is not None and issue.send_at <= now


def _progress(shell: Shell, request: Request, user: DeskUser, issue: Issue) -> Response:
    newsroom = shell.newsroom
    database = newsroom.database
    is_leaving = issue.status in LEAVING
    result = shell.figures.get(
        ("progress", issue.number, issue.status),
        WATCHED_SECONDS if is_leaving else CALM_SECONDS,
        lambda: progress(database, newsroom.settings, issue.number),
    )
    results = shell.figures.get(
        ("domains", issue.number, issue.status),
        LIVE_SECONDS if is_leaving else CALM_SECONDS,
        lambda: reports.domains(database, issue.number),
    )
    domains = [_row(result) for result in results]
    waits_for = user.now - result.waits_since if result.waits_since else None
    return shell.page(
        request,
        user,
        "send_progress.html",
        issue=issue,
        progress=result,
        counts=result.counts,
        statuses=STATUSES,
        over=sum(result.counts[name] for name in OVER),
        strip=drawn(_strip(shell, result)),
        domains=domains,
        columns=_columns(domains),
        waits_minutes=_minutes(waits_for) if waits_for else 0,
        late_minutes=_late_minutes(issue),
        is_on_time=bool(issue.send_at and issue.began_at and issue.began_at >= issue.send_at),
        is_live=issue.status is Status.SENDING or bool(result.counts["deferred"]),
        pulse=pulse(database, now=user.now),
    )


@dataclass(frozen=True, slots=True)
class DomainRow:
    """One receiving domain, with the figures that the page shows of it."""

    domain: str
    figures: Mapping[str, int]


def _row(result: DomainResult) -> DomainRow:
    of = result.counts
    waiting = sum(of[name] for name in WAITING)
    return DomainRow(result.domain, {**of, "waiting": waiting})


def _columns(rows: Sequence[DomainRow]) -> list[str]:
    """The columns in which something stands."""
    return [c for c in _COLUMNS if c in _ALWAYS or any(row.figures[c] for row in rows)]


def _late_minutes(issue: Issue) -> int:
    """How many minutes after its time the issue began to leave."""
    if not (issue.send_at and issue.began_at and issue.began_at > issue.send_at):
        return 0
    return int((issue.began_at - issue.send_at).total_seconds() // 60)


def _strip(shell: Shell, result: SendingProgress) -> str:
    planned = result.counts["planned"]
    over = sum(result.counts[name] for name in OVER)
    sentence = shell.words("send.bar", over=f"{over:,}", planned=f"{planned:,}")
    return chart.strip(sentence, [Segment(name, result.counts[name]) for name in STATUSES])


def _minutes(waits_for: timedelta) -> int:
    """How many minutes; 0 for what is better said as a time."""
    return waits_for // timedelta(minutes=1) if waits_for < SPOKEN_IN_MINUTES else 0
