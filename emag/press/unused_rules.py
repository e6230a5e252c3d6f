"""Drops the rules for dark modes that nothing in a mail uses."""

import re
from collections.abc import Iterator

_SHEET = re.compile(r"(<style\b[^>]*>)(.*?)(?=</style>)", re.DOTALL)
_RULE = re.compile(r"([^{}]+)(\{[^{}]*\})")
_CLASS_ATTRIBUTE = re.compile(r'\bclass="([^"]*)"')
_CLASS = re.compile(r"\.([\w-]+)")
_CONDITION = re.compile(r"\[[^\]]*\]|::?[\w-]+")
_TAG = re.compile(r"(?<![.\w-])[a-z]\w*")
_DARK = ("[data-ogs", "prefers-color-scheme: dark")


def without_unused_rules(html: str) -> str:
    """Drops each selector that names a class or a tag which the mail does not have."""
    head, opening, body = html.partition("<body")
    names = {name for value in _CLASS_ATTRIBUTE.findall(body) for name in value.split()}

    def used(rule: re.Match[str]) -> str:
        selectors = ",".join(_used_selectors(rule[1], names, opening + body))
        return f"{selectors}{rule[2]}" if selectors else ""

    def shorter(sheet: re.Match[str]) -> str:
        is_dark = any(mark in sheet[2] for mark in _DARK)
        return sheet[1] + (_RULE.sub(used, sheet[2]) if is_dark else sheet[2])

    return _SHEET.sub(shorter, head) + opening + body


def _used_selectors(selectors: str, names: set[str], body: str) -> Iterator[str]:
    for selector in selectors.split(","):
        plain = _CONDITION.sub("", selector)
        tags = _TAG.findall(plain)
        if names.issuperset(_CLASS.findall(plain)) and all(f"<{tag}" in body for tag in tags):
            yield selector
