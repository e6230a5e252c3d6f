"""The page of one promo: what it says, where it runs, and how it looks."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from emag.desk import promo_slots, promos
from emag.desk.promos import ListedPromo
from emag.editors.role import Permission
from emag.errors import NotFound, PromoRefused, WrongMove
from emag.issues.promo import AFTER_LEAD, RunStatus
from emag.web.desk.access import DeskUser
from emag.web.desk.promo_form import DATES, PromoForm, filled, wished
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell


def router(shell: Shell) -> APIRouter:
    """What adds, changes and removes a promo."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts
    database, settings = shell.newsroom.database, shell.newsroom.settings

    @pages.get("/desk/promos/new")
    def new(
        request: Request,
        user: Annotated[DeskUser, Depends(reads(Permission.ARRANGE))],
        place: str = AFTER_LEAD,
        on: str = "",
    ) -> Response:
        form = PromoForm(place=place, on=[on], when=DATES) if on else PromoForm(place=place)
        return _form(shell, request, user, form)

    @pages.post("/desk/promos/new")
    def add(
        request: Request,
        user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))],
        form: Annotated[PromoForm, Form()],
    ) -> Response:
        asked_runs = wished(form)
        if asked_runs.problems:
            return _form(shell, request, user, form, problems=asked_runs.problems)
        try:
            listed = promos.add(
                database, settings, form.promo(), asked_runs.wish, now=user.now, by=user.name
            )
        except (WrongMove, NotFound) as error:
            return _form(shell, request, user, form, problems=_problems(form, error))
        return _changed(shell, listed, "added")

    @pages.get("/desk/promos/{number}")
    def promo(
        request: Request, number: int, user: Annotated[DeskUser, Depends(reads(Permission.READ))]
    ) -> Response:
        listed = promos.show(database, settings, number, now=user.now)
        return _form(shell, request, user, filled(listed), listed=listed)

    @pages.post("/desk/promos/{number}")
    def edit(
        request: Request,
        number: int,
        user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))],
        form: Annotated[PromoForm, Form()],
    ) -> Response:
        asked_runs, fields = wished(form), form.texts() | {"kind": form.kind.value}
        listed = promos.show(database, settings, number, now=user.now)
        problems = asked_runs.problems
        if not problems:
            try:
                listed = promos.edit(
                    database, settings, number, fields, asked_runs.wish, now=user.now, by=user.name
                )
                return _changed(shell, listed, "changed")
            except (WrongMove, NotFound) as error:
                problems = _problems(form, error)
        return _form(shell, request, user, form, listed=listed, problems=problems)

    @pages.post("/desk/promos/{number}/remove")
    def remove(
        number: int, user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))]
    ) -> Response:
        promos.remove(database, settings, number, now=user.now, by=user.name)
        return shell.back(f"/desk/promos/{number}", "promos.done.removed")

    return pages


def _problems(form: PromoForm, error: WrongMove | NotFound) -> Mapping[str, str]:
    """The sentences by field. A place that is taken belongs to the question when it runs."""
    if isinstance(error, PromoRefused):
        return error.problems
    return {"when-dates" if form.when == DATES else "place": str(error)}


def _changed(shell: Shell, listed: ListedPromo, key: str) -> Response:
    to = f"/desk/promos/{listed.promo.id}"
    if listed.voided:
        issues = ", ".join(map(str, listed.voided))
        return shell.back(to, f"promos.done.{key}_voided", issues=issues)
    return shell.back(to, f"promos.done.{key}")


def _form(
    shell: Shell,
    request: Request,
    user: DeskUser,
    form: PromoForm,
    *,
    listed: ListedPromo | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    newsroom = shell.newsroom
    calendar = promo_slots.calendar(newsroom.database, newsroom.settings, now=user.now)
    sentences = {
        name: shell.words(text) if text in shell.words else text
        for name, text in (problems or {}).items()
    }
    return shell.page(
        request,
        user,
        "promo.html",
        status=422 if problems else 200,
        problems=sentences,
        form=form,
        listed=listed,
        places=calendar.places,
        section_titles={section.name: section.title for section in newsroom.settings.sections},
        days=[day for day in calendar.days if not day.is_past and day.key],
        has_run=bool(listed and any(run.status is RunStatus.RAN for run in listed.runs)),
    )
