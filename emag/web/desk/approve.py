"""Approves an issue from the review: exactly what was on the screen, signed with a passkey."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel

from emag.desk import records, signed_approval
from emag.desk.signed_approval import ApprovalRequest
from emag.editors.role import Permission
from emag.errors import DocumentChanged, PasskeyRefused, PreflightFailed, WrongMove
from emag.issues.approval_terms import ApprovalTerms
from emag.issues.issue import Status
from emag.web.desk.access import DeskUser
from emag.web.desk.review import address, review_page, signs
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

FIELD = "approve"  # where the page leads from a problem


class ApprovalForm(BaseModel):
    """What the form sends: the terms on the screen, reasons, and what the passkey signed."""

    hash: str = ""
    send_at: str = ""
    audience: str = ""
    nonce: str = ""
    credential: str = ""
    leave_at: str = ""  # the time on the screen, where the approver has chosen it
    rule: list[str] = []
    reason: list[str] = []

    @property
    def terms(self) -> ApprovalTerms:
        """A time that cannot be read is none, and so another one."""
        try:
            at = datetime.fromisoformat(self.send_at) if self.send_at else None
        except ValueError:
            at = None
        return ApprovalTerms(self.hash, at if at and at.tzinfo else None, self.audience)

    @property
    def overrides(self) -> dict[str, str]:
        """The reasons that were given, by rule."""
        pairs = zip(self.rule, self.reason, strict=False)
        return {rule: reason.strip() for rule, reason in pairs if reason.strip()}

    @property
    def request(self) -> ApprovalRequest:
        return ApprovalRequest(
            self.terms,
            self.overrides,
            self.nonce,
            self.credential,
            has_chosen_time=bool(self.leave_at),
        )


def router(shell: Shell) -> APIRouter:
    """What is to be signed, the approval itself, and the page after it."""
    pages = routes(shell)
    room = shell.newsroom
    approver = Annotated[DeskUser, Depends(shell.access.acts(Permission.APPROVE))]
    reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READ))]

    @pages.post("/desk/issues/{which}/review/approve/options")
    def options(user: approver, form: Annotated[ApprovalForm, Form()]) -> Response:
        return shell.json(
            signed_approval.begin_signature(
                room.database,
                room.settings,
                user.signed_in,
                form.terms,
                form.nonce,
                now=user.now,
            )
        )

    @pages.post("/desk/issues/{which}/review/approve")
    def approve(
        request: Request, user: approver, which: str, form: Annotated[ApprovalForm, Form()]
    ) -> Response:
        return _approve(shell, request, user, which, form)

    @pages.get("/desk/issues/{which}/review/approved")
    def approved(request: Request, user: reader, which: str) -> Response:
        issue = records.issue(room.database, which)
        if issue.status is not Status.APPROVED:
            return shell.back(address(issue.number))
        return shell.page(request, user, "approved.html", issue=issue)

    return pages


def _approve(
    shell: Shell, request: Request, user: DeskUser, which: str, form: ApprovalForm
) -> Response:
    room = shell.newsroom
    problem = partial(_problem, shell, request, user, which, form)
    needs_signature = signs(user) and room.settings.desk.approve_with == "passkey"
    if needs_signature and not form.credential:
        return problem(shell.words("review.needs_script", number=which))
    try:
        result = signed_approval.approve_signed(
            room.database,
            room.settings,
            which,
            form.request,
            signed_in=user.signed_in,
            now=user.now,
            outside=room.outside,
        )
    except DocumentChanged as error:
        return problem(str(error), status=HTTPStatus.CONFLICT, changed=error.differences)
    except WrongMove as error:
        return problem(str(error), status=HTTPStatus.CONFLICT)
    except (PasskeyRefused, PreflightFailed) as error:
        return problem(str(error))
    shell.nudge()
    return shell.back(f"{address(result.issue.number)}/approved")


def _problem(  # noqa: PLR0917 - the first five are bound once
    shell: Shell,
    request: Request,
    user: DeskUser,
    which: str,
    form: ApprovalForm,
    sentence: str,
    *,
    status: int = 0,
    changed: Sequence[str] = (),
) -> Response:
    """The review as it is now, with what kept the issue from being approved."""
    problems = {FIELD: sentence}
    return review_page(
        shell,
        request,
        user,
        which,
        problems=problems,
        status=status,
        reasons=form.overrides,
        leave_at=form.leave_at,
        changed=changed,
    )
