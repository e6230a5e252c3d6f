"""Compiles MJML to HTML with mjml-python (mrml) and works around its bugs."""

import re
from collections.abc import Callable
from functools import lru_cache

from mjml import mjml2html

from emag.errors import PressError
from emag.press.markup import ATTRIBUTE, ATTRIBUTES, mistake

_TAG = re.compile(rf"<[A-Za-z][\w:.-]*{ATTRIBUTES.pattern}/?>")
_UNKNOWN = re.compile(r"</?mj-[a-z-]+")
_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)
_IMAGE = re.compile(r"<img\b(?![^>]*\salt=)", re.IGNORECASE)
_STYLE = re.compile(r"<style\b(?![^>]*\b(?:data-inline|data-premailer|media)\b)")
# A tag without these, and on one line, has nothing to escape.
_UNUSUAL = ("'", "\\", "padding", "  ", ' "', '=" ', " =", "= ")
_BARE_ZERO = re.compile(r"\b0(?= |$)")
_BACKGROUND_PAIR = re.compile(r"background:#[0-9a-f]{6};(background-color:#[0-9a-f]{6};)")
_ADJACENT_COMMENTS = re.compile(r"<!\[endif\]-->\s*<!--\[if mso \| IE\]>")
_TITLE = re.compile(r"(<mj-title>)(.*?)(</mj-title>)", re.DOTALL)
_DOCTYPE = re.compile(r"<!doctype html>", re.IGNORECASE)

Locate = Callable[[int], str]  # finds what printed the source at an offset: “file, line n”, or ""


def compile_mjml(source: str, *, locate: Locate = lambda _: "") -> str:
    """Compiles MJML to HTML that premailer can read. Raises PressError with file and line."""
    _check(source, locate)
    try:
        html = str(mjml2html(prepared(source), fonts={}))
    except ValueError as error:
        raise PressError(
            "The template does not compile as MJML: a tag may not be closed, a value may stand "
            "without quotes, or mj-include may name a file that is not there"
        ) from error
    unknown = _UNKNOWN.search(html)
    if unknown:
        place = locate(max(0, source.find(unknown[0]))) or "The template"
        name = unknown[0].strip("</")
        raise PressError(f"{place}: MJML does not allow <{name}> here: remove or move it")
    return finished(html)


def prepared(source: str) -> str:
    """Returns `source` in ASCII with escaped attributes: mrml prints them in Rust's debug form."""
    source = _TITLE.sub(_title, source)
    source = _TAG.sub(lambda tag: _escaped(tag[0]), source)
    return source.encode("ascii", "xmlcharrefreplace").decode()


def finished(html: str) -> str:
    """Adds alt attributes, and the mark that tells premailer to skip the CSS of mrml."""
    html = _BACKGROUND_PAIR.sub(r"\1", html)
    html = html.replace("text-align:left;direction:rtl", "text-align:right;direction:rtl")
    html = _ADJACENT_COMMENTS.sub("", html)  # merges two Outlook comments, saves 33 bytes
    parts = _COMMENT.split(html)
    html = "".join(part if part.startswith("<!--") else _fix_markup(part) for part in parts)
    # premailer drops a doctype in lower case, and browsers then leave standards mode.
    return _DOCTYPE.sub("<!DOCTYPE html>", html, count=1)


def _check(source: str, locate: Locate) -> None:
    fault = mistake(source)
    if fault is None:
        return
    place = locate(fault.offset)
    if not place:
        number = source.count("\n", 0, fault.offset)
        line = source.split("\n")[number].strip()
        place = f"Line {number + 1} of the printed MJML (“{line[:60]}”)"
    raise PressError(f"{place}: {fault.problem}")


def _fix_markup(html: str) -> str:
    return _STYLE.sub('<style data-premailer="ignore"', _IMAGE.sub('<img alt=""', html))


def _title(match: re.Match[str]) -> str:
    """Escapes the title: mrml also writes it, unescaped, into an attribute of the body."""
    title = re.sub('&(?:quot|#34);|"', "&#8221;", match[2]).replace("\\", "&#92;")
    return f"{match[1]}{title}{match[3]}"


@lru_cache(maxsize=2_048)  # an issue repeats its tags
def _escaped(tag: str) -> str:
    if tag.isprintable() and not any(mark in tag for mark in _UNUSUAL):
        return tag
    return ATTRIBUTE.sub(_attribute, tag)


def _attribute(match: re.Match[str]) -> str:
    value = match[2] if match[2] is not None else match[3]
    value = " ".join(value.split()).replace('"', "&quot;").replace("\\", "&#92;")
    if match[1] == "padding":
        value = _BARE_ZERO.sub("0px", value)  # with a bare 0 mrml ignores the other sides
    return f'{match[1]}="{value}"'
