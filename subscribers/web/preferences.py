"""A reader's own page: topics, name, address, pause, the data we keep, and erasure."""

from collections.abc import Sequence
from dataclasses import fields as fields_of
from datetime import UTC, date, datetime, time
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from subscribers import membership, roll, self_service
from subscribers.errors import BadAddress, BadForm, BadToken, ListError, TooLarge
from subscribers.roll import ConsentEvent, Member
from subscribers.self_service import Changes
from subscribers.standing import Standing
from subscribers.web import answers
from subscribers.web.fields import Fields
from subscribers.web.links import SHOW
from subscribers.web.requests import read_body, read_form
from subscribers.web.site import Site

_ERASED = "erased"


class WrongInput(ListError):
    """The form holds a value that makes no sense; the text is the key of the page's message."""


def routes(site: Site) -> APIRouter:
    router = APIRouter(tags=["preferences"], default_response_class=HTMLResponse)

    @router.api_route("/preferences/{token}", methods=SHOW)
    def show(token: str) -> Response:
        """The reader's page."""
        return _show(site, token)

    @router.api_route("/preferences/{token}/data", methods=SHOW, response_class=JSONResponse)
    def data(token: str) -> Response:
        """Everything that is kept about the reader, as a file."""
        return _data(site, token)

    @router.post("/preferences/{token}")
    async def change(token: str, request: Request) -> Response:
        """`topics`, `name`, `pause_until`, `address`; or `action` erase, then erase-now."""
        try:
            fields = await read_form(request, await read_body(request))
        except TooLarge:
            return answers.too_much(site)
        except BadForm:
            return answers.unreadable(site)
        return await run_in_threadpool(_change, site, token, fields)

    return router


def _ref(site: Site, token: str) -> str | None:
    try:
        ref = site.keys.read("preferences", token, now=site.now())
    except BadToken:
        return None
    with site.storage.reading() as conn:
        return membership.current_ref(conn, ref)


def _show(site: Site, token: str, *, status: int = 200, **context: object) -> Response:
    ref = _ref(site, token)
    if ref is None:
        return answers.broken(site)
    with site.storage.reading() as conn:
        member = roll.by_ref(conn, ref)
        history = roll.history(conn, member.id) if member else []
        is_known = member is not None or membership.is_known(conn, ref)
    if member is None:
        return answers.message(site, _ERASED) if is_known else answers.unknown_link(site, ref)
    now, until = site.now(), member.paused_until
    return answers.page(
        site,
        "preferences",
        status=status,
        member=member,
        topics=_topics(site, member),
        paused=until.date() if until and until > now else None,
        today=now.date(),
        why=_agreement(member, history),
        history=history,
        data_url=site.link("preferences", f"{token}/data"),
        unsubscribe_url=site.signed_link("unsubscribe", ref),
        privacy_url=site.privacy_url,
        **context,
    )


# How a reader signed up, as a key of the page's words.
_CAME = {
    "form": "form",
    "form elsewhere": "elsewhere",
    "hook": "elsewhere",
    "import": "import",
    "editor": "editor",
}


def _topics(site: Site, member: Member) -> list[tuple[str, bool]]:
    """Each topic and whether the reader gets it.

    Readers who chose none that is still offered get all of them.
    """
    wanted = [topic for topic in member.topics if topic in site.topics]
    return [(topic, not wanted or topic in wanted) for topic in site.topics]


def _agreement(member: Member, history: Sequence[ConsentEvent]) -> dict[str, Any] | None:
    """The newest agreement that still holds: how, when, and when it was confirmed."""
    if member.status != Standing.ACTIVE:
        return None
    request = next((e for e in reversed(history) if e.act in ("asked", "imported")), None)
    confirmation = next((e for e in reversed(history) if e.act == "confirmed"), None)
    if request is None:
        return None
    is_confirmed = confirmation and confirmation.sequence > request.sequence
    return {
        "came": _CAME.get(request.how, "other"),
        "asked": request.at,
        "confirmed": (confirmation.at if confirmation and is_confirmed else None),
    }


def _data(site: Site, token: str) -> Response:
    ref = _ref(site, token)
    if ref is None:
        return answers.broken(site)
    with site.storage.reading() as conn:
        member = roll.by_ref(conn, ref)
        history = roll.history(conn, member.id) if member else []
        is_known = member is not None or membership.is_known(conn, ref)
    if member is None:
        return answers.message(site, _ERASED) if is_known else answers.unknown_link(site, ref)
    content: dict[str, Any] = {
        "address": member.address,
        "name": member.name,
        "status": member.status,
        "topics": list(member.topics or site.topics),
        "since": member.since.isoformat(),
        "joined_at": member.joined_at.isoformat(),
        "paused_until": member.paused_until.isoformat() if member.paused_until else None,
        "history": [_event(event) for event in history],
    }
    name = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return JSONResponse(content, headers={**answers.PRIVATE, **name})


def _event(event: ConsentEvent) -> dict[str, Any]:
    """An entry for the reader: without the name of the editor who made it."""
    values = {field.name: getattr(event, field.name) for field in fields_of(event)}
    del values["by"]
    return values | {"at": event.at.isoformat(), "evidence": dict(event.evidence)}


def _change(site: Site, token: str, fields: Fields) -> Response:
    ref = _ref(site, token)
    if ref is None:
        return answers.broken(site)
    action = fields.text("action") or "save"
    if action == "erase":
        return answers.page(site, "erase", back=site.link("preferences", token))
    if action == "erase-now":
        self_service.erase(site.storage, site.keys, ref, now=site.now)
        return answers.message(site, _ERASED)
    try:
        return _show(site, token, notice=_save(site, ref, fields))
    except (BadAddress, WrongInput) as error:
        key = error.kind if isinstance(error, BadAddress) else str(error)
        typed = {name: fields.text(name) for name in ("name", "address") if name in fields}
        return _show(site, token, status=422, error=key, typed=typed)


def _save(site: Site, ref: str, fields: Fields) -> str:
    """Changes what the form holds and leaves the rest; gives the key of the page's message."""
    result = self_service.change(site.storage, site.keys, ref, _changes(site, fields), now=site.now)
    if result == "asked":
        site.nudge()
    # “asked” whether or not a letter is sent: the page must not reveal who is on the list.
    return "saved" if result == "same" else "asked"


def _changes(site: Site, fields: Fields) -> Changes:
    """The form as changes. Raises WrongInput."""
    return Changes(
        name=fields.text("name") if "name" in fields else None,
        topics=_wanted_topics(site, fields),
        pause="pause_until" in fields,
        pause_until=_day(fields.text("pause_until").strip()),
        address=fields.text("address").strip(" \t"),
    )


def _wanted_topics(site: Site, fields: Fields) -> list[str] | None:
    if "topics" not in fields and "topics_shown" not in fields:
        return None
    wanted = set(fields.texts("topics"))
    if site.topics and not wanted & set(site.topics):
        raise WrongInput("no_topic")
    topics = [topic for topic in site.topics if topic in wanted]
    return [] if len(topics) == len(site.topics) else topics


def _day(text: str) -> datetime | None:
    """Midnight UTC at the start of that day."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError as error:
        raise WrongInput("no_date") from error
