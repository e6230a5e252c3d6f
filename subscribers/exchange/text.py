"""Finds the encoding of a file, and whether it is text at all."""

import codecs
import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO, TextIO

from subscribers.errors import WrongFile

_AT_ONCE = 1 << 20
_LONGEST_LINE = 2 << 20  # characters
_END = re.compile(r"[\r\n]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_KINDS = (
    (b"\xd0\xcf\x11\xe0", "a workbook: save the list as CSV first"),
    (b"%PDF", "a PDF: export the list as CSV"),
    (b"\x1f\x8b", "compressed: unpack it first"),
    (b"{\\rtf", "a text document: export the list as CSV"),
    (b"\x89PNG", "a picture"),
)
# Tried in turn. Windows-1252 comes last, because nearly every byte is valid in it.
_BARE = ("utf-8", "cp1252")


def check_text(
    name: str, opened: Callable[[], AbstractContextManager[IO[bytes]]]
) -> tuple[str, int]:
    """Gives the encoding and the number of lines. Raises WrongFile for what is not text."""
    with opened() as raw:
        start = raw.read(400)
    for mark, kind in _KINDS:
        if start.startswith(mark):
            raise WrongFile(f"{name} is {kind}.")
    for encoding in _likely(start):
        try:
            with opened() as raw:
                return encoding, _lines(name, raw, encoding)
        except UnicodeError:
            continue
    raise WrongFile(f"{name} is not a text file: save the list as “CSV UTF-8”.")


def _likely(start: bytes) -> tuple[str, ...]:
    if start.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    # Without a mark: the header is plain ASCII, so that every second byte is zero.
    if start[1:8:2] and not any(start[1:8:2]):
        return ("utf-16-le",)
    if start[0:8:2] and not any(start[0:8:2]):
        return ("utf-16-be",)
    return _BARE


def _lines(name: str, raw: IO[bytes], encoding: str) -> int:
    """Counts the lines. Raises UnicodeError, or WrongFile for what only looks like text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    count, is_first, last, length = 0, True, "", 0
    while True:
        data = raw.read(_AT_ONCE)
        text = decoder.decode(data, final=not data)
        if _CONTROL.search(text):
            raise WrongFile(f"{name} is not a text file: it holds bytes that no list has.")
        if is_first and text.lstrip("\ufeff \t\r\n").startswith("<"):
            raise WrongFile(f"{name} is a web page or XML, not a list: export the list as CSV.")
        length = _line_length(name, text, length)
        count += text.count("\n") or text.count("\r")
        is_first, last = False, text[-1:] or last
        if not data:
            return count + (last not in {"", "\n", "\r"})


def _line_length(name: str, text: str, before: int) -> int:
    """Gives the length of the line that the text ends in; `before` is what it began with.

    Raises WrongFile for a line that is too long: a line is read as a whole into memory.
    """
    first, last = _END.search(text), max(text.rfind("\n"), text.rfind("\r"))
    if before + (first.start() if first else len(text)) > _LONGEST_LINE:
        raise WrongFile(f"{name} has a line that is too long for any list.")
    return before + len(text) if first is None else len(text) - last - 1


@contextmanager
def decoded(raw: IO[bytes], encoding: str) -> Iterator[TextIO]:
    """Decodes a file and leaves its line breaks as they are: the CSV reader knows them all."""
    file = io.TextIOWrapper(raw, encoding, newline="")
    try:
        yield file
    finally:
        file.detach()
