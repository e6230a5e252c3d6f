"""Finds mistakes in printed MJML, which mjml-python accepts or reports without a place."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from emag.press import stylesheet
from emag.press.vocabulary import Component, vocabulary
from emag.settings.kinds import nearest

ATTRIBUTE = re.compile(r"""([\w:@.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
ATTRIBUTES = re.compile(r"""(?:\s+[\w:@.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*\s*""")
_TOKEN = re.compile(
    r"""<!--.*?-->|<(/?)([A-Za-z][\w:.-]*)((?:[^<>"']|"[^"]*"|'[^']*')*?)(/?)>|<""", re.DOTALL
)
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
    start: int  # of the tag
    inside: int  # where its attributes begin
    end: int


def mistake(source: str) -> Mistake | None:
    """Returns the first mistake, or None."""
    return next(_mistakes(source), None)


def _mistakes(source: str) -> Iterator[Mistake]:
    still_open: list[Tag] = []
    for token in _TOKEN.finditer(source):
        closing, name, attributes, empty = token.groups()
        if token[0] == "<":
            yield Mistake(token.start(), "“<” is not part of a tag: write “&lt;”")
        elif name is None:
            continue  # a comment
        elif not ATTRIBUTES.fullmatch(attributes):
            yield Mistake(token.start(), f"an attribute of <{name}> has no quotes: add them")
        elif closing:
            if not still_open or still_open[-1].name != name:
                problem = f"</{name}> has no opening tag here: remove it or add <{name}>"
                yield Mistake(token.start(), problem)
                continue
            tag = still_open.pop()
            if name in _STYLES:
                yield from _of_style_sheet(source, tag, token.start())
        else:
            tag = Tag(name, attributes, token.start(), token.start(3), token.end())
            yield from _of_tag(tag, still_open[-1].name if still_open else "")
            if not empty and name not in _VOID:
                still_open.append(tag)
    if still_open:
        name, start = still_open[-1].name, still_open[-1].start
        yield Mistake(start, f"<{name}> is never closed: add </{name}>")


def _of_tag(tag: Tag, parent: str) -> Iterator[Mistake]:
    names = vocabulary()
    component = names.components.get(tag.name)
    if tag.name in names.impossible:
        advice = names.impossible[tag.name]
        yield Mistake(tag.start, f"<{tag.name}> cannot be printed by mjml-python: {advice}")
    elif tag.name.startswith("mj"):
        yield from _of_component(tag, component, parent)
    elif tag.name not in names.tags:
        hint = nearest(tag.name, sorted(names.tags))
        yield Mistake(tag.start, f"<{tag.name}> is not a tag of HTML{hint}")
    yield from _of_style(tag)


def _of_component(tag: Tag, component: Component | None, parent: str) -> Iterator[Mistake]:
    if component is None:
        hint = nearest(tag.name, sorted(vocabulary().components))
        yield Mistake(tag.start, f"MJML does not allow <{tag.name}> here{hint}")
        return
    is_default = parent == _DEFAULTS
    # A part that is checked by itself has no parents.
    if component.parents and parent and parent not in component.parents and not is_default:
        places = " or ".join(f"<{name}>" for name in sorted(component.parents))
        problem = f"MJML does not allow <{tag.name}> here: it belongs into {places}"
        yield Mistake(tag.start, problem)
    for attribute in ATTRIBUTE.finditer(tag.attributes):
        if not component.takes(attribute[1]):
            hint = nearest(attribute[1], sorted(component.attributes))
            problem = f"<{tag.name}> has no attribute {attribute[1]}{hint}"
            yield Mistake(tag.inside + attribute.start(), problem)
    if tag.name == "mj-social-element" and " src=" not in tag.attributes:
        yield Mistake(tag.start, "<mj-social-element> needs src: emag has no icons of networks")


def _of_style(tag: Tag) -> Iterator[Mistake]:
    """The mistakes of the attribute `style`."""
    for attribute in ATTRIBUTE.finditer(tag.attributes) if "style" in tag.attributes else ():
        if attribute[1] == "style":
            style = attribute[2] if attribute[2] is not None else attribute[3]
            start = tag.inside + attribute.start()
            for fault in stylesheet.declarations(style, start):
                yield Mistake(fault.offset, fault.problem)


def _of_style_sheet(source: str, tag: Tag, end: int) -> Iterator[Mistake]:
    for fault in stylesheet.mistakes(source[tag.end : end]):
        yield Mistake(tag.end + fault.offset, fault.problem)
