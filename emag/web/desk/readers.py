"""The page “Readers”: find one, how the list grew, and what is held back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag.desk import report
from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell
from subscribers.desk import ListGrowth

STATUSES = ("active", "pending", "unsubscribed", "bounced", "complained")
WEEKS = 12
AT_ONCE = 25  # readers of one page
NEWEST = 8  # before a search
PATH = "/desk/readers"
# A picture of its own, so that its style needs no exception in the policy of the pages.
_CHART = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
}
_LARGEST = 2**31 - 1  # the largest number that a database column can hold


def router(shell: Shell) -> APIRouter:
    """The list, and the chart of its growth."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READERS))]  # noqa: N806

    @pages.get(PATH)
    def listing(
        request: Request, user: Reader, find: str = "", status: str = "", before: str = ""
    ) -> Response:
        return _listing(shell, request, user, find=find.strip(), status=status, before=before)

    @pages.get(f"{PATH}/growth.svg")
    def chart(user: Reader) -> Response:  # noqa: ARG001 - the guard of the page
        svg = report.growth_chart(_growth(shell))
        return Response(svg, media_type="image/svg+xml", headers=_CHART)

    return pages


def _listing(
    shell: Shell, request: Request, user: DeskUser, *, find: str, status: str, before: str
) -> Response:
    readers = shell.newsroom.readers
    wanted = status if status in STATUSES else None
    is_search = bool(find or wanted or before)
    limit = AT_ONCE if is_search else NEWEST
    page = readers.search(find, status=wanted, before=_number(before), limit=limit)
    counts = readers.counts()
    return shell.page(
        request,
        user,
        "readers.html",
        find=find,
        chosen_status=wanted,
        statuses=STATUSES,
        found_readers=page,
        is_search=is_search,
        counts=counts,
        all_readers=sum(counts[name] for name in STATUSES),
        held=readers.held_signups(),
        growth=None if is_search else _growth(shell),
        weeks=WEEKS,
    )


def _growth(shell: Shell) -> ListGrowth:
    return shell.newsroom.readers.growth(weeks=WEEKS, zone=shell.zone)


def _number(text: str) -> int | None:
    """The number in an address of a page; None if it is none."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(_LARGEST)):
        return None
    return min(int(text), _LARGEST)
