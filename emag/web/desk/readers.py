"""The page “Readers”: find one, how the list grew, and what is held back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.growth_chart import growth_chart
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

STATUSES = ("active", "pending", "unsubscribed", "bounced", "complained")
WEEKS = 12
AT_ONCE = 25  # readers of one page
NEWEST = 8  # before a search
PATH = "/desk/readers"
_LARGEST = 2**31 - 1  # the largest number that a database column can hold


def router(shell: Shell) -> APIRouter:
    """The list, a page at a time."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READERS))]  # noqa: N806

    @pages.get(PATH)
    def listing(
        request: Request, user: Reader, find: str = "", status: str = "", before: str = ""
    ) -> Response:
        return _listing(shell, request, user, find=find.strip(), status=status, before=before)

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
    growth = None if is_search else readers.growth(weeks=WEEKS, zone=shell.zone)
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
        growth=growth,
        chart=growth_chart(shell, growth) if growth else None,
    )


def _number(text: str) -> int | None:
    """The number in an address of a page; None if it is none."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(_LARGEST)):
        return None
    return min(int(text), _LARGEST)
