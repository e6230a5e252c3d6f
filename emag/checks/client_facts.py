"""What common mail programs drop or change: the facts that matter for the look of a newsletter.

The rule `client-css` reads STYLES and ELEMENTS: a mail that uses them looks broken there. The
models of the contact sheet read PLAINER too: a mail may use these styles, and does not need them.
From the public tests of mail programs, as of 2026.
"""

from dataclasses import dataclass

WORD, OUTLOOK, GMAIL = "Outlook on Windows", "Outlook", "Gmail"
STYLE_LIMIT = 8192  # characters of a style element, above which Gmail drops it whole


@dataclass(frozen=True, slots=True)
class StyleFact:
    """A declaration that programs drop. `values` are parts of its value; none means any value."""

    name: str  # as an author writes it
    properties: frozenset[str]
    values: tuple[str, ...]
    programs: str
    instead: str
    elements: frozenset[str] = frozenset()  # to which it applies; none means all

    def drops(self, tag: str, name: str, value: str) -> bool:
        """True if the programs drop this declaration of an element."""
        if (self.elements and tag not in self.elements) or name.startswith("mso-"):
            return False
        if self.properties and name not in self.properties:
            return False
        return not self.values or any(part in value for part in self.values)


@dataclass(frozen=True, slots=True)
class ElementFact:
    """An element that programs drop."""

    name: str
    programs: str
    instead: str


def _style(name: str, programs: str, instead: str) -> StyleFact:
    """A fact about “property: value”, “property” or “function()”."""
    written, _, value = name.partition(": ")
    if written.endswith("()"):
        return StyleFact(name, frozenset(), (f"{written[:-1]}",), programs, instead)
    values = tuple(value.split(", ")) if value else ()
    return StyleFact(name, frozenset({written}), values, programs, instead)


_TEXT = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})

STYLES = (
    StyleFact(
        name="padding of a paragraph or heading",
        properties=frozenset(
            {"padding", "padding-top", "padding-right", "padding-bottom", "padding-left"}
        ),
        values=tuple("123456789"),  # none is no fault
        programs=WORD,
        instead="give the padding to the cell around it, or use a margin",
        elements=_TEXT,
    ),
    _style("display: flex", f"{WORD} and GMX", "use the cells of a table"),
    _style("display: inline-flex", f"{WORD}, Yahoo and GMX", "use the cells of a table"),
    _style("display: grid", f"{WORD} and GMX", "use the cells of a table"),
    _style("position: absolute, fixed, sticky", f"Gmail and {WORD}", "use a table"),
    _style("inset", "Gmail, Outlook and Yahoo", "use a table"),
    _style("transform", "Gmail, Outlook and Yahoo", "make the picture as it should look"),
    _style("clip-path", "Gmail, Outlook and Yahoo", "make the picture as it should look"),
    _style("mask-image", "Gmail, Outlook and Yahoo", "make the picture as it should look"),
    _style("shape-outside", "Gmail, Outlook and Yahoo", "use a table"),
    _style("var()", "Gmail, Outlook and Yahoo", "write the value itself"),
    _style("calc()", "Outlook and Yahoo", "write the value itself"),
    _style("clamp()", "Outlook and Yahoo", "write one size, and another in @media"),
    _style("light-dark()", "Gmail, Outlook and Yahoo", "write the dark colour in @media"),
    _style("margin-inline-start", "Gmail, Outlook and Yahoo", "use margin-left or margin-right"),
    _style("margin-inline-end", "Gmail, Outlook and Yahoo", "use margin-left or margin-right"),
    _style("padding-inline-start", "Gmail, Outlook and Yahoo", "use padding-left or padding-right"),
    _style("padding-inline-end", "Gmail, Outlook and Yahoo", "use padding-left or padding-right"),
    _style("writing-mode", f"{WORD}, Yahoo and GMX", "write along the line"),
)

ELEMENTS = (
    ElementFact("svg", "Gmail, Outlook and Yahoo", "use a PNG"),
    ElementFact("video", "Gmail, Outlook and Yahoo", "link a picture to the page with the film"),
    ElementFact("audio", "Gmail, Outlook and Yahoo", "link to the page with the recording"),
    ElementFact("object", "every program", "use a picture and a link"),
    ElementFact("iframe", "every program", "use a picture and a link"),
    ElementFact("script", "every program", "leave it out"),
    ElementFact("form", f"{WORD}, GMX and others", "link to a page with the form"),
    ElementFact("link", "Gmail, Outlook and Yahoo", "put the styles into the mail"),
)

_NOT_SIZED = frozenset({"body", "span", "div", "p", "img"})
_NOT_TABLES = _NOT_SIZED | _TEXT | {"a", "td", "th", "tr", "ul", "ol", "li", "blockquote"}
_PADDING = ("padding", "padding-top", "padding-right", "padding-bottom", "padding-left")


def _plainer(names: str, *values: str, elements: frozenset[str] = frozenset()) -> StyleFact:
    return StyleFact(names, frozenset(names.split()), values, WORD, "", elements)


PLAINER = (
    _plainer(" ".join(_PADDING), elements=(_NOT_TABLES | {"table"}) - {"td", "th", "ul", "ol"}),
    _plainer("width height", elements=_NOT_SIZED),
    _plainer("max-width", elements=_NOT_TABLES),
    _plainer("display", "inline-block", "table", "block"),
    _plainer("margin margin-left margin-right margin-top margin-bottom", "-", "auto"),
    _plainer("min-width min-height max-height float clear overflow object-fit"),
    _plainer("background background-image", "url(", "gradient("),
    _plainer("background-size background-position background-repeat"),
    _plainer("border-radius box-shadow text-shadow opacity visibility box-sizing border-spacing"),
    _plainer("color background background-color", "rgba("),
    _plainer("font-size", "rem"),
    _plainer("column-count column-gap columns z-index transition animation outline"),
    _plainer("overflow-wrap word-wrap hyphens white-space word-spacing text-overflow"),
)


def styles_dropped_by(program: str) -> tuple[StyleFact, ...]:
    return tuple(fact for fact in (*STYLES, *PLAINER) if _names(fact.programs, program))


def elements_dropped_by(program: str) -> frozenset[str]:
    return frozenset(fact.name for fact in ELEMENTS if _names(fact.programs, program))


def _names(programs: str, program: str) -> bool:
    """True if the list has the program, by its own name or as one of a family."""
    listed = programs if program == WORD else programs.replace(WORD, "")
    return program.partition(" ")[0] in listed or "every program" in listed
