"""Signing in with a work account: to the organisation, and back with its answer."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from emag.editors import work_sign_in
from emag.editors.work_account import WorkAccounts
from emag.errors import WorkAccountRefused
from emag.web.desk import cookies
from emag.web.desk.routing import CONFIRM, SIGN_IN, routes
from emag.web.desk.shell import HEADERS, Shell, own_path, with_next

WORK = f"{SIGN_IN}/organisation"
Text = Annotated[str, Form()]


def router(shell: Shell) -> APIRouter:
    """None of these needs a session. Without an organisation there are none."""
    pages = routes(shell)
    room, base_url = shell.newsroom, shell.newsroom.settings.base_url
    accounts = room.work_accounts
    if accounts is None:
        return pages

    @pages.get(WORK)
    def begin(request: Request) -> Response:
        to = own_path(request.query_params.get("next"))
        again = request.query_params.get("again") == "yes"
        begun = accounts.begin(again=again)
        response = RedirectResponse(begun.address, HTTPStatus.SEE_OTHER, HEADERS)
        cookies.set_secret(response, base_url, f"{begun.secret}|{to}")
        return response

    @pages.get(f"{WORK}/back")
    def back(request: Request) -> Response:
        """Shows a button: signing in changes something, and no link may do that."""
        code, state = (request.query_params.get(name, "") for name in ("code", "state"))
        if not (code and state):
            sentence = shell.words("sign_in.work_refused")
            return shell.problem(request, None, sentence, to=SIGN_IN, status=HTTPStatus.FORBIDDEN)
        label = accounts.label
        return shell.page(request, None, "work_account.html", label=label, code=code, state=state)

    @pages.post(f"{WORK}/finish")
    def finish(request: Request, code: Text = "", state: Text = "") -> Response:
        return _finish(shell, request, accounts, code, state)

    return pages


def _finish(
    shell: Shell, request: Request, accounts: WorkAccounts, code: str, state: str
) -> Response:
    room, base_url = shell.newsroom, shell.newsroom.settings.base_url
    secret, _, path = cookies.own_secret(request, base_url).partition("|")
    to, caller, now = own_path(path), cookies.caller(request, ""), room.now()
    user = shell.access.user(request)
    try:
        identity = accounts.finish(secret, code=code, state=state, now=now)
        if user is not None:
            token = work_sign_in.confirm(
                room.database, user.signed_in, identity, caller=caller, now=now
            )
        else:
            token = work_sign_in.sign_in(room.database, identity, caller=caller, now=now)
    except WorkAccountRefused as error:
        to = with_next(CONFIRM if user else SIGN_IN, to)
        return shell.problem(request, user, str(error), to=to, status=HTTPStatus.FORBIDDEN)
    response = RedirectResponse(to, HTTPStatus.SEE_OTHER, HEADERS)
    cookies.set_session(response, base_url, token)
    cookies.set_secret(response, base_url, "")
    return response
