"""Moves CSS rules into style attributes with premailer and leaves everything else unchanged."""

import re
from typing import Any

from lxml import etree

from emag.press import inliner
from emag.press.element_kinds import kinds_of_elements

# Only the style block with this attribute is inlined and then removed; other blocks stay.
INLINED = "data-inline"
_INLINED_BLOCK = re.compile(rf"<style\b[^>]*\b{INLINED}\b[^>]*>.*?</style>\s*", re.DOTALL)

_STYLE_ATTRIBUTE = re.compile(r"""\bstyle=("[^"]*"|'[^']*')""")
_TAG = re.compile(r"""<!--.*?-->|<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>""", re.DOTALL)
_MARKUP_IN_ATTRIBUTE = re.compile(r"""="[^"<>]*+[<>]|='[^'<>]*+[<>]""")
_SCREENS = frozenset({None, "", "all", "screen"})  # media of the blocks that premailer inlines


def inline(html: str) -> str:
    """Applies the rules of `<style data-inline>` to their elements and removes that block."""
    page = etree.fromstring(html.strip(), etree.HTMLParser())
    kinds = kinds_of_elements(_sheets(page))
    if kinds is None:
        printed = inliner.inlined(html)
    else:
        kinds.style(page)
        printed = _printed(page, html)
    inlined = _INLINED_BLOCK.sub("", printed)
    if kinds is None or _MARKUP_IN_ATTRIBUTE.search(inlined):
        inlined = _TAG.sub(_tidy_tag, inlined)
    # Parsers add these tags anyway; they cost 1.5 KB in an issue.
    return inlined.replace("<tbody>", "").replace("</tbody>", "")


def _sheets(page: Any) -> tuple[str, ...]:
    """The style sheets that are moved into style attributes. Takes the marks off the others."""
    sheets = []
    for block in page.iter("style"):
        if block.get("media") in _SCREENS:
            if block.get(inliner.MARK) != "ignore":
                sheets.append(block.text or "")
            else:
                del block.attrib[inliner.MARK]
    return tuple(sheets)


def _printed(page: Any, html: str) -> str:
    tree = page.getroottree()
    root = tree if html.strip().startswith(tree.docinfo.doctype) else page
    return str(etree.tostring(root, method="html", pretty_print=True, encoding="utf-8"), "utf-8")


def _tidy_tag(tag: re.Match[str]) -> str:
    """Shortens style attributes and escapes < and > in attributes, which libxml2 does not do.

    Comments stay unchanged: they hold the markup for Outlook.
    """
    inner = tag[0][1:-1]
    if inner.startswith("!"):
        return tag[0]
    inner = _STYLE_ATTRIBUTE.sub(lambda style: style[0].replace("; ", ";"), inner)
    return f"<{inner.replace('<', '&lt;').replace('>', '&gt;')}>"
