"""CSS into style attributes by premailer, tuned to leave everything else as it is."""

import logging
import re
from functools import lru_cache
from typing import Any

from premailer import Premailer

# Only this block is inlined, and it goes afterwards; all others stay as they are.
INLINED = "data-inline"
_SPENT = re.compile(rf"<style\b[^>]*\b{INLINED}\b[^>]*>.*?</style>\s*", re.DOTALL)

_TBODY = re.compile(r"</?tbody>")  # every parser puts it back; 1.5 KB in an issue
_GAPS = re.compile(r"""\bstyle=("[^"]*"|'[^']*')""")
_TAG = re.compile(r"""<!--.*?-->|<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>""", re.DOTALL)

_TUNED: dict[str, Any] = {
    "keep_style_tags": True,
    "strip_important": False,
    "remove_classes": False,
    "disable_validation": True,
    "cache_css_parsing": True,
    "align_floating_images": False,
    "allow_network": False,
    "allow_loading_external_files": False,
    "disable_leftover_css": True,
    # It would write width="auto" and bgcolor attributes, which no program needs beside MJML's.
    "disable_basic_attributes": ["width", "height", "bgcolor", "align", "valign"],
    "cssutils_logging_level": logging.CRITICAL,
}


def inline(html: str) -> str:
    """`html` with the rules of its `<style data-inline>` at the elements that they are for."""
    made = _SPENT.sub("", str(_Inliner(html, **_TUNED).transform()))
    return _TBODY.sub("", _TAG.sub(_tidied, made))


def _tidied(tag: re.Match[str]) -> str:
    """Shorter styles, and no < or > in attributes: libxml2 leaves them, and patterns trip on them.

    Comments, which are Outlook's, stay as they are.
    """
    inner = tag[0][1:-1]
    if inner.startswith("!"):
        return tag[0]
    inner = _GAPS.sub(lambda style: style[0].replace("; ", ";"), inner)
    return f"<{inner.replace('<', '&lt;').replace('>', '&gt;')}>"


class _Inliner(Premailer):  # type: ignore[misc]  # premailer ships no types
    """Premailer that reads a style sheet once: its own cache is too small to keep one."""

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
        return _rules(css_body, ruleset_index)


@lru_cache(maxsize=16)
def _rules(css_body: str, ruleset_index: int) -> Any:
    return Premailer("-", **_TUNED)._parse_style_rules(css_body, ruleset_index)  # noqa: SLF001 - its only seam
