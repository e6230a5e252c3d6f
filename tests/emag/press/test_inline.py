"""Inlining moves one style sheet into style attributes and touches nothing else."""

import re

import lxml.html
import pytest

from emag.press import element_kinds, inliner
from emag.press.compose import compose
from emag.press.inline import inline
from emag.press.mjml import compile_mjml

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>t</title>
<style data-inline="">p { color: #123456; } .a { padding: 1px 2px; }</style>
<style data-premailer="ignore">@media (x) { p { color: #000000 !important; } }</style>
</head><body><!--[if mso | IE]><table width="600"><tr><td><![endif]-->
<p class="a" style="margin:0">x</p><a href="[[unsubscribe_url]]">[[greeting]]</a>
<!--[if !mso]><!--><b>y</b><!--<![endif]--></body></html>"""


def test_rules_go_where_they_belong_and_their_block_goes():
    html = inline(PAGE)
    (paragraph,) = lxml.html.document_fromstring(html).xpath("//p")
    style = dict(part.strip().split(":") for part in paragraph.get("style").split(";"))
    assert style == {"color": "#123456", "padding": "1px 2px", "margin": "0"}
    assert "data-inline" not in html


def test_everything_else_stays():
    html = inline(PAGE)
    assert html.startswith("<!DOCTYPE html>")
    assert '<a href="[[unsubscribe_url]]">[[greeting]]</a>' in html
    assert "@media (x) { p { color: #000000 !important; } }" in html
    assert 'class="a"' in html
    assert COMMENT.findall(html) == COMMENT.findall(PAGE)


def test_outlooks_comments_of_a_whole_issue_survive_byte_for_byte(issue, settings, make):
    document = compose(issue, settings, now=make.at)
    compiled = compile_mjml(document.mjml)
    comments = COMMENT.findall(compiled)
    assert len([c for c in comments if c.startswith("<!--[if mso | IE]>")]) > 20
    assert COMMENT.findall(document.html) == comments


def test_an_attribute_holds_no_markup_even_for_who_reads_by_pattern():
    page = PAGE.replace("<b>y</b>", '<b title="&lt;!--a--&gt;&#39;">y</b>')
    html = inline(page)
    assert 'title="&lt;!--a--&gt;\'"' in html
    assert lxml.html.document_fromstring(html).xpath("//b/@title") == ["<!--a-->'"]


def by_premailer_alone(html: str) -> str:
    """What premailer makes of a page, with all of its elements."""
    html = re.sub(
        r"<style data-inline.*?</style>|</?tbody>", "", inliner.inlined(html), flags=re.DOTALL
    )
    return html.replace("; ", ";")


def joined(html: str) -> str:
    return re.sub(r">\s+<", "><", html).replace("; ", ";")


def sheet(css: str, body: str = "", head: str = "") -> str:
    body += '<div class="a b"><p id="x" dir="rtl" style="margin: 0; color: red">1</p><p>2</p></div>'
    style = f'<style data-inline="">{css.replace("; ", ";")}</style>'
    return f"<!DOCTYPE html>\n<html><head>{style}{head}</head><body>{body}{body}</body></html>"


@pytest.mark.parametrize(
    "html",
    [
        sheet(".a p { margin:1px;padding:2px; } .a > p { padding:3px !important; }"),
        sheet("#x { color:blue; } p[dir=rtl], [id] { text-align:right; } .c { color:red; }"),
        sheet("p + p { color:red; } p ~ p { margin:0; }"),
        sheet("p:first-child { color:red; } p:hover { color:blue; } * { margin:0; }"),
        sheet(".o { color:red; } div { margin:0; }", body='<o:p class="o">a</o:p><br class="o">'),
        sheet("p { color:red; }", head='<style media="screen">p { margin:1px; }</style>'),
        sheet("p { color:red; }", head='<style media="print">p { margin:1px; }</style>'),
        sheet("p { font-family:\"A B\", 'C'; color:unset; }"),
    ],
    ids=["inside", "names", "siblings", "places", "outlook", "screen", "print", "values"],
)
def test_one_element_of_each_kind_stands_for_all(html):
    element_kinds.kinds_of_elements.cache_clear()
    wanted = joined(by_premailer_alone(html))
    assert joined(inline(html)) == wanted
    assert joined(inline(html)) == wanted, "and again, when the kinds are known"


def test_a_whole_issue_is_inlined_as_by_premailer_alone(issue, settings, make):
    html = compile_mjml(compose(issue, settings, now=make.at).mjml)
    styles = [
        re.findall(r'style="[^"]*"', page) for page in (inline(html), by_premailer_alone(html))
    ]
    assert styles[0] == styles[1]
    assert len(styles[0]) > 50
