"""The fields of an HTML form, decoded as UTF-8 only and within bounds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from subscribers.errors import BadForm, TooLarge

MAX_FIELDS = 200
MAX_FIELD = 20_000  # characters of one value: the wording of a webhook is the longest
MAX_NAME = 200
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_UTF_8 = {"", "utf-8", "utf8", "us-ascii", "ascii"}
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")  # RFC 2046, 5.1.1
_PARAMETER = re.compile(r';\s*([\w*-]{1,40})\s*=\s*("(?:[^"\\]|\\.)*"|[^;"\s]+)\s*', re.ASCII)


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and values in the order in which they were sent; a name may come again."""

    pairs: tuple[tuple[str, str], ...] = ()

    def text(self, name: str) -> str:
        """The last value of that name, or nothing."""
        return next((value for key, value in reversed(self.pairs) if key == name), "")

    def texts(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.pairs)

    def __iter__(self) -> Iterator[str]:
        """Each name once."""
        return iter(dict(self.pairs))


def parse_form(content_type: str, raw: bytes) -> Fields:
    """Decodes a urlencoded or multipart body. Uploaded files are left out.

    Another charset than UTF-8 is refused: some codecs of Python take minutes for a short text.
    Raises BadForm, and TooLarge for more or longer fields than any form of ours has.
    """
    kind, parameters = _content_type(content_type)
    if parameters.get("charset", "").lower() not in _UTF_8:
        raise BadForm
    if kind == MULTIPART:
        return _bounded(_multipart(raw, parameters.get("boundary", "")))
    if kind == URLENCODED:
        return _bounded(_urlencoded(raw))
    return Fields()


def is_form(content_type: str) -> bool:
    return _content_type(content_type)[0] in {URLENCODED, MULTIPART}


def _content_type(header: str) -> tuple[str, dict[str, str]]:
    """The kind in lower case, and its parameters. RFC 9110, 8.3."""
    kind, semicolon, rest = header.partition(";")
    return kind.strip().lower(), _parameters(semicolon + rest)


def _parameters(text: str) -> dict[str, str]:
    return {name.lower(): _unquoted(value) for name, value in _PARAMETER.findall(text)}


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _bounded(pairs: Iterable[tuple[str, str]]) -> Fields:
    fields = Fields(tuple(pairs))
    if len(fields.pairs) > MAX_FIELDS:
        raise TooLarge
    if any(len(name) > MAX_NAME or len(value) > MAX_FIELD for name, value in fields.pairs):
        raise TooLarge
    return fields


def _urlencoded(raw: bytes) -> list[tuple[str, str]]:
    try:
        text = raw.decode("utf-8", "replace")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise TooLarge from error


def _multipart(raw: bytes, boundary: str) -> Iterator[tuple[str, str]]:
    """RFC 7578: the text fields between the boundaries."""
    if not _BOUNDARY.fullmatch(boundary):
        raise BadForm
    delimiter = b"\r\n--" + boundary.encode()
    _, *parts = (b"\r\n" + raw).split(delimiter, MAX_FIELDS + 2)
    if not parts or not parts[-1].startswith(b"--"):
        raise TooLarge if len(parts) > MAX_FIELDS else BadForm
    for part in parts[:-1]:
        padding, line_end, rest = part.partition(b"\r\n")
        if not line_end or padding.strip(b" \t"):
            raise BadForm
        field = _field(rest)
        if field is not None:
            yield field


def _field(part: bytes) -> tuple[str, str] | None:
    """One part as name and value; None for a file. Raises BadForm."""
    if part.startswith(b"\r\n"):
        raise BadForm  # without headers there is no name
    head, blank_line, value = part.partition(b"\r\n\r\n")
    headers = dict(_header(line) for line in head.decode("utf-8", "replace").split("\r\n"))
    disposition = headers.get("content-disposition", "")
    parameters = _parameters(disposition.removeprefix("form-data"))
    charset = _content_type(headers.get("content-type", ""))[1].get("charset", "")
    is_field = disposition.startswith("form-data") and "name" in parameters
    if not blank_line or not is_field or charset.lower() not in _UTF_8:
        raise BadForm
    if "filename" in parameters or "filename*" in parameters:
        return None
    return parameters["name"], value.decode("utf-8", "replace")


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise BadForm
    return name.strip().lower(), value.strip()
