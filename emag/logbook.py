"""Writes the log: one line an event, in UTC, as text or JSON, without addresses or secrets.

The levels: `debug` is for developers; `info` is what happened; `warning` is what went wrong and
emag copes with, or what somebody should look at; `error` is what a person must put right.
"""

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from typing import Any

from emag.settings import Settings

ERRORS = "errors.log"  # in the publication's folder: the tracebacks, for its owner alone
REQUEST: ContextVar[str] = ContextVar("request", default="")  # the number of the web request

FAULT = "fault"  # in `extra`: the error of a record; no other handler prints its text

_PACKAGES = ("emag", "subscribers")
_LARGEST, _OLDER = 1_000_000, 2  # bytes of a file of tracebacks, and how many older ones stay
_SHORTEST_SECRET = 4  # a shorter one would blank out words
_ADDRESS = re.compile(r"[^\s<>\"'“”(),;:=]+@[^\s<>\"'“”(),;]+")
# What signs or opens something: long, and of large and small letters and digits.
_TOKEN = re.compile(r"\b(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{24,}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def start(settings: Settings, *, is_service: bool = True) -> None:
    """Begins to log to standard error, and tracebacks into a file. It may be called again.

    A command that somebody runs by hand logs warnings, but everything at the level `debug`.
    """
    environment = settings.environment
    chosen = environment.log_level.upper()
    if not is_service and chosen == "INFO":
        chosen = "WARNING"
    scrub = Scrubber(settings)
    lines = _Lines(scrub, as_json=environment.log == "json", with_trace=chosen == "DEBUG")
    handlers = [_ToStderr(), _TraceFile(settings.folder / ERRORS)]
    for handler, formatter in zip(handlers, (lines, _Traces(scrub)), strict=True):
        handler.setFormatter(formatter)
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, (_ToStderr, _TraceFile))]:
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    for package in _PACKAGES:
        logging.getLogger(package).setLevel(chosen)


class Scrubber:
    """Takes mail addresses, secrets and tokens out of a text."""

    def __init__(self, settings: Settings) -> None:
        secrets: Iterable[str] = (*settings.environment.secrets, settings.alerts.webhook)
        values = sorted({s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, values))) if values else None

    def __call__(self, text: str) -> str:
        if self._secrets:
            text = self._secrets.sub("…", text)
        if "@" in text:
            text = _ADDRESS.sub("…", text)
        return _TOKEN.sub("…", text)


def one_line(text: str) -> str:
    """The text in one line: a line of the log cannot be forged by what it quotes."""
    return _CONTROLS.sub(" ", text)


class _Lines(logging.Formatter):
    def __init__(self, scrub: Scrubber, *, as_json: bool, with_trace: bool) -> None:
        super().__init__()
        self._scrub, self._as_json, self._with_trace = scrub, as_json, with_trace

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": one_line(self._scrub(record.getMessage())),
        }
        if request := REQUEST.get():
            event["request"] = request
        trace = _trace(record, self._scrub) if self._with_trace else ""
        if self._as_json:
            return json.dumps(event | ({"trace": trace} if trace else {}), ensure_ascii=False)
        tail = f" (request {request})" if request else ""
        head = f"{event['at']} {record.levelname} {record.name}: {event['message']}{tail}"
        return f"{head} | {' | '.join(trace.splitlines())}" if trace else head


class _Traces(logging.Formatter):
    def __init__(self, scrub: Scrubber) -> None:
        super().__init__()
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        message = one_line(self._scrub(record.getMessage()))
        request = f" (request {REQUEST.get()})" if REQUEST.get() else ""
        head = f"{_moment(record)} {record.levelname} {record.name}: {message}{request}"
        return f"{head}\n{_trace(record, self._scrub)}"


def _trace(record: logging.LogRecord, scrub: Scrubber) -> str:
    error = _fault(record)
    return scrub("".join(traceback.format_exception(error)).rstrip()) if error else ""


def _fault(record: logging.LogRecord) -> BaseException | None:
    error: BaseException | None = getattr(record, FAULT, None)
    return error or (record.exc_info[1] if record.exc_info else None)


def _moment(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03}Z"


class _ToStderr(logging.StreamHandler[Any]):
    """Writes to what standard error is now. A log that cannot be written stops nothing."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Says nothing: standard error itself is gone."""


class _TraceFile(RotatingFileHandler):
    """Keeps the records that have a traceback. Only the owner may read the file."""

    def __init__(self, file: os.PathLike[str]) -> None:
        options: dict[str, Any] = {"maxBytes": _LARGEST, "backupCount": _OLDER, "delay": True}
        super().__init__(file, encoding="utf-8", **options)

    def emit(self, record: logging.LogRecord) -> None:
        if _fault(record):
            super().emit(record)

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return open(handle, "a", encoding="utf-8")  # noqa: PTH123 - the handler closes it

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Says nothing: the disk is full or read-only, and the log has the line already."""
