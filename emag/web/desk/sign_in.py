"""The page where editors sign in: by a code that is mailed to them, or with a passkey."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from emag.editors import passkey_sign_in, sessions, sign_in
from emag.editors.code import CodeAnswer
from emag.editors.sign_in import CodeRequest
from emag.errors import PasskeyRefused
from emag.web.desk import cookies
from emag.web.desk.routing import SIGN_IN, routes
from emag.web.desk.shell import HEADERS, Shell, own_path, with_next

Text = Annotated[str, Form()]


def router(shell: Shell) -> APIRouter:
    """Signing in and out. None of these needs a session."""
    pages = routes(shell)
    _codes(pages, shell)
    _passkeys(pages, shell)
    _sign_out(pages, shell)
    return pages


def _codes(pages: APIRouter, shell: Shell) -> None:
    room, base_url = shell.newsroom, shell.newsroom.settings.base_url

    @pages.get(SIGN_IN)
    def email_page(request: Request) -> Response:
        to = own_path(request.query_params.get("next"))
        if shell.access.user(request):
            return RedirectResponse(to, HTTPStatus.SEE_OTHER, HEADERS)
        return _page(shell, request, to)

    @pages.post(SIGN_IN)
    def request_code(request: Request, email: Text = "", next: Text = "") -> Response:  # noqa: A002 - the field's name
        secret, to = cookies.new_secret(), own_path(next)
        caller = cookies.caller(request, secret)
        answer = sign_in.request_code(
            room.database, room.settings, room.keys, email, caller=caller, now=room.now()
        )
        if answer is not CodeRequest.ACCEPTED:
            problems = {"email": shell.words(f"sign_in.{answer.value.replace('-', '_')}")}
            is_format = answer is CodeRequest.NO_ADDRESS
            status = HTTPStatus.UNPROCESSABLE_ENTITY if is_format else HTTPStatus.TOO_MANY_REQUESTS
            return _page(shell, request, to, email=email, problems=problems, status=status)
        shell.nudge()
        response = RedirectResponse(with_next(f"{SIGN_IN}/code", to), HTTPStatus.SEE_OTHER, HEADERS)
        cookies.set_secret(response, base_url, secret)
        return response

    @pages.get(f"{SIGN_IN}/code")
    def code_page(request: Request) -> Response:
        to = own_path(request.query_params.get("next"))
        if not cookies.own_secret(request, base_url):
            return RedirectResponse(with_next(SIGN_IN, to), HTTPStatus.SEE_OTHER, HEADERS)
        return shell.page(request, None, "sign_in_code.html", to=to)

    @pages.post(f"{SIGN_IN}/code")
    def with_code(request: Request, code: Text = "", next: Text = "") -> Response:  # noqa: A002 - as above
        to = own_path(next)
        caller = cookies.caller(request, cookies.own_secret(request, base_url))
        result = sign_in.with_code(room.database, room.keys, code, caller=caller, now=room.now())
        if result.answer is not CodeAnswer.RIGHT:
            problems = {
                "code": shell.words(f"sign_in.code_{result.answer.value.replace('-', '_')}")
            }
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return shell.page(
                request, None, "sign_in_code.html", to=to, problems=problems, status=status
            )
        return _signed_in(shell, request, result.token, to)


def _passkeys(pages: APIRouter, shell: Shell) -> None:
    room, base_url = shell.newsroom, shell.newsroom.settings.base_url

    @pages.post(f"{SIGN_IN}/options")
    def passkey_options(request: Request) -> Response:
        secret = cookies.own_secret(request, base_url) or cookies.new_secret()
        caller = cookies.caller(request, secret)
        options = passkey_sign_in.begin_sign_in(
            room.database, room.settings, caller=caller, now=room.now()
        )
        response = shell.json(options)
        cookies.set_secret(response, base_url, secret)
        return response

    @pages.post(f"{SIGN_IN}/passkey")
    def with_passkey(request: Request, credential: Text = "", next: Text = "") -> Response:  # noqa: A002 - as above
        to = own_path(next)
        caller = cookies.caller(request, cookies.own_secret(request, base_url))
        try:
            token = passkey_sign_in.sign_in(
                room.database, room.settings, credential, caller=caller, now=room.now()
            )
        except PasskeyRefused as error:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return _page(shell, request, to, problems={"passkey": str(error)}, status=status)
        return _signed_in(shell, request, token, to)


def _sign_out(pages: APIRouter, shell: Shell) -> None:
    room, base_url = shell.newsroom, shell.newsroom.settings.base_url

    @pages.post("/desk/sign-out")
    def sign_out(request: Request) -> Response:
        user = shell.access.user(request)
        if user:
            sessions.end(room.database, user.session, now=room.now(), by=user.name)
        response = shell.back(SIGN_IN, "sign_in.signed_out")
        cookies.end_session(response, base_url)
        return response


def _page(
    shell: Shell,
    request: Request,
    to: str,
    *,
    email: str = "",
    problems: dict[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    return shell.page(
        request,
        None,
        "sign_in.html",
        to=to,
        email=email,
        problems=problems,
        status=status,
    )


def _signed_in(shell: Shell, request: Request, token: str, to: str) -> Response:
    """Leads to the page that was wanted. A session that this browser had before ends."""
    room, base_url = shell.newsroom, shell.newsroom.settings.base_url
    before = shell.access.user(request)
    if before:
        sessions.end(room.database, before.session, now=room.now(), by=before.name)
    response = RedirectResponse(to, HTTPStatus.SEE_OTHER, HEADERS)
    cookies.set_session(response, base_url, token)
    cookies.set_secret(response, base_url, "")
    return response
