"""The page “Promos”: announcements and sponsors' slots, and the calendar of their places."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from emag.desk import promo_preview, promo_slots, promos, proof
from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

# A printed mail and a proof bring their own style. No script of theirs runs.
_FRAME = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data: 'self'"
_OWN_STYLE = {
    "Content-Security-Policy": f"{_FRAME}; frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


def router(shell: Shell) -> APIRouter:
    """The list, the calendar, and each promo as it is printed and as it ran."""
    pages = routes(shell)
    reads = shell.access.reads
    database, settings = shell.newsroom.database, shell.newsroom.settings

    @pages.get("/desk/promos")
    def listing(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.READ))]
    ) -> Response:
        every = promos.listing(database, settings, now=user.now)
        return shell.page(
            request,
            user,
            "promos.html",
            promos=every,
            section_titles={section.name: section.title for section in settings.sections},
            calendar=promo_slots.calendar(database, settings, now=user.now),
        )

    @pages.get("/desk/promos/{number}/preview")
    def preview(
        number: int, user: Annotated[DeskUser, Depends(reads(Permission.READ))]
    ) -> Response:
        listed = promos.show(database, settings, number, now=user.now)
        html = promo_preview.printed(listed.promo, settings, now=user.now)
        return HTMLResponse(html, headers=_OWN_STYLE)

    @pages.get("/desk/promos/{number}/proof")
    def advertisers_proof(
        number: int, user: Annotated[DeskUser, Depends(reads(Permission.READ))]
    ) -> Response:
        html = proof.prove(database, settings, number, now=user.now).html
        return HTMLResponse(html, headers=_OWN_STYLE)

    return pages
