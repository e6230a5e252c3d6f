"""Rule `client-css`: the mail uses nothing that common mail programs drop with the layout.

The facts are a table of our own, `emag/checks/client_facts.py`: what is dropped, by which
programs, and what to use in its place. Only style attributes and elements count: what stands in
style elements adds to them where a program knows it, such as in `@media`.
"""

from collections.abc import Iterator

from emag.checks.client_facts import ELEMENTS, STYLE_LIMIT, STYLES, StyleFact
from emag.checks.css import Declarations, declared
from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "client-css"


def rule(proof: Proof) -> Iterator[Fault]:
    part = proof.html_part
    places = [(declared(style), tag) for tag, style in part.attributes]
    for fact in STYLES:
        if tag := next((tag for style, tag in places if _has(style, tag, fact)), ""):
            yield _fault(f"“{fact.name}”", fact.programs, fact.instead, f"<{tag}>")
    for element in ELEMENTS:
        if element.name in part.elements:
            where = f"<{element.name}>"
            yield _fault(f"The element “{element.name}”", element.programs, element.instead, where)
    if longest := max((len(style) for style in part.styles if len(style) > STYLE_LIMIT), default=0):
        yield Fault(
            NAME,
            "warn",
            f"A style element has {longest:,} characters, and Gmail drops one with more than "
            f"{STYLE_LIMIT:,}: cut it in two.",
            "<style>",
        )


def _has(style: Declarations, tag: str, fact: StyleFact) -> bool:
    return any(fact.drops(tag, name, value) for name, (value, _) in style.items())


def _fault(name: str, programs: str, instead: str, where: str) -> Fault:
    sentence = f"{name} is dropped by {programs}, which breaks the layout there: {instead}."
    return Fault(NAME, "warn", sentence, where)
