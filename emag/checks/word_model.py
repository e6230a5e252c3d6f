"""Models what Outlook on Windows makes of a mail: Microsoft Word draws it.

Word reads the comments that are meant for it, knows no @media, drops much of CSS, and falls back to
Times New Roman for a font that it does not have.
"""

import re
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from emag.checks.client_facts import WORD, styles_dropped_by
from emag.checks.css import blocks, entries, without_comments
from emag.press.fonts import word_has

_VERSION = 16
_SHOWN_TO_OTHERS = re.compile(
    r"<!--\[if ([^\]]*)\]><!--[\s-]*>(.*?)<!--\s*<!\[endif\]-->", re.DOTALL | re.IGNORECASE
)
_HIDDEN_FROM_OTHERS = re.compile(
    r"<!--\[if ([^\]]*)\]>(.*?)<!\[endif\]-->", re.DOTALL | re.IGNORECASE
)
_OFFICE = re.compile(r"<(noscript|xml)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TERM = re.compile(r"(!?)\s*(?:(gte|gt|lte|lt)\s+)?(\w+)(?:\s+(\d+))?$")
_FACTS = styles_dropped_by(WORD)
_PERCENT, _ALL = re.compile(r"(?<![\w-])width:\s*(\d+)%"), 100
_TIMES = "'Times New Roman', serif"


def comments_read(markup: str) -> str:
    """The mail with what its conditional comments show to Word, and without what they hide."""

    def chosen(comment: re.Match[str]) -> str:
        return _OFFICE.sub("", comment[2]) if is_for_word(comment[1]) else ""

    return _HIDDEN_FROM_OTHERS.sub(chosen, _SHOWN_TO_OTHERS.sub(chosen, markup))


def is_for_word(condition: str) -> bool:
    """True if a condition such as “mso | IE” or “!mso” holds in Word."""
    plain = condition.strip().lower()
    if plain.startswith("!(") and plain.endswith(")"):
        return not is_for_word(plain[2:-1])
    either = plain.replace("(", "").replace(")", "").split("|")
    return any(all(_holds(term) for term in part.split("&")) for part in either)


def _holds(term: str) -> bool:
    match = _TERM.match(term.strip())
    if match is None:
        return False
    negation, relation, name, number = match.groups()
    version = int(number or _VERSION)
    tests = {"gte": version <= _VERSION, "gt": version < _VERSION}
    tests |= {"lte": version >= _VERSION, "lt": version > _VERSION}
    holds = name in {"mso", "true"} and tests.get(relation or "", version == _VERSION)
    return holds is not bool(negation)


def sheet(css: str) -> str:
    """The rules of a style element that Word knows."""
    return "\n".join(
        f"{selector} {{ {style(_last_tag(selector), body)} }}"
        for selector, body in blocks(without_comments(css))
        if not selector.startswith("@") and not re.search(r"[:\[]", selector)
    )


def style(tag: str, declarations: str) -> str:
    """The declarations of an element that Word knows, with the fonts that it has."""
    remaining = (
        (name, value)
        for name, value in entries(declarations)
        if not any(fact.drops(tag, name, value.lower()) for fact in _FACTS)
    )
    return ";".join(_written(remaining))


def share_rows(root: HtmlElement) -> None:
    """Shares out a row whose cells ask for more than all of it, as Word does."""
    for row in root.iter("tr"):
        widths = {cell: int(m[1]) for cell in row if (m := _PERCENT.search(cell.get("style", "")))}
        if (total := sum(widths.values())) > _ALL:
            for cell, width in widths.items():
                share = f"width:{width * _ALL / total:g}%"
                cell.set("style", _PERCENT.sub(share, cell.get("style")))


def _written(declarations: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in declarations:
        if name == "mso-hide" and value == "all":
            yield "display:none"
        elif name == "font-family" and not word_has(value.partition(",")[0]):
            yield f"{name}:{_TIMES}{' !important' if '!important' in value else ''}"
        else:
            yield f"{name}:{value}"


def _last_tag(selector: str) -> str:
    """The element's name at the end of a selector, if there is one."""
    match = re.search(r"(?:^|[\s>+~])(\w+)(?:[.#][\w.#-]*)?$", selector)
    return match[1].lower() if match else ""
