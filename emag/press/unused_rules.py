"""Drops the rules for dark modes that nothing in a mail uses."""

import re
from collections.abc import Iterator
from functools import lru_cache

_SHEET = re.compile(r"(<style\b[^>]*>)([^<]*)(?=</style>)")
_RULE = re.compile(r"([^{}]+)(\{[^{}]*\})")
_CLASS_ATTRIBUTE = re.compile(r' class="([^"]*)"')
_CLASS = re.compile(r"\.([\w-]+)")
_CONDITION = re.compile(r"\[[^\]]*\]|::?[\w-]+")
_TAG = re.compile(r"(?<![.\w-])[a-z]\w*")
_TAG_OF_HTML = re.compile(r"<([a-z]\w*)")
_DARK = ("[data-ogs", "prefers-color-scheme: dark")


def without_unused_rules(html: str) -> str:
    """Drops each selector that names a class or a tag which the mail does not have."""
    head, opening, body = html.partition("<body")
    classes = {name for value in set(_CLASS_ATTRIBUTE.findall(body)) for name in value.split()}
    names = frozenset(classes), frozenset(_TAG_OF_HTML.findall(opening + body))

    def shorter(sheet: re.Match[str]) -> str:
        is_dark = any(mark in sheet[2] for mark in _DARK)
        return sheet[1] + (_shorter(sheet[2], *names) if is_dark else sheet[2])

    return _SHEET.sub(shorter, head) + opening + body


@lru_cache(maxsize=64)  # most issues of a publication use the same
def _shorter(sheet: str, classes: frozenset[str], tags: frozenset[str]) -> str:
    def used(rule: re.Match[str]) -> str:
        selectors = ",".join(_used_selectors(rule[1], classes, tags))
        return f"{selectors}{rule[2]}" if selectors else ""

    return _RULE.sub(used, sheet)


def _used_selectors(selectors: str, classes: frozenset[str], tags: frozenset[str]) -> Iterator[str]:
    for selector in selectors.split(","):
        plain = _CONDITION.sub("", selector)
        if classes.issuperset(_CLASS.findall(plain)) and tags.issuperset(_TAG.findall(plain)):
            yield selector
