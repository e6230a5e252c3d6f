"""Premailer with the options of a mail, loaded when it is needed: most commands print nothing."""

import logging
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

MARK = "data-premailer"  # its value “ignore” keeps a style block as it is

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


def inlined(html: str) -> str:
    """Returns a page with its style sheets in style attributes."""
    return str(_premailer()(html, **_OPTIONS).transform())


def style(page: Any, sheets: Sequence[str]) -> None:
    """Writes style sheets into the style attributes of a tree."""
    _premailer()(page, css_text=list(sheets), **_OPTIONS).transform()


def selectors(css: str) -> tuple[str, ...]:
    """The selectors whose rules are moved into style attributes."""
    rules, _ = _rules(css, 0)
    return tuple(selector for _, selector, _ in rules)


@cache
def _premailer() -> Any:
    from premailer import Premailer

    class Inliner(Premailer):  # type: ignore[misc]  # premailer ships no types
        """Premailer's own cache is too small to hold one style sheet."""

        def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
            return _rules(css_body, ruleset_index)

    return Inliner


@lru_cache(maxsize=16)
def _rules(css_body: str, ruleset_index: int) -> Any:
    inliner = _premailer()
    parse = inliner.__base__._parse_style_rules  # noqa: SLF001 - no public function does this
    return parse(inliner("-", **_OPTIONS), css_body, ruleset_index)
