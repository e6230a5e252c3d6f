"""Models of mail programs: each gives HTML that a browser draws as the program draws the mail.

They are models, made of the facts of `client_facts`, and not the programs themselves.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lxml import html
from lxml.html import HtmlElement

from emag.checks import forced_dark, word_model
from emag.checks.cascade import Scheme
from emag.checks.client_facts import (
    GMAIL,
    OUTLOOK,
    WORD,
    StyleFact,
    elements_dropped_by,
    styles_dropped_by,
)
from emag.checks.css import entries
from emag.checks.html_part import tree

PHONE, PANE, PAPER = 375, 640, 718  # CSS pixels: a phone, a reading pane, A4 without its margins
_WITHOUT_CONTENT = frozenset({"script", "svg", "iframe", "link"})
_PICTURE = re.compile(r"url\((?:[^()\"']|\"[^\"]*\"|'[^']*')*\)", re.IGNORECASE)
_SIZE = re.compile(r"\b(font-size|line-height)(\s*:\s*)([\d.]+)(px|pt)", re.IGNORECASE)
_LARGER = 2


@dataclass(frozen=True, slots=True)
class ClientModel:
    """A kind of mail program. `change` makes of a mail what the program makes of it."""

    title: str
    remark: str
    width: int
    change: Callable[[str], str]
    scheme: Scheme = Scheme.LIGHT
    is_on_paper: bool = False


def unchanged(markup: str) -> str:
    """Apple Mail and others that show all of it."""
    return markup


def in_forced_dark(markup: str) -> str:
    """Outlook on the web: colours turned round, but for those that the mail names itself."""
    root = _without(tree(markup), OUTLOOK)
    for element in _elements(root):
        forced_dark.turn_dark(element)
    _add_sheet(root, f"html {{ background: {forced_dark.GROUND}; color: {forced_dark.INK}; }}")
    return _written(root)


def without_pictures(markup: str) -> str:
    """A program that asks before it loads pictures: their alternative texts stand there."""
    root = tree(markup)
    for element in _elements(root):
        if element.tag in {"img", "source"}:
            element.attrib.pop("srcset", None)
            element.set("src", "data:,")
        element.attrib.pop("background", None)
    _change_styles(root, lambda css: _PICTURE.sub("none", css))
    return _written(root)


def without_styles(markup: str) -> str:
    """Gmail with an address of another provider: no style element counts."""
    root = _without(tree(markup), GMAIL)
    for element in list(root.iter("style")):
        element.drop_tree()
    return _written(root)


def in_word(markup: str) -> str:
    """Outlook on Windows: Word's rules, and its comments."""
    root = _without(tree(word_model.comments_read(markup)), WORD, without_styles=False)
    for element in _elements(root):
        if element.tag == "style":
            element.text = "" if element.get("media") else word_model.sheet(element.text or "")
        elif style := element.get("style"):
            element.set("style", word_model.style(element.tag, style))
    word_model.share_rows(root)
    _add_sheet(root, "html { font-family: 'Times New Roman', serif; }")
    return _written(root)


def with_large_text(markup: str) -> str:
    """A reader who set text to twice its size: boxes and pictures keep theirs."""
    root = tree(markup)
    _change_styles(root, lambda css: _SIZE.sub(_twice, css))
    _add_sheet(root, f"html {{ font-size: {_LARGER * 100}%; }}")
    return _written(root)


MODELS = (
    ClientModel("Desktop", "Apple Mail, Thunderbird", PANE, unchanged),
    ClientModel("Dark", "Apple Mail: the mail's own dark colours", PANE, unchanged, Scheme.DARK),
    ClientModel("Forced dark", "Outlook on the web: colours turned round", PANE, in_forced_dark),
    ClientModel("Pictures off", "before a reader loads them", PANE, without_pictures),
    ClientModel("Word’s rules", "Outlook on Windows", PANE, in_word),
    ClientModel("Print", "on A4 paper, as one long page", PAPER, unchanged, is_on_paper=True),
    ClientModel("Phone", "iPhone, Gmail", PHONE, unchanged),
    ClientModel("Without <style>", "Gmail, other addresses", PHONE, without_styles),
    ClientModel("200 % text", "a reader’s own setting", PHONE, with_large_text),
)


def _without(root: HtmlElement, program: str, *, without_styles: bool = True) -> HtmlElement:
    """Takes out the elements that a program drops, and what it drops of style attributes."""
    dropped = elements_dropped_by(program)
    for element in [element for element in _elements(root) if element.tag in dropped]:
        if element.tag in _WITHOUT_CONTENT:
            element.drop_tree()
        else:
            element.drop_tag()
    if without_styles:
        facts = styles_dropped_by(program)
        for element in _elements(root):
            if style := element.get("style"):
                element.set("style", _known_style(element.tag, style, facts))
    return root


def _known_style(tag: str, style: str, facts: Iterable[StyleFact]) -> str:
    return ";".join(
        f"{name}:{value}"
        for name, value in entries(style)
        if not any(fact.drops(tag, name, value.lower()) for fact in facts)
    )


def _change_styles(root: HtmlElement, change: Callable[[str], str]) -> None:
    """Changes the CSS in style attributes and in style elements."""
    for element in _elements(root):
        if element.tag == "style":
            element.text = change(element.text or "")
        elif style := element.get("style"):
            element.set("style", change(style))


def _twice(size: re.Match[str]) -> str:
    return f"{size[1]}{size[2]}{float(size[3]) * _LARGER:g}{size[4]}"


def _add_sheet(root: HtmlElement, css: str) -> None:
    """Adds what the program itself sets: the mail's own rules come after it."""
    sheet = html.Element("style")
    sheet.text = css
    root.insert(0, sheet)


def _elements(root: HtmlElement) -> list[HtmlElement]:
    return [element for element in root.iter() if isinstance(element.tag, str)]


def _written(root: HtmlElement) -> str:
    return str(html.tostring(root, encoding="unicode", doctype="<!DOCTYPE html>"))
