"""Inlining moves one style sheet into style attributes and touches nothing else."""

import re

import lxml.html

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
