"""The page that asks somebody who is signed in to prove again who they are."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from emag.editors import passkey_sign_in, sign_in
from emag.editors.code import CodeAnswer
from emag.editors.role import Permission
from emag.editors.sign_in import CodeRequest
from emag.errors import PasskeyRefused
from emag.web.desk import cookies
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import CONFIRM, routes
from emag.web.desk.shell import HEADERS, Shell, own_path, with_next

Text = Annotated[str, Form()]


def router(shell: Shell) -> APIRouter:
    """By a passkey, or by a mailed code where the settings allow it."""
    pages = routes(shell)
    room, base_url = shell.newsroom, shell.newsroom.settings.base_url
    reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READ))]
    actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.READ))]

    @pages.get(CONFIRM)
    def page(request: Request, user: reader) -> Response:
        return _page(shell, request, user, own_path(request.query_params.get("next")))

    @pages.post(f"{CONFIRM}/options")
    def options(user: actor) -> Response:
        return shell.json(
            passkey_sign_in.begin_assertion(
                room.database, room.settings, user.signed_in, now=room.now()
            )
        )

    @pages.post(f"{CONFIRM}/passkey")
    def with_passkey(
        request: Request,
        user: actor,
        credential: Text = "",
        next: Text = "",  # noqa: A002 - the field's name
    ) -> Response:
        caller, to = cookies.caller(request, ""), own_path(next)
        try:
            token = passkey_sign_in.confirm(
                room.database,
                room.settings,
                user.signed_in,
                credential,
                caller=caller,
                now=room.now(),
            )
        except PasskeyRefused as error:
            return _page(shell, request, user, to, problems={"passkey": str(error)})
        return _confirmed(base_url, token, to)

    @pages.post(f"{CONFIRM}/request")
    def request_code(request: Request, user: actor, next: Text = "") -> Response:  # noqa: A002 - as above
        to, secret = own_path(next), cookies.new_secret()
        answer = sign_in.request_code(
            room.database,
            room.settings,
            room.keys,
            user.editor.address,
            caller=cookies.caller(request, secret),
            now=room.now(),
        )
        if answer is not CodeRequest.ACCEPTED:
            sentence = shell.words(f"sign_in.{answer.value.replace('-', '_')}")
            status = HTTPStatus.TOO_MANY_REQUESTS
            return _page(shell, request, user, to, problems={"send": sentence}, status=status)
        shell.nudge()
        response = RedirectResponse(with_next(CONFIRM, to), HTTPStatus.SEE_OTHER, HEADERS)
        cookies.set_secret(response, base_url, secret)
        return response

    @pages.post(f"{CONFIRM}/code")
    def with_code(request: Request, user: actor, code: Text = "", next: Text = "") -> Response:  # noqa: A002 - as above
        to = own_path(next)
        if not user.code_is_enough:
            problems = {"passkey": shell.words("desk.needs_passkey")}
            return _page(shell, request, user, to, problems=problems, status=HTTPStatus.FORBIDDEN)
        result = sign_in.confirm_with_code(
            room.database,
            room.keys,
            code,
            signed_in=user.signed_in,
            caller=cookies.caller(request, cookies.own_secret(request, base_url)),
            now=room.now(),
        )
        if result.answer is not CodeAnswer.RIGHT:
            problems = {
                "code": shell.words(f"sign_in.code_{result.answer.value.replace('-', '_')}")
            }
            return _page(shell, request, user, to, problems=problems)
        return _confirmed(base_url, result.token, to)

    return pages


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    to: str,
    *,
    problems: dict[str, str] | None = None,
    status: int = 0,
) -> Response:
    status = status or (HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK)
    return shell.page(
        request,
        user,
        "confirm.html",
        to=to,
        problems=problems,
        status=status,
        has_code=bool(cookies.own_secret(request, shell.newsroom.settings.base_url)),
    )


def _confirmed(base_url: str, token: str, to: str) -> Response:
    response = RedirectResponse(to, HTTPStatus.SEE_OTHER, HEADERS)
    cookies.set_session(response, base_url, token)
    cookies.set_secret(response, base_url, "")
    return response
