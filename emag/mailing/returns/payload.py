"""Reads JSON from outside without trusting it: a value of the wrong type counts as empty."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from emag.errors import ReportError

_MAX_ENTRIES = 1_000  # of a list
_MAX_TEXT = 200_000  # characters
_MILLISECONDS = 100_000_000_000  # a time in seconds is smaller until the year 5138


def load(body: bytes | str) -> object:
    """The JSON value of a body. Raises ReportError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ReportError("The report is not JSON") from error


def load_object(body: bytes | str) -> Mapping[str, Any]:
    """The JSON object of a body. Raises ReportError."""
    value = load(body)
    if not isinstance(value, dict):
        raise ReportError("The report is not one JSON object")
    return value


def text(value: object) -> str:
    """A text that every database can store: without NUL and without halves of a surrogate pair."""
    if not isinstance(value, str):
        return ""
    value = value[:_MAX_TEXT].replace("\0", "")
    return value.encode("utf-8", "replace").decode()


def table(value: object) -> Mapping[str, Any]:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def entries(value: object) -> list[Any]:
    """The first entries of a list, or none."""
    return value[:_MAX_ENTRIES] if isinstance(value, list) else []


def rows(value: object) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    return [entry for entry in entries(value) if isinstance(entry, dict)]


def moment(value: object, default: datetime) -> datetime:
    """An ISO time, or seconds or milliseconds since 1970, as aware UTC."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            at = datetime.fromisoformat(value)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        seconds = float(str(value))
        return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return default
