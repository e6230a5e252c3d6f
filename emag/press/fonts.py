"""Font stacks that are safe in CSS and attributes, and those that Outlook can use."""

import re

from markupsafe import Markup

_UNSAFE = re.compile(r"[^\w ,.'-]", re.ASCII)
_GENERIC = re.compile(r"serif|sans-serif|monospace", re.IGNORECASE)
# Fonts that come with Windows or Office. Where Word does not know the first font of a stack, it
# ignores the rest and prints in Times New Roman.
_WORD = frozenset(
    """arial, arial black, bookman old style, calibri, cambria, candara, century gothic, consolas,
    constantia, corbel, courier new, franklin gothic medium, garamond, georgia, gill sans mt,
    lucida sans unicode, palatino linotype, rockwell, segoe ui, tahoma, times new roman,
    trebuchet ms, verdana""".replace("\n    ", " ").split(", ")
)
_IN_WORD = {"sans-serif": "Arial", "serif": "Georgia", "monospace": "Courier New"}


def safe_stack(font: str, generic: str) -> Markup:
    """Returns a font stack that is safe in CSS and attributes and ends with a generic font."""
    stack = _UNSAFE.sub("", font.replace('"', "'")).strip(" ,")
    if stack.count("'") % 2:
        stack = stack.replace("'", "")
    stack = stack if _GENERIC.search(stack) else f"{stack}, {generic}".lstrip(", ")
    return Markup(stack)  # noqa: S704 - only letters, digits, spaces, commas, dots, hyphens and quotes


def for_word(font: str, generic: str) -> Markup:
    """Returns the fonts of a stack that Word has, or else one like them."""
    stack = str(safe_stack(font, generic))
    families = [family.strip() for family in stack.split(",")]
    installed = [family for family in families if word_has(family)]
    last = families[-1] if families[-1] in _IN_WORD else generic
    return Markup(", ".join([*(installed or [f"'{_IN_WORD[last]}'"]), last]))  # noqa: S704 - from a safe stack


def word_has(family: str) -> bool:
    """True for a font that comes with Windows or Office."""
    return family.strip(" '\"").lower() in _WORD
