"""MJML to HTML by mjml-python, with cures for what it gets wrong."""

import re
from collections.abc import Callable

from mjml import mjml2html

from emag.errors import PressError

_ATTRIBUTE = re.compile(r"""([\w:@.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ATTRIBUTES = re.compile(r"""(?:\s+[\w:@.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*\s*""")
_TAG = re.compile(rf"<[A-Za-z][\w:.-]*{_ATTRIBUTES.pattern}/?>")
_TOKEN = re.compile(
    r"""<!--.*?-->|<(/?)([A-Za-z][\w:.-]*)((?:[^<>"']|"[^"]*"|'[^']*')*?)(/?)>|<""", re.DOTALL
)
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_UNKNOWN = re.compile(r"</?mj-[a-z-]+")
_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)
_IMAGE = re.compile(r"<img\b(?![^>]*\salt=)", re.IGNORECASE)
_STYLE = re.compile(r"<style\b(?![^>]*\b(?:data-inline|data-premailer|media)\b)")
_BARE_ZERO = re.compile(r"\b0(?= |$)")
_TWICE = re.compile(r"background:#[0-9a-f]{6};(background-color:#[0-9a-f]{6};)")
_NEXT_DOOR = re.compile(r"<!\[endif\]-->\s*<!--\[if mso \| IE\]>")
_TITLE = re.compile(r"(<mj-title>)(.*?)(</mj-title>)", re.DOTALL)
_DOCTYPE = re.compile(r"<!doctype html>", re.IGNORECASE)

Locate = Callable[[str], str]  # a fragment of the source → “file, line n”, or ""


def compile_mjml(source: str, *, locate: Locate = lambda _: "") -> str:
    """HTML that premailer can take. Raises PressError with the place of the mistake."""
    _check(source, locate)
    social = "https://example.invalid/"  # where mj-social would take its pictures from
    try:
        html = str(mjml2html(prepared(source), fonts={}, social_icon_origin=social))
    except ValueError as error:
        message = " ".join(str(error).split()).rstrip(".")
        raise PressError(f"The template does not compile as MJML: {message}") from error
    unknown = _UNKNOWN.search(html)
    if unknown:
        place = locate(f"{unknown[0]}>") or locate(f"{unknown[0]} ") or "The template"
        raise PressError(f"{place}: MJML knows no <{unknown[0].strip('</')}> at this place")
    return finished(html)


def prepared(source: str) -> str:
    """`source` in ASCII and with tame attributes: mrml writes those in Rust's debug form."""
    source = _TITLE.sub(_title, source)
    source = _TAG.sub(lambda tag: _ATTRIBUTE.sub(_attribute, tag[0]), source)
    return source.encode("ascii", "xmlcharrefreplace").decode()


def finished(html: str) -> str:
    """What the compiler leaves out: every alt, and the mark that keeps premailer off its CSS."""
    html = _TWICE.sub(r"\1", html)
    html = _NEXT_DOOR.sub("", html)  # two comments for Outlook side by side are one, 33 bytes less
    parts = _COMMENT.split(html)
    html = "".join(part if part.startswith("<!--") else _marked(part) for part in parts)
    # premailer drops a doctype in small letters, and with it goes standards mode.
    return _DOCTYPE.sub("<!DOCTYPE html>", html, count=1)


def mistake(source: str) -> tuple[int, str] | None:
    """Where the first tag stands that is open, closed or written wrongly, and what is wrong.

    The compiler lets a wrong closing tag pass, and has no place to tell for an unclosed one.
    """
    still_open: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(source):
        closing, name, attributes, empty = token.groups()
        if token[0] == "<":
            return token.start(), "a bare “<” must be written as “&lt;”"
        if name is None or empty or name in _VOID:
            continue
        if not _ATTRIBUTES.fullmatch(attributes):
            return token.start(), f"an attribute of <{name}> is not in quotes"
        if not closing:
            still_open.append((name, token.start()))
        elif not still_open or still_open.pop()[0] != name:
            return token.start(), f"</{name}> closes nothing that is open here"
    return (still_open[-1][1], f"<{still_open[-1][0]}> is never closed") if still_open else None


def _check(source: str, locate: Locate) -> None:
    found = mistake(source)
    if found:
        offset, what = found
        number = source.count("\n", 0, offset)
        line = source.split("\n")[number].strip()
        # A file without a line end at its end is printed with the next one behind it.
        start = source[source.rfind("\n", 0, offset) + 1 : source.find(">", offset) + 1].strip()
        place = locate(line) or (start and locate(start))
        place = place or f"Line {number + 1} of the printed MJML (“{line[:60]}”)"
        raise PressError(f"{place}: {what}")


def _marked(html: str) -> str:
    return _STYLE.sub('<style data-premailer="ignore"', _IMAGE.sub('<img alt=""', html))


def _title(match: re.Match[str]) -> str:
    """The title also becomes an attribute of the body, without being escaped for it."""
    title = re.sub('&(?:quot|#34);|"', "&#8221;", match[2]).replace("\\", "&#92;")
    return f"{match[1]}{title}{match[3]}"


def _attribute(match: re.Match[str]) -> str:
    value = match[2] if match[2] is not None else match[3]
    value = " ".join(value.split()).replace('"', "&quot;").replace("\\", "&#92;")
    if match[1] == "padding":
        value = _BARE_ZERO.sub("0px", value)  # for a bare 0 mrml forgets the other sides' widths
    return f'{match[1]}="{value}"'
