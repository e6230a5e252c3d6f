"""The page “Report”: what became of an issue, what is doubtful, and what was corrected since."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel

from emag.desk import correct, dispatch, history, records
from emag.desk import report as reports
from emag.desk.report import IssueReport
from emag.editors.role import Permission
from emag.errors import WrongMove
from emag.issues.issue import READABLE, Issue, Status
from emag.web.desk.access import DeskUser
from emag.web.desk.report_charts import domain_chart, filled_columns, outcome_chart
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

# A number with its definition, in this order.
FIGURES = ("planned", "accepted", "delivered", "bounced", "complained", "left")
REST = ("refused", "doubtful", "skipped", "deferred", "queued", "inflight")
SECONDS = 15.0  # for which the figures are kept
_DECISIONS = ("accepted", "resend")


class CorrectionForm(BaseModel):
    """What an editor corrects: one link with a note, or a note alone."""

    note: str = ""
    old: str = ""
    new: str = ""


def router(shell: Shell) -> APIRouter:
    """The report, the decisions about doubtful copies, and corrections."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts
    newsroom = shell.newsroom
    database, settings = newsroom.database, newsroom.settings

    @pages.get("/desk/issues/{which}/report")
    def report(
        request: Request, which: str, user: Annotated[DeskUser, Depends(reads(Permission.READ))]
    ) -> Response:
        return _page(shell, request, user, which)

    @pages.post("/desk/issues/{which}/settle")
    def settle(
        which: str,
        user: Annotated[DeskUser, Depends(acts(Permission.APPROVE))],
        decision: Annotated[str, Form()],
        address: Annotated[Sequence[str], Form()] = (),
    ) -> Response:
        if decision not in _DECISIONS:
            raise WrongMove(shell.words("report.no_decision"))
        number, count = dispatch.settle(
            database,
            which,
            "resend" if decision == "resend" else "accepted",
            addresses=address,
            now=user.now,
            by=user.name,
        )
        _forget(shell, number)
        shell.nudge()
        to = f"/desk/issues/{number}/report#doubtful"
        return shell.back(to, f"report.settled.{decision}", count=f"{count:,}")

    @pages.post("/desk/issues/{which}/correct")
    def correct_link(
        request: Request,
        which: str,
        user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))],
        form: Annotated[CorrectionForm, Form()],
    ) -> Response:
        entered = {name: text.strip() for name, text in form.model_dump().items()}
        problems = _problems(shell, entered)
        if not problems:
            links = [(entered["old"], entered["new"])] if entered["old"] else []
            try:
                issue = correct.correct(
                    database,
                    settings,
                    which,
                    note=entered["note"],
                    links=links,
                    now=user.now,
                    by=user.name,
                )
            except WrongMove as error:
                problems = {"old" if links else "note": str(error)}
            else:
                to = f"/desk/issues/{issue.number}/report"
                return shell.back(to, "report.corrected", issue=issue.number, act=issue.act)
        return _page(shell, request, user, which, entered=entered, problems=problems)

    return pages


def _problems(shell: Shell, entered: Mapping[str, str]) -> dict[str, str]:
    problems = {}
    if not entered["note"]:
        problems["note"] = shell.words("report.correct.note_missing")
    for one, other in (("old", "new"), ("new", "old")):
        if entered[other] and not entered[one]:
            problems[one] = shell.words(f"report.correct.{one}_missing")
    return problems


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    which: str,
    *,
    entered: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    newsroom = shell.newsroom
    issue = records.issue(newsroom.database, which)
    result = shell.figures.get(
        _key(shell, issue), SECONDS, lambda: reports.report(newsroom.database, issue.number)
    )
    if not result.counts["planned"]:
        return shell.page(request, user, "report_not_yet.html", issue=issue)
    is_readable = result.status in READABLE
    links = correct.links(newsroom.database, newsroom.settings, issue.number) if is_readable else ()
    may_see = user.may(Permission.READERS) or user.may(Permission.APPROVE)
    return shell.page(
        request,
        user,
        "report.html",
        status=422 if problems else 200,
        problems=problems,
        entered=entered or {},
        issue=issue,
        report=result,
        figures=[(name, _figure(result, name)) for name in FIGURES],
        rest=[(name, result.counts[name]) for name in REST if result.counts[name]],
        outcomes=outcome_chart(shell, result),
        domains=domain_chart(shell, result),
        columns=filled_columns(result),
        links=links,
        is_readable=is_readable,
        may_see=may_see,
        can_resend=result.status in {Status.SENDING, Status.PAUSED, Status.SENT},
    )


def _key(shell: Shell, issue: Issue) -> tuple[str, int, Status, int]:
    """A correction, and taking it back, are acts: they give another key."""
    revision = history.revision(shell.newsroom.database, issue.number)
    return ("report", issue.number, issue.status, revision)


def _forget(shell: Shell, number: int) -> None:
    """Counts anew what the decision about doubtful copies has changed."""
    issue = records.issue(shell.newsroom.database, number)
    shell.figures.forget(_key(shell, issue))
    for name in ("progress", "domains"):
        shell.figures.forget((name, issue.number, issue.status))


def _figure(result: IssueReport, name: str) -> int:
    return result.left if name == "left" else result.counts[name]
