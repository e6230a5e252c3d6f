"""What somebody does on the review besides approving: ask for changes, hold, reopen, test."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from emag.desk import change_request, dispatch, outside, rehearsal
from emag.editors.role import Permission
from emag.errors import EmagError, WrongMove
from emag.web.desk.access import DeskUser
from emag.web.desk.review import address, review_page
from emag.web.desk.routing import page_before, routes
from emag.web.desk.shell import Shell


def router(shell: Shell) -> APIRouter:
    """The forms of the review. Each leads back to it."""
    pages = routes(shell)
    room, acts = shell.newsroom, shell.access.acts
    editor = Annotated[DeskUser, Depends(acts(Permission.TEST))]
    approver = Annotated[DeskUser, Depends(acts(Permission.APPROVE))]

    @pages.post("/desk/issues/{which}/review/changes")
    def ask_for_changes(
        request: Request,
        user: editor,
        which: str,
        text: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            requested = change_request.ask_for_changes(
                room.database, room.settings, which, text, now=user.now, by=user.name
            )
        except WrongMove:
            raise
        except EmagError as error:
            problems = {"text": str(error)}
            return review_page(shell, request, user, which, problems=problems, wish=text)
        shell.nudge()
        return shell.back(address(requested.issue), "review.asked")

    @pages.post("/desk/issues/{which}/links")
    def ask_links(request: Request, user: editor, which: str) -> Response:
        proof = shell.viewer.look(which, now=user.now).proof
        outside.ask(room.database, room.settings, room.outside, proof, now=user.now)
        return shell.back(page_before(request), "faults.links.answered")

    @pages.post("/desk/issues/{which}/review/settle")
    def settle(
        user: editor,
        which: str,
        request: Annotated[int, Form()] = 0,
    ) -> Response:
        change_request.settle(room.database, which, request, now=user.now, by=user.name)
        return shell.back(address(which), "review.settled")

    @pages.post("/desk/issues/{which}/review/hold")
    def hold(user: approver, which: str) -> Response:
        issue = dispatch.hold(room.database, room.settings, which, now=user.now, by=user.name)
        shell.nudge()
        return shell.back(address(issue.number), "review.held", number=issue.number)

    @pages.post("/desk/issues/{which}/review/reopen")
    def reopen(user: approver, which: str) -> Response:
        issue = dispatch.reopen(room.database, room.settings, which, now=user.now, by=user.name)
        shell.nudge()
        return shell.back(address(issue.number), "review.reopened", number=issue.number)

    @pages.post("/desk/issues/{which}/review/test")
    def test(user: editor, which: str) -> Response:
        [copy] = rehearsal.send_test(room, which, to=[user.editor.address], by=user.name)
        if copy.receipt.outcome == "accepted":
            return shell.back(address(which), "review.test_sent", address=copy.to)
        reason = copy.receipt.reason or copy.receipt.outcome
        return shell.back(
            address(which), "review.test_failed", is_problem=True, address=copy.to, reason=reason
        )

    return pages
