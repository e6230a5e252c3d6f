"""A reader's own page: what comes, where to, what is kept, and erase me."""

from datetime import UTC, date, datetime, time
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request

from subscribers import membership, roll
from subscribers.errors import BadAddress, BadToken, ListError, TooLarge
from subscribers.roll import Member
from subscribers.standing import Standing
from subscribers.web import answers
from subscribers.web.door import Door
from subscribers.web.links import SHOW

_GONE = "erased"


class _NotUnderstood(ListError):
    """What the form holds cannot be meant; the text is the name of what is said of it."""


def routes(door: Door) -> APIRouter:
    router = APIRouter(tags=["preferences"], default_response_class=HTMLResponse)

    @router.api_route("/preferences/{token}", methods=SHOW)
    def show(token: str) -> Response:
        """The reader's page."""
        return _show(door, token)

    @router.api_route("/preferences/{token}/data", methods=SHOW, response_class=JSONResponse)
    def data(token: str) -> Response:
        """Everything that is kept of the reader, as a file."""
        return _data(door, token)

    @router.post("/preferences/{token}")
    async def change(token: str, request: Request) -> Response:
        """`topics`, `name`, `pause_until`, `address`; or `action` erase, then erase-now."""
        try:
            fields = await answers.form(request, await answers.body(request))
        except TooLarge:
            return answers.message(door, "too_much", status=413)
        return await run_in_threadpool(_change, door, token, fields)

    return router


def _ref(door: Door, token: str) -> str | None:
    try:
        ref = door.keys.read("preferences", token, now=door.now())
    except BadToken:
        return None
    with door.reading() as conn:
        return membership.current_ref(conn, ref)


def _show(door: Door, token: str, *, status: int = 200, **said: object) -> Response:
    ref = _ref(door, token)
    if ref is None:
        return answers.broken(door)
    with door.reading() as conn:
        member = roll.by_ref(conn, ref)
        history = roll.history(conn, member.id) if member else []
    if member is None:
        return answers.message(door, _GONE)
    now, until = door.now(), member.paused_until
    return answers.page(
        door,
        "preferences",
        status=status,
        member=member,
        topics=_topics(door, member),
        paused=until.date() if until and until > now else None,
        today=now.date(),
        why=_why(member, history),
        history=history,
        data_url=door.link("preferences", f"{token}/data"),
        unsubscribe_url=door.link("unsubscribe", door.keys.sign("unsubscribe", ref)),
        privacy_url=door.privacy_url,
        **said,
    )


# By which way a reader came, as the words call it.
_CAME = {
    "form": "form",
    "form elsewhere": "elsewhere",
    "hook": "elsewhere",
    "import": "import",
    "editor": "editor",
}


def _topics(door: Door, member: Member) -> list[tuple[str, bool]]:
    """Each topic and whether it comes: all do where nothing that is still offered was chosen."""
    known = [topic for topic in member.topics if topic in door.topics]
    return [(topic, not known or topic in known) for topic in door.topics]


def _why(member: Member, history: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last agreement that still stands: which way, when, and when it was confirmed."""
    if member.status != Standing.ACTIVE:
        return None
    asked = next((e for e in reversed(history) if e["act"] in ("asked", "imported")), None)
    agreed = next((e for e in reversed(history) if e["act"] == "confirmed"), None)
    if asked is None:
        return None
    is_confirmed = agreed and agreed["sequence"] > asked["sequence"]
    return {
        "came": _CAME.get(asked["how"], "other"),
        "asked": datetime.fromisoformat(asked["at"]),
        "confirmed": datetime.fromisoformat(agreed["at"]) if agreed and is_confirmed else None,
    }


def _data(door: Door, token: str) -> Response:
    ref = _ref(door, token)
    if ref is None:
        return answers.broken(door)
    with door.reading() as conn:
        member = roll.by_ref(conn, ref)
        history = roll.history(conn, member.id) if member else []
    if member is None:
        return answers.message(door, _GONE)
    held: dict[str, Any] = {
        "address": member.address,
        "name": member.name,
        "status": member.status,
        "topics": list(member.topics or door.topics),
        "since": member.since.isoformat(),
        "joined_at": member.joined_at.isoformat(),
        "paused_until": member.paused_until.isoformat() if member.paused_until else None,
        "history": history,
    }
    name = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return JSONResponse(held, headers={**answers.PRIVATE, **name})


def _change(door: Door, token: str, fields: FormData) -> Response:
    ref = _ref(door, token)
    if ref is None:
        return answers.broken(door)
    action = answers.text(fields, "action") or "save"
    if action == "erase":
        return answers.page(door, "erase", back=door.link("preferences", token))
    with door.reading() as conn:
        is_known = roll.by_ref(conn, ref) is not None
    if action == "erase-now" or not is_known:
        if is_known:
            with door.transaction() as conn:
                membership.erase(conn, door.keys, ref=ref, how="preferences", now=door.now())
        return answers.message(door, _GONE)
    try:
        return _show(door, token, said=_save(door, ref, fields))
    except (BadAddress, _NotUnderstood) as error:
        said = error.kind if isinstance(error, BadAddress) else str(error)
        typed = {name: answers.text(fields, name) for name in ("name", "address") if name in fields}
        return _show(door, token, status=422, error=said, typed=typed)


def _save(door: Door, ref: str, fields: FormData) -> str:
    """Changes what the form holds, and leaves the rest. Gives what is then said."""
    wanted: dict[str, Any] = {}
    if "topics" in fields or "topics_shown" in fields:
        chosen = set(answers.texts(fields, "topics"))
        if door.topics and not chosen & set(door.topics):
            raise _NotUnderstood("no_topic")
        topics = [topic for topic in door.topics if topic in chosen]
        wanted["topics"] = [] if len(topics) == len(door.topics) else topics
    if "name" in fields:
        wanted["name"] = answers.text(fields, "name")
    if "pause_until" in fields:
        wanted["pause_until"] = _day(answers.text(fields, "pause_until").strip())
    with door.transaction() as conn:
        if wanted:
            membership.set_preferences(conn, door.keys, ref, now=door.now(), **wanted)
        address = answers.text(fields, "address").strip(" \t")
        if not address:
            return "saved"
        asked = membership.request_address_change(
            conn, door.keys, ref, address=address, now=door.now()
        )
    if asked == "same":
        return "saved"
    if asked == "asked":
        door.nudge()
    return "asked"


def _day(text: str) -> datetime | None:
    """Midnight at the start of that day."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError as error:
        raise _NotUnderstood("no_date") from error
