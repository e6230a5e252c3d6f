"""The page “You”: where somebody is signed in, and their passkeys."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from emag.editors import passkeys, people, sessions
from emag.editors.passkey import Passkey, may_add
from emag.editors.role import Permission
from emag.editors.session import AccessAnswer
from emag.errors import PasskeyRefused
from emag.web.desk import cookies
from emag.web.desk.access import DeskUser, NotAllowed
from emag.web.desk.routing import YOU, routes
from emag.web.desk.shell import HEADERS, Shell, own_path

WELCOME = "/desk/welcome"
Text = Annotated[str, Form()]


def router(shell: Shell) -> APIRouter:
    """One's own sessions and passkeys."""
    pages = routes(shell)
    room, base_url = shell.newsroom, shell.newsroom.settings.base_url
    reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READ))]
    actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.READ))]

    @pages.get(YOU)
    def page(request: Request, user: reader) -> Response:
        return _page(shell, request, user, "you.html")

    @pages.get(WELCOME)
    def welcome(request: Request, user: reader) -> Response:
        return _page(shell, request, user, "welcome.html")

    @pages.post(f"{YOU}/passkeys/options")
    def options(user: actor) -> Response:
        _refuse(shell, user)
        return shell.json(
            passkeys.begin_registration(
                room.database, room.settings, user.signed_in, now=room.now()
            )
        )

    @pages.post(f"{YOU}/passkeys")
    def add(
        request: Request,
        user: actor,
        credential: Text = "",
        name: Text = "",
        next: Text = "",  # noqa: A002 - the field's name
    ) -> Response:
        _refuse(shell, user)
        try:
            token = passkeys.register(
                room.database,
                room.settings,
                user.signed_in,
                credential,
                name=name,
                caller=cookies.caller(request, ""),
                now=room.now(),
            )
        except PasskeyRefused as error:
            problems, status = {"passkey": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY
            return _page(shell, request, user, "you.html", problems=problems, status=status)
        shell.nudge()
        response = shell.back(own_path(next, default=WELCOME), "you.passkey_added")
        cookies.set_session(response, base_url, token)
        return response

    @pages.post(f"{YOU}/passkeys/{{number}}/remove")
    def remove(number: int, user: actor) -> Response:
        _refuse(shell, user)
        address, by = user.editor.address, user.name
        passkey = passkeys.remove(room.database, address, number, now=room.now(), by=by)
        return shell.back(YOU, "you.passkey_removed", name=passkey.name)

    @pages.post(f"{YOU}/sessions/{{number}}/end")
    def end(number: int, user: actor) -> Response:
        address, by = user.editor.address, user.name
        sessions.end_one(room.database, number, editor=address, now=room.now(), by=by)
        if number == user.session.id:
            return RedirectResponse(YOU, HTTPStatus.SEE_OTHER, HEADERS)
        return shell.back(YOU, "you.session_ended")

    @pages.post(f"{YOU}/sessions/end-others")
    def end_others(user: actor) -> Response:
        sessions.end_others(room.database, user.session, now=room.now(), by=user.name)
        return shell.back(YOU, "you.sessions_ended")

    return pages


def _passkeys(shell: Shell, user: DeskUser) -> list[Passkey]:
    return passkeys.listing(shell.newsroom.database, user.editor.address)


def _refuse(shell: Shell, user: DeskUser) -> None:
    """Raises NotAllowed where the session is not good enough to change passkeys."""
    answer = may_add(user.session, _passkeys(shell, user), now=user.now)
    if answer is not AccessAnswer.ALLOWED:
        raise NotAllowed(answer, user)


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    template: str,
    *,
    problems: dict[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    room, existing = shell.newsroom, _passkeys(shell, user)
    signed_in = people.sign_ins(room.database, user.editor.address, now=room.now())
    return shell.page(
        request,
        user,
        template,
        problems=problems,
        status=status,
        passkeys=existing,
        add_answer=may_add(user.session, existing, now=user.now).value,
        sessions=signed_in.sessions,
        to=own_path(request.query_params.get("next"), default=""),
    )
