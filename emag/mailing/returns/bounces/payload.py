"""JSON from outside, read without trust: what is not as it should be is empty."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from emag.errors import ReportError

_MOST = 1_000  # entries of a list
_MILLISECONDS = 100_000_000_000  # a moment in seconds is smaller until the year 5138


def load(body: bytes | str) -> Mapping[str, Any]:
    """The object that a body holds. Raises ReportError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ReportError("The report is not JSON") from error
    if not isinstance(found, dict):
        raise ReportError("The report is not one object")
    return found


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def some(value: object) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def rows(value: object) -> list[Mapping[str, Any]]:
    return [one for one in some(value) if isinstance(one, dict)]


def moment(value: object, otherwise: datetime) -> datetime:
    """An ISO time, or seconds or milliseconds since 1970, as aware UTC."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            at = datetime.fromisoformat(value)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        seconds = float(str(value))
        at = datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise
    return at
