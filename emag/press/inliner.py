"""Premailer with the options of a mail, and a cache for parsed style sheets."""

import logging
from functools import lru_cache
from typing import Any

from premailer import Premailer

OPTIONS: dict[str, Any] = {
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


class Inliner(Premailer):  # type: ignore[misc]  # premailer ships no types
    """Premailer's own cache is too small to hold one style sheet."""

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
        return _rules(css_body, ruleset_index)


def selectors(css: str) -> tuple[str, ...]:
    """The selectors whose rules premailer moves into style attributes."""
    rules, _ = _rules(css, 0)
    return tuple(selector for _, selector, _ in rules)


@lru_cache(maxsize=16)
def _rules(css_body: str, ruleset_index: int) -> Any:
    return Premailer("-", **OPTIONS)._parse_style_rules(css_body, ruleset_index)  # noqa: SLF001 - no public function does this
