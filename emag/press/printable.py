"""Makes text from outside safe to print: removes control characters, slots and unsafe links."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# Control characters, lone surrogates and noncharacters, which XML forbids; and the characters
# that change the direction of all following text. Titles get their direction from dir="auto".
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    + "".join(f"{chr(p << 16 | 0xFFFE)}{chr(p << 16 | 0xFFFF)}" for p in range(1, 17))
    + "]"
)
_STACKED_MARKS = re.compile(
    r"([\u0300-\u036f\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})[\u0300-\u036f\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)
# Text without any of these, and without two spaces, is clean already.
_SUSPECT = re.compile(
    _UNPRINTABLE.pattern[:-1]
    + "\t-\r\u2028\u2029\u0300-\u036f\u0489\u1ab0-\u1aff\u20d0-\u20ff\u00a0\u3000\\[]"
)
_SPACES = re.compile(r"[ \u00a0\u3000]{2,}")
_OPENING = re.compile(r"\[(?=\[)")
_JOINER = "\u2060"  # word joiner: invisible, and between two brackets it prevents a slot


def clean(text: str) -> str:
    """Returns `text` as one line that is safe anywhere in a mail."""
    if _is_clean(text):
        return text.strip()
    return _SPACES.sub(" ", defuse(_BREAKS.sub(" ", text))).strip()


def _is_clean(text: str) -> bool:
    """True for text that `clean` need not examine closely, as most text is."""
    if "  " in text:
        return False
    if text.isascii():
        return text.isprintable() and "[[" not in text
    return _SUSPECT.search(text) is None


def clean_lines(text: str) -> str:
    """Cleans text of several lines; keeps at most one empty line in a row."""
    lines = (clean(line) for line in re.split(r"\r\n?|\n|\u2028|\u2029", text))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def defuse(text: str) -> str:
    """Removes characters that break XML or change the text direction, and breaks up `[[`."""
    return _OPENING.sub("[" + _JOINER, _STACKED_MARKS.sub(r"\1", _UNPRINTABLE.sub("", text)))


def web_link(link: str) -> str:
    """Returns an absolute http(s) address in ASCII, safe in an attribute; "" for any other link."""
    try:
        parts = urlsplit(link.strip())
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:  # includes UnicodeError, which an invalid host raises
        return ""
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[\w.:-]+", host, re.ASCII):
        return ""
    host = f"[{host}]" if ":" in host else host
    return urlunsplit(
        (
            parts.scheme,
            host if port is None else f"{host}:{port}",
            _quoted(parts.path),
            _quoted(parts.query),
            _quoted(parts.fragment),
        )
    )


def _quoted(part: str) -> str:
    return quote(_UNPRINTABLE.sub("", part), safe="/?:@!$&()*+,;=%~-._")
