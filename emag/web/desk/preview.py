"""The preview: the printed mail itself in a frame, as one reader on one device sees it."""

import html
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from emag.desk.appearance import as_shown, in_scheme
from emag.desk.look import Inspection
from emag.editors.role import Permission
from emag.press.document import Document
from emag.web.desk.access import DeskUser
from emag.web.desk.inspected import inspected
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell


class PreviewView(StrEnum):
    """A device, or a way of reading, that the mail is shown for."""

    PHONE = "phone"
    DESKTOP = "desktop"
    DARK = "dark"
    TEXT = "text"
    NO_PICTURES = "no-pictures"  # as mail programs show it until a reader asks for pictures


# The mail brings its own style, and its pictures are anywhere. Nothing in the frame runs, so it can
# neither read the desk nor send a form; the desk's script can see how far it is scrolled.
_MAIL = (
    "sandbox allow-same-origin; default-src 'none'; style-src 'unsafe-inline' https:; "
    "font-src https:; frame-ancestors 'self'"
)
_PICTURES = "; img-src https: http: data: 'self'"
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

Topics = Annotated[list[str] | None, Query()]  # none means all


def router(shell: Shell) -> APIRouter:
    """The page with the switches, and the mail in its frame."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READ))]  # noqa: N806

    @pages.get("/desk/issues/{which}/preview")
    def preview(
        request: Request,
        user: Reader,
        which: str,
        view: PreviewView = PreviewView.PHONE,
        topics: Topics = None,
    ) -> Response:
        inspection = inspected(shell, user, which)
        return shell.page(
            request,
            user,
            "preview_page.html",
            inspection=inspection,
            view=view.value,
            topics=_chosen(shell, topics),
            document=_document(shell, inspection, topics),
        )

    @pages.get("/desk/issues/{which}/preview/view")
    def frame(
        user: Reader,
        which: str,
        view: PreviewView = PreviewView.PHONE,
        topics: Topics = None,
        leave_at: str = "",
    ) -> Response:
        inspection = inspected(shell, user, which, leave_at)
        document = _document(shell, inspection, topics)
        pictures = "" if view is PreviewView.NO_PICTURES else _PICTURES
        policy = {"Content-Security-Policy": _MAIL + pictures}
        content = _mail(document, view) if document else _empty(shell)
        return HTMLResponse(content, headers=_HEADERS | policy)

    return pages


def _chosen(shell: Shell, topics: Sequence[str] | None) -> list[str]:
    return [topic for topic in shell.newsroom.settings.signup.topics if topic in (topics or ())]


def _document(
    shell: Shell, inspection: Inspection, topics: Sequence[str] | None
) -> Document | None:
    settings, chosen = shell.newsroom.settings, _chosen(shell, topics)
    return as_shown(inspection.document, chosen, settings, edition=inspection.edition)


def _mail(document: Document, view: PreviewView) -> str:
    if view is PreviewView.TEXT:
        return _sheet(document.subject, f"<pre>{html.escape(document.text)}</pre>")
    coloured = in_scheme(document.html, "dark" if view is PreviewView.DARK else "light")
    # A frame can show no other site: a link does nothing here, instead of an error.
    return coloured.replace("</head>", '<base target="_blank"></head>', 1)


def _empty(shell: Shell) -> str:
    sentence = shell.words("preview.no_mail")
    return _sheet(sentence, f"<p>{html.escape(sentence)}</p>")


def _sheet(title: str, content: str) -> str:
    """A page for what is no HTML mail, in the colours of the device."""
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{html.escape(title)}</title>"
        "<style>body { margin: 1rem; font: 1rem/1.5 system-ui, sans-serif; } "
        "pre { font: .9375rem/1.5 ui-monospace, monospace; white-space: pre-wrap; "
        f"overflow-wrap: anywhere; }}</style></head><body>{content}</body></html>"
    )
