"""Encodes header values and bodies so that no value can start a header or a part."""

import re
from base64 import b64encode
from collections.abc import Callable
from email.utils import parseaddr
from functools import lru_cache

# RFC 2047 section 2: an encoded word has 75 characters at most, its line 76.
WORD = 75
LINE = 76
# Quoted-printable: room for the "=" of a soft break and for a leading dot written as "=2E".
_QUOTED = 73
_PLAIN_NAME = 60

# Characters that end a line in some programs, or that no mail program shows.
_CONTROLS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_Q_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_UNQUOTABLE = re.compile(rb"[^ -<>-~\t]")
# Text that needs no encoding: no "=", no markup, no dot first, no two spaces.
_SIMPLE = re.compile(rb"(?!\.)[!#-%(-;?-~]+(?: [!#-%(-;?-~]+)*")
_SENDABLE = re.compile(
    r"[^\s\x00-\x20\x7f-\x9f()<>\[\],;:\\\"@]+@[^\s\x00-\x20\x7f-\x9f()<>,;\\\"@]+"
)
_LONGEST_ADDRESS = 254


def clean(text: str) -> str:
    """One line of text: characters that could break a header become spaces."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _CONTROLS.sub(" ", text).strip().encode("utf-8", "replace").decode()


@lru_cache(maxsize=1_024)  # each address of a group is looked up more than once
def sendable(address: str) -> bool:
    """True if an address is allowed in an envelope and a header as it is."""
    return len(address) <= _LONGEST_ADDRESS and bool(_SENDABLE.fullmatch(address))


def unstructured(text: str, *, used: int) -> str:
    """A header's value, folded and encoded where needed. `used` is the length of “Name: ”."""
    text = clean(text)
    words = text.split(" ")
    if text.isascii() and "=?" not in text and max(map(len, words)) < LINE - used:
        return _folded(words, used)
    return _encoded(text, used)


def mailbox(name: str, address: str, *, used: int) -> str:
    """“Name <address>” for a header; the address must be `sendable`."""
    name = clean(name)
    if not name:
        return address
    encoded = phrase(name, used=used)
    last = len(encoded.rpartition("\n")[2]) + (0 if "\n" in encoded else used)
    return (
        f"{encoded} <{address}>"
        if last + 3 + len(address) <= LINE
        else f"{encoded}\r\n <{address}>"
    )


def phrase(name: str, *, used: int) -> str:
    """A display name: an atom, a quoted string, or encoded words (RFC 5322, 2047)."""
    name = clean(name)
    if not name.isascii() or len(name) > _PLAIN_NAME or "=?" in name:
        return _encoded(name, used)
    if _ATOMS.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def split(mailbox: str) -> tuple[str, str]:
    """The name and address of a mailbox such as “Ann <ann@example.org>”."""
    return parseaddr(mailbox)


def _folded(words: list[str], used: int) -> str:
    lines, length = [words[0]], used + len(words[0])
    for word in words[1:]:
        if length + 1 + len(word) <= LINE:
            lines[-1] += " " + word
            length += 1 + len(word)
        else:
            lines.append(word)
            length = 1 + len(word)
    return "\r\n ".join(lines)


def _encoded(text: str, used: int) -> str:
    """Encoded words. No word splits a character, so every mail program can join them."""
    encode = _shorter(text)
    room = LINE - used
    word = encode(text)
    if len(word) <= min(room, WORD):
        return word
    words, current = [], ""
    for character in text:
        if current and len(encode(current + character)) > min(room, WORD):
            words.append(encode(current))
            current, room = "", LINE - 1
        current += character
    return "\r\n ".join([*words, encode(current)])


def _shorter(text: str) -> Callable[[str], str]:
    return _q if len(_q(text)) <= len(_b(text)) else _b


def _q(text: str) -> str:
    letters = (c if c in _Q_SAFE else "_" if c == " " else _hex(c) for c in text)
    return f"=?utf-8?Q?{''.join(letters)}?="


def _hex(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in character.encode())


def _b(text: str) -> str:
    return f"=?utf-8?B?{b64encode(text.encode()).decode()}?="


def simple(text: str) -> bytes | None:
    """Like `value` for text that needs no encoding, not even in HTML; else None."""
    line = text.encode("utf-8", "replace")
    if (
        not _SIMPLE.fullmatch(line)
        or line[_QUOTED : _QUOTED + 1] == b"."
        or len(line) > 2 * _QUOTED
    ):
        return None
    return line if len(line) <= _QUOTED else b"%b=\r\n%b" % (line[:_QUOTED], line[_QUOTED:])


def value(text: str) -> bytes:
    """One line of text in quoted-printable, for use between two soft line breaks."""
    line = text.encode("utf-8", "replace")
    if _UNQUOTABLE.search(line):
        line = _UNQUOTABLE.sub(_escape, line)
    elif len(line) <= _QUOTED and line[:1] != b".":
        return line
    return b"=\r\n".join(_pieces(line))


def block(text: str) -> bytes:
    """Lines of text in quoted-printable (RFC 2045 section 6.7), CRLF between them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return b"\r\n".join(_line(line) for line in text.split("\n"))


def _line(text: str) -> bytes:
    line = _UNQUOTABLE.sub(_escape, text.encode("utf-8", "replace"))
    if line[-1:] in {b" ", b"\t"}:  # a mail server may strip it
        line = line[:-1] + b"=%02X" % line[-1]
    return b"=\r\n".join(_pieces(line))


def _pieces(line: bytes) -> list[bytes]:
    """Pieces of at most 73 octets. None splits an escape or begins with a dot."""
    pieces, start = [], 0
    while len(line) - start > _QUOTED:
        escape = line.find(b"=", start + _QUOTED - 2, start + _QUOTED)
        end = start + _QUOTED if escape < 0 else escape
        pieces.append(line[start:end])
        start = end
    pieces.append(line[start:])
    return [b"=2E" + piece[1:] if piece[:1] == b"." else piece for piece in pieces]


def _escape(match: re.Match[bytes]) -> bytes:
    return b"=%02X" % match[0][0]
