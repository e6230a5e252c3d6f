"""Receives a form with one file: bounded, and parsed in threads, piece by piece."""

import re
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from subscribers.errors import BadForm, TooLarge

LARGEST = 64 << 20  # bytes: a list of a million readers, or of ten million in a zip
_LONGEST_FIELD = 20_000  # bytes
_MOST_PARTS = 40
_PIECE = 1 << 20  # bytes that are parsed at once
_PREFIX = "emag-import-"  # of the folders
_FORGOTTEN = 24 * 3600  # seconds, after which a file was left behind by a process that ended
_LONGEST_NAME = 200  # bytes of a file's name; file systems take 255
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\:]")


class Upload:
    """The fields of a form, and its file in a folder of its own, which the caller deletes."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.file: Path | None = None

    def text(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def delete(self) -> None:
        """Deletes the file, if there is one."""
        if self.file is not None:
            shutil.rmtree(self.file.parent, ignore_errors=True)
            self.file = None


async def receive(request: Request) -> Upload:
    """Reads the form. Raises BadForm, and TooLarge for more than any list that anybody has."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > LARGEST:
        raise TooLarge
    await run_in_threadpool(_delete_forgotten)
    form = _Form(request.headers.get("content-type", ""))
    try:
        await _read(request, form)
    except BaseException:  # a client who goes away too
        form.close()
        form.upload.delete()
        raise
    form.close()
    return form.upload


async def _read(request: Request, form: "_Form") -> None:
    size, waiting = 0, bytearray()
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST:
            raise TooLarge
        waiting += chunk
        if len(waiting) >= _PIECE:
            await run_in_threadpool(form.write, bytes(waiting))
            waiting.clear()
    await run_in_threadpool(form.write, bytes(waiting))
    if not form.is_complete:
        raise BadForm


class _Form:
    """Takes the pieces of a multipart body (RFC 7578)."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 0 < len(boundary) <= 70:  # noqa: PLR2004 - RFC 2046, 5.1.1
            raise BadForm
        self.upload, self.is_complete = Upload(), False
        self._parts, self._name, self._value = 0, "", bytearray()
        self._header = [bytearray(), bytearray()]  # its name and its value
        self._out: IO[bytes] | None = None
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": self._append_to(self._header[0]),
            "on_header_value": self._append_to(self._header[1]),
            "on_header_end": self._end_header,
            "on_part_data": self._take,
            "on_part_end": self._end,
            "on_end": self._complete,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def write(self, piece: bytes) -> None:
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise BadForm from error

    def close(self) -> None:
        if self._out is not None:
            self._out.close()

    @staticmethod
    def _append_to(buffer: bytearray) -> Callable[[bytes, int, int], None]:
        def append(data: bytes, start: int, end: int) -> None:
            buffer.extend(data[start:end])

        return append

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise TooLarge
        self._name = ""
        self._value.clear()

    def _end_header(self) -> None:
        name, value = (part.decode("latin-1") for part in self._header)
        for part in self._header:
            part.clear()
        if name.lower() != "content-disposition":
            return
        _, options = parse_options_header(value)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        file_name = options.get(b"filename", b"").decode("utf-8", "replace")
        if file_name and self._out is None:
            self.upload.file = Path(tempfile.mkdtemp(prefix=_PREFIX)) / _safe(file_name)
            self._out = self.upload.file.open("xb")
            self._name = ""
        elif b"filename" in options:
            self._name = ""  # a second file, or none chosen

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._name:
            self._value.extend(data[start:end])
            if len(self._value) > _LONGEST_FIELD:
                raise TooLarge
        elif self._out is not None and not self._out.closed:
            self._out.write(data[start:end])

    def _end(self) -> None:
        if self._name:
            self.upload.fields[self._name] = self._value.decode("utf-8", "replace")
        elif self._out is not None:
            self._out.close()

    def _complete(self) -> None:
        self.is_complete = True


def _delete_forgotten() -> None:
    """Deletes files with readers' addresses that nobody can import any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _FORGOTTEN:
                shutil.rmtree(folder, ignore_errors=True)


def _safe(name: str) -> str:
    """The file's own name without a path, such as every system can store."""
    bare = _NOT_IN_NAMES.sub("", name.replace("\\", "/").rpartition("/")[2]).strip(". ")
    return bare.encode("utf-8", "replace")[-_LONGEST_NAME:].decode("utf-8", "ignore") or "list.csv"
