"""The page “Pool”: every story with its reason; in, later or out; and one added by its address."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel

from emag.desk import pictures, pool
from emag.editors.role import Permission
from emag.errors import EmagError, NotFound, SourceError
from emag.web.desk.access import DeskUser
from emag.web.desk.pool_rows import FILTERS, PoolQuery, listed
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

POOL = "/desk/pool"
LARGEST_NUMBER = 2**31 - 1
Text = Annotated[str, Form()]


class PoolAddress(BaseModel):
    """What an address or a form says of the page it is on; anything may be in it."""

    show: str = ""
    source: str = ""
    page: str = ""
    until: str = ""

    def query(self) -> PoolQuery:
        return PoolQuery.parse(self.show, self.source, self.page, self.until)


class TriageForm(PoolAddress):
    """The buttons of a story."""

    wish: str = ""
    issue: str = "next"


def router(shell: Shell) -> APIRouter:
    """The pool, and the forms that change what the next issue takes from it."""
    pages = routes(shell)
    room = shell.newsroom
    reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READ))]
    actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.ARRANGE))]

    @pages.get(POOL)
    def page(request: Request, user: reader, at: Annotated[PoolAddress, Query()]) -> Response:
        return _page(shell, request, user, at.query())

    @pages.post(f"{POOL}/add")
    def add(request: Request, user: actor, address: Text = "", section: Text = "") -> Response:
        if not address.strip():
            problems = {"address": shell.words("pool.no_address")}
            return _page(shell, request, user, PoolQuery(), problems=problems)
        assert room.pages is not None
        try:
            with shell.slow.place(shell.words("sources.busy")):
                added = pool.add(
                    room.database,
                    room.settings,
                    room.pages,
                    address,
                    now=room.now(),
                    by=user.name,
                    section=section or None,
                )
        except (SourceError, NotFound) as error:
            field = "section" if isinstance(error, NotFound) else "address"
            return _page(
                shell,
                request,
                user,
                PoolQuery(),
                problems={field: _sentence(str(error))},
                address=address,
                section=section,
            )
        return _after_adding(shell, request, added)

    @pages.post(POOL + "/{story:int}")
    def triage(
        request: Request, user: actor, story: int, form: Annotated[TriageForm, Form()]
    ) -> Response:
        if form.wish not in set(pool.Triage) or story > LARGEST_NUMBER:
            raise EmagError(shell.words("pool.no_wish"))
        triaged = pool.triage(
            room.database,
            room.settings,
            form.issue,
            story,
            pool.Triage(form.wish),
            now=room.now(),
            by=user.name,
        )
        query = form.query()
        to = query.address(until=query.until) + _anchor(request, story)
        key = f"pool.done.{form.wish}" if triaged.act else f"pool.already.{form.wish}"
        number = triaged.issue
        return shell.back(to, key, issue=number, act=triaged.act, title=triaged.title)

    return pages


def _after_adding(shell: Shell, request: Request, added: pool.AddedStory) -> Response:
    key = "added" if added.is_new else "was_in_issue" if added.had_in else "was_there"
    return shell.back(
        POOL + _anchor(request, added.candidate.id),
        f"pool.{key}",
        title=added.candidate.story.title,
        source=added.candidate.story.source,
        number=added.had_in or "",
    )


def _sentence(text: str) -> str:
    """The text with a capital, unless it begins with the address that somebody typed."""
    return text if text.startswith("http") else text[:1].upper() + text[1:]


def _anchor(request: Request, story: int) -> str:
    """Where to go on reading. A script leaves the page where it is."""
    return "" if "hx-request" in request.headers else f"#story-{story}"


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    query: PoolQuery,
    *,
    problems: dict[str, str] | None = None,
    address: str = "",
    section: str = "",
) -> Response:
    room = shell.newsroom
    view = pool.view(room.database, room.settings, now=user.now)
    until = query.until or user.now
    pool_page = listed(view, query, zone=shell.zone)
    query = replace(query, page=pool_page.page)
    stories = [row.story for _, rows in pool_page.days for row in rows]
    return shell.page(
        request,
        user,
        "pool.html",
        problems=problems,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        issue=view.issue,
        query=query,
        until=until,
        filters=[name for name in FILTERS if name != "tray" or view.issue],
        pool=pool_page,
        thumbnails=pictures.thumbnails(room.database, stories),
        sections={
            heading.name: heading.title or heading.name for heading in room.settings.sections
        },
        may_arrange=user.may(Permission.ARRANGE),
        address=address,
        section=section,
    )
