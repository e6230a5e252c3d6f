"""Moves CSS rules into style attributes with premailer and leaves everything else unchanged."""

import logging
import re
from functools import lru_cache
from typing import Any

from premailer import Premailer

# Only the style block with this attribute is inlined and then removed; other blocks stay.
INLINED = "data-inline"
_INLINED_BLOCK = re.compile(rf"<style\b[^>]*\b{INLINED}\b[^>]*>.*?</style>\s*", re.DOTALL)

_TBODY = re.compile(r"</?tbody>")  # parsers add it anyway; it costs 1.5 KB in an issue
_STYLE_ATTRIBUTE = re.compile(r"""\bstyle=("[^"]*"|'[^']*')""")
_TAG = re.compile(r"""<!--.*?-->|<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>""", re.DOTALL)

_OPTIONS: dict[str, Any] = {
    "keep_style_tags": True,
    "strip_important": False,
    "remove_classes": False,
    "disable_validation": True,
    "cache_css_parsing": True,
    "align_floating_images": False,
    "allow_network": False,
    "allow_loading_external_files": False,
    "disable_leftover_css": True,
    # MJML already writes these attributes; premailer would add width="auto" and the like.
    "disable_basic_attributes": ["width", "height", "bgcolor", "align", "valign"],
    "cssutils_logging_level": logging.CRITICAL,
}


def inline(html: str) -> str:
    """Applies the rules of `<style data-inline>` to their elements and removes that block."""
    inlined = _INLINED_BLOCK.sub("", str(_Inliner(html, **_OPTIONS).transform()))
    return _TBODY.sub("", _TAG.sub(_tidy_tag, inlined))


def _tidy_tag(tag: re.Match[str]) -> str:
    """Shortens style attributes and escapes < and > in attributes, which libxml2 does not do.

    Comments stay unchanged: they hold the markup for Outlook.
    """
    inner = tag[0][1:-1]
    if inner.startswith("!"):
        return tag[0]
    inner = _STYLE_ATTRIBUTE.sub(lambda style: style[0].replace("; ", ";"), inner)
    return f"<{inner.replace('<', '&lt;').replace('>', '&gt;')}>"


class _Inliner(Premailer):  # type: ignore[misc]  # premailer ships no types
    """Premailer with a cache for parsed style sheets; its own cache is too small to hold one."""

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
        return _rules(css_body, ruleset_index)


@lru_cache(maxsize=16)
def _rules(css_body: str, ruleset_index: int) -> Any:
    return Premailer("-", **_OPTIONS)._parse_style_rules(css_body, ruleset_index)  # noqa: SLF001 - no public function does this
