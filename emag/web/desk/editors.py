"""The page “Editors”: who works here, what each may do, and who did what."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from emag.audit import record
from emag.editors import people
from emag.editors.editor import Editor
from emag.editors.role import Permission, Role
from emag.errors import EmagError, NotFound
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

EDITORS = "/desk/editors"
ENTRIES = 50  # of the audit record, on one page
Text = Annotated[str, Form()]
Roles = Annotated[list[str], Form(default_factory=list)]


def router(shell: Shell) -> APIRouter:
    """Inviting people, their roles, and taking them out."""
    pages = routes(shell)
    _roles(pages, shell)
    _steps(pages, shell)
    return pages


def _roles(pages: APIRouter, shell: Shell) -> None:
    room = shell.newsroom
    reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.PEOPLE))]
    actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.PEOPLE))]

    @pages.get(EDITORS)
    def page(request: Request, user: reader) -> Response:
        return _page(shell, request, user)

    @pages.post(f"{EDITORS}/invite")
    def invite(
        request: Request, user: actor, role: Roles, email: Text = "", name: Text = ""
    ) -> Response:
        mailbox = f'"{_quoted(name)}" <{email.strip()}>' if name.strip() else email
        try:
            invited = people.invite(
                room.database, room.settings, mailbox, role, now=room.now(), by=user.name
            )
        except EmagError as error:
            problems = {"email" if role else "roles": str(error)}
            return _page(shell, request, user, problems=problems, email=email, name=name, role=role)
        shell.nudge()
        return shell.back(EDITORS, "editors.invited", name=invited.name or invited.address)

    @pages.post(f"{EDITORS}/roles")
    def roles(request: Request, user: actor, role: Roles, address: Text = "") -> Response:
        now = room.now()
        try:
            changed = people.change_roles(room.database, address, role, now=now, by=user.name)
        except NotFound:
            raise
        except EmagError as error:
            return _page(shell, request, user, problems={f"roles-{address}": str(error)})
        return shell.back(EDITORS, "editors.roles_changed", name=changed.name or changed.address)

    @pages.post(f"{EDITORS}/end-sessions")
    def end_sessions(user: actor, address: Text = "") -> Response:
        people.end_sessions(room.database, address, now=room.now(), by=user.name)
        return shell.back(EDITORS, "editors.sessions_ended", name=address)


def _steps(pages: APIRouter, shell: Shell) -> None:
    """What cannot be taken back has a page of its own."""
    room = shell.newsroom
    reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.PEOPLE))]
    actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.PEOPLE))]

    @pages.get(f"{EDITORS}/remove")
    def remove_page(request: Request, user: reader, address: str = "") -> Response:
        return _grave(shell, request, user, address, "remove")

    @pages.post(f"{EDITORS}/remove")
    def remove(user: actor, address: Text = "") -> Response:
        removed = people.remove(room.database, address, now=room.now(), by=user.name)
        return shell.back(EDITORS, "editors.removed", name=removed.name or removed.address)

    @pages.get(f"{EDITORS}/reset")
    def reset_page(request: Request, user: reader, address: str = "") -> Response:
        return _grave(shell, request, user, address, "reset")

    @pages.post(f"{EDITORS}/reset")
    def reset(user: actor, address: Text = "") -> Response:
        before = people.reset(room.database, address, now=room.now(), by=user.name).editor
        return shell.back(EDITORS, "editors.was_reset", name=before.name or before.address)


def _quoted(name: str) -> str:
    return "".join(char for char in name if char not in '"\\').strip()


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    *,
    problems: dict[str, str] | None = None,
    email: str = "",
    name: str = "",
    role: list[str] | None = None,
) -> Response:
    database = shell.newsroom.database
    return shell.page(
        request,
        user,
        "editors.html",
        problems=problems,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        editors=people.listing(database),
        only_operator=people.only_operator(database),
        entries=record.newest(database, limit=ENTRIES),
        all_roles=[role.value for role in Role],
        email=email,
        name=name,
        chosen=["editor"] if role is None else role,
        answer=user.answer(Permission.PEOPLE).value,
    )


def _grave(shell: Shell, request: Request, user: DeskUser, address: str, step: str) -> Response:
    """The page before something that cannot be taken back."""
    editor = _editor(shell, address)
    answer = user.answer(Permission.PEOPLE).value
    return shell.page(request, user, "editor_step.html", editor=editor, step=step, answer=answer)


def _editor(shell: Shell, address: str) -> Editor:
    editors = people.listing(shell.newsroom.database)
    editor = next((editor for editor in editors if editor.address == address), None)
    if editor is None:
        raise NotFound("There is no such editor.")
    return editor
