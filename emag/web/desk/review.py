"""The review: everything that somebody has to know before an issue leaves, for one hand."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from emag.checks import UNBREAKABLE
from emag.desk.four_eyes import may_approve
from emag.desk.look import Inspection
from emag.desk.reach import Reach, reach
from emag.desk.review import closing_jobs, record_look, review
from emag.editors.role import Permission
from emag.editors.session import AccessAnswer, OpenedBy
from emag.errors import EmagError, NotFound
from emag.issues.approval_terms import ApprovalTerms
from emag.issues.issue import Move, after
from emag.web.desk.access import DeskUser
from emag.web.desk.inspected import inspected
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

SECONDS = 10  # for which the number of readers is kept
NEWEST = 12  # acts on the page; the history has all


def router(shell: Shell) -> APIRouter:
    """The page, and the record of who has looked at it."""
    pages = routes(shell)
    room = shell.newsroom
    reads, acts = shell.access.reads, shell.access.acts

    @pages.get("/desk/issues/{which}/review")
    def page(
        request: Request,
        user: Annotated[DeskUser, Depends(reads(Permission.READ))],
        which: str,
        look: int | None = None,
        leave_at: str = "",
    ) -> Response:
        try:
            return review_page(shell, request, user, which, look=look, leave_at=leave_at)
        except NotFound:
            raise
        except EmagError as error:
            if not leave_at:
                raise
            problems = {"leave_at": str(error)}
            return review_page(shell, request, user, which, problems=problems, wrong_time=leave_at)

    @pages.post("/desk/issues/{which}/review/look")
    def look(
        user: Annotated[DeskUser, Depends(acts(Permission.READ))],
        which: str,
        revision: Annotated[int, Form()] = 0,
    ) -> Response:
        inspection = inspected(shell, user, which)
        record_look(room.database, inspection, revision=revision, now=user.now, by=user.name)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return pages


def address(which: int | str) -> str:
    """The page's path."""
    return f"/desk/issues/{which}/review"


def review_page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    which: str,
    *,
    look: int | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 0,
    **values: object,
) -> Response:
    """The page, with what is wrong with a form that was sent from it."""
    room = shell.newsroom
    leave_at = str(values.get("leave_at") or "")
    inspection = inspected(shell, user, which, leave_at)
    issue = inspection.issue
    record = review(room.database, room.settings, inspection, by=user.name, look=look)
    status = status or (HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK)
    return shell.page(
        request,
        user,
        "review.html",
        sender=room.settings.publication.sender_name,
        status=status,
        problems=problems,
        inspection=inspection,
        record=record,
        newest=record.acts[-NEWEST:][::-1],
        terms=ApprovalTerms.of(issue, inspection.hash, send_at=issue.send_at),
        nonce=secrets.token_urlsafe(16),
        moves={move.value for move in Move if after(issue.status, move)},
        approving=_approving(shell, user, inspection),
        breakable=sorted({f.rule for f in inspection.blocking} - UNBREAKABLE),
        reach=_reach(shell, user, inspection),
        jobs=closing_jobs(issue, room.settings, now=user.now),
        reasons=values.get("reasons") or {},
        changed=values.get("changed") or (),
        leave_at=leave_at,
        wrong_time=values.get("wrong_time") or "",
        wish=values.get("wish") or "",
    )


def signs(user: DeskUser) -> bool:
    """True if the person approves with their passkey: a work account or a code has none to use."""
    return user.session.opened_by is OpenedBy.PASSKEY


def _approving(shell: Shell, user: DeskUser, inspection: Inspection) -> str:
    """“ready”, “sign”, or what keeps this person from approving: “four-eyes”, “no-role” …"""
    room = shell.newsroom
    answer = user.answer(Permission.APPROVE)
    if answer is not AccessAnswer.ALLOWED:
        return answer.value
    if not may_approve(room.database, room.settings, inspection.issue.number, by=user.name):
        return "four-eyes"
    return "sign" if signs(user) else "ready"


def _reach(shell: Shell, user: DeskUser, inspection: Inspection) -> Reach:
    """The number of readers, which costs too much to count anew for each look at the page."""
    room, number = shell.newsroom, inspection.issue.number

    def count() -> Reach:
        return reach(room.database, room.settings, number, inspection.document, now=user.now)

    return shell.figures.get(("reach", number, inspection.hash), SECONDS, count)
