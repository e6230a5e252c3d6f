"""Answers that a browser or a feed reader may cache, with their validators."""

import hashlib
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from fastapi import Request, Response

MAX_AGE = 300  # seconds for which a copy may be used without asking again


def cached(request: Request, body: str, kind: str, *, changed_at: datetime | None) -> Response:
    """The body with ETag and Last-Modified, or 304 where the client has it (RFC 9110, 8.8)."""
    content = body.encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={MAX_AGE}"}
    if changed_at:
        headers["Last-Modified"] = format_datetime(changed_at, usegmt=True)
    if _is_current(request, tag, changed_at):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=kind, headers=headers)


def _is_current(request: Request, tag: str, changed_at: datetime | None) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:  # it takes precedence over the date
        return any(one.strip().removeprefix("W/") in {tag, "*"} for one in tags.split(","))
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    if since.tzinfo is None or changed_at is None:
        return False
    return changed_at.replace(microsecond=0) <= since
