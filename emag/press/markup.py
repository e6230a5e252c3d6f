"""Finds mistakes in printed MJML, which mjml-python accepts or reports without a place."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from emag.press import stylesheet
from emag.press.vocabulary import vocabulary
from emag.settings.kinds import nearest

ATTRIBUTE = re.compile(r"""([\w:@.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
ATTRIBUTES = re.compile(r"""(?:\s+[\w:@.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*\s*""")
_TOKEN = re.compile(
    r"""(<!--.*?-->|<(/?)([A-Za-z][\w:.-]*)([^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*)>|<)""",
    re.DOTALL,
)
_STYLE = re.compile(r"<(style|mj-style)\b[^>]*>(.*?)</\1>", re.DOTALL)
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_STYLES = frozenset({"style", "mj-style"})
_DEFAULTS = "mj-attributes"  # its children set defaults, and have no place of their own


class Mistake(NamedTuple):
    """A mistake with its place in the source."""

    offset: int
    problem: str


class Tag(NamedTuple):
    name: str
    attributes: str
    start: int
    end: int


def mistake(source: str) -> Mistake | None:
    """Returns the first mistake, or None."""
    return None if _is_sound(source) else next(_mistakes(source), None)


def _is_sound(source: str) -> bool:
    """True if there is no mistake. It keeps no places, and takes half the time of finding one."""
    still_open = [""]
    for text, closing, name, attributes in _TOKEN.findall(source):
        if not name:
            if text == "<":
                return False
        elif attributes and not _are_quoted(attributes):
            return False
        elif closing:
            if still_open.pop() != name:
                return False
        else:
            inside = attributes.removesuffix("/")
            if _of_tag(name, _examined(name, inside), still_open[-1]):
                return False
            if name not in _VOID and inside == attributes:
                still_open.append(name)
    sheets = (css for _, css in _STYLE.findall(source))
    return len(still_open) == 1 and not any(map(_of_style_sheet, sheets))


def _mistakes(source: str) -> Iterator[Mistake]:
    still_open: list[Tag] = []
    for token in _TOKEN.finditer(source):
        _, closing, name, attributes = token.groups()
        if name is None:
            yield from _of_text(token)
        elif attributes and not _are_quoted(attributes):
            yield Mistake(token.start(), f"an attribute of <{name}> has no quotes: add them")
        elif closing:
            yield from _of_end(source, token, still_open)
        else:
            tag = Tag(name, attributes.removesuffix("/"), token.start(), token.end())
            parent = still_open[-1].name if still_open else ""
            if problems := _of_tag(name, _examined(name, tag.attributes), parent):
                yield from _moved(problems, tag.start)
            if name not in _VOID and not attributes.endswith("/"):
                still_open.append(tag)
    if still_open:
        name, start = still_open[-1].name, still_open[-1].start
        yield Mistake(start, f"<{name}> is never closed: add </{name}>")


def _of_end(source: str, token: re.Match[str], still_open: list[Tag]) -> Iterator[Mistake]:
    """The mistakes of a closing tag, and of the style sheet that it ends."""
    name = token[3]
    if not still_open or still_open[-1].name != name:
        problem = f"</{name}> has no opening tag here: remove it or add <{name}>"
        yield Mistake(token.start(), problem)
        return
    tag = still_open.pop()
    if name in _STYLES:
        yield from _moved(_of_style_sheet(source[tag.end : token.start()]), tag.end)


def _of_text(token: re.Match[str]) -> Iterator[Mistake]:
    """The mistake of what is no tag: a comment has none."""
    if token[0] == "<":
        yield Mistake(token.start(), "“<” is not part of a tag: write “&lt;”")


@lru_cache(maxsize=2_048)  # an issue repeats its tags
def _are_quoted(attributes: str) -> bool:
    return ATTRIBUTES.fullmatch(attributes.removesuffix("/")) is not None


def _examined(name: str, attributes: str) -> str:
    """The attributes that are examined. Those of HTML are not, but for style."""
    return attributes if name.startswith("mj") or "style" in attributes else ""


def _moved(mistakes: Iterable[Mistake], start: int) -> Iterator[Mistake]:
    return (Mistake(start + offset, problem) for offset, problem in mistakes)


@lru_cache(maxsize=2_048)
def _of_tag(name: str, attributes: str, parent: str) -> tuple[Mistake, ...]:
    """The mistakes of a tag, counted from its start."""
    if name.startswith("mj"):
        return (*_of_component(name, attributes, parent), *_of_style(name, attributes))
    return (*_of_name(name), *_of_style(name, attributes))


def _of_name(name: str) -> Iterator[Mistake]:
    if name not in vocabulary().tags:
        hint = nearest(name, sorted(vocabulary().tags))
        yield Mistake(0, f"<{name}> is not a tag of HTML{hint}")


def _of_component(name: str, attributes: str, parent: str) -> Iterator[Mistake]:
    component = vocabulary().components.get(name)
    if name in vocabulary().impossible:
        advice = vocabulary().impossible[name]
        yield Mistake(0, f"<{name}> cannot be printed by mjml-python: {advice}")
        return
    if component is None:
        hint = nearest(name, sorted(vocabulary().components))
        yield Mistake(0, f"MJML does not allow <{name}> here{hint}")
        return
    is_default = parent == _DEFAULTS
    # A part that is checked by itself has no parents.
    if component.parents and parent and parent not in component.parents and not is_default:
        places = " or ".join(f"<{name}>" for name in sorted(component.parents))
        problem = f"MJML does not allow <{name}> here: it belongs into {places}"
        yield Mistake(0, problem)
    for attribute in ATTRIBUTE.finditer(attributes):
        if not component.takes(attribute[1]):
            hint = nearest(attribute[1], sorted(component.attributes))
            problem = f"<{name}> has no attribute {attribute[1]}{hint}"
            yield Mistake(_inside(name) + attribute.start(), problem)
    if name == "mj-social-element" and " src=" not in attributes:
        yield Mistake(0, "<mj-social-element> needs src: emag has no icons of networks")


def _of_style(name: str, attributes: str) -> Iterator[Mistake]:
    """The mistakes of the attribute `style`."""
    for attribute in ATTRIBUTE.finditer(attributes) if "style" in attributes else ():
        if attribute[1] == "style":
            style = attribute[2] if attribute[2] is not None else attribute[3]
            start = _inside(name) + attribute.start()
            for fault in stylesheet.declarations(style, start):
                yield Mistake(fault.offset, fault.problem)


def _inside(name: str) -> int:
    """Where the attributes of a tag begin."""
    return len(name) + len("<")


@lru_cache(maxsize=64)
def _of_style_sheet(css: str) -> tuple[Mistake, ...]:
    return tuple(Mistake(*fault) for fault in stylesheet.mistakes(css))
