"""Broken templates, each with its sentence. None is Jinja's, none is Python's."""

import re

import pytest
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from emag.press.template_faults import sentence

# What Jinja and Python themselves would say.
LIBRARY = re.compile(
    r"Jinja|identifiers|undefined|token|statement|expression|has no attribute|object|operand|str\b|"
    r"NoneType|iterable|callable|argument|not supported|recursion|division|Error|unsafe|export| '"
)
BROKEN = [
    ("{% if %}", "a value is missing here"),
    ("{% if x %}", "“if” is not closed: add {% endif %}"),
    ("{% for a in b %}{% if x %}{% endfor %}", "“if” is not closed: add {% endif %}"),
    ("{% set x %}", "“set” is not closed: add {% endset %}"),
    ("{% fro x %}", "“fro” is not a tag"),
    ("{% endif %}", "“endif” belongs to no tag before it"),
    ("{% %}", "has no tag after it"),
    ("{{ x", "it ends inside a tag"),
    ("{# a", "a comment is not closed"),
    ("{{ x }", "“}” stands where it makes no sense"),
    ("{{ (1 }}", "“}” stands where “)” should close"),
    ("{{ 1 ) }}", "“)” stands where it makes no sense"),
    ("{{ 'x }}", "a quote is not closed"),
    ("{{ x ? y }}", "“?” has no meaning here"),
    ("{{ 1 if }}", "a value is missing before the end"),
    ("{{ a.1b }}", "“b” stands where }} should be"),
    ("{% for x y %}{% endfor %}", "“y” stands where “in” should be"),
    ("{% for %}{% endfor %}", "a value is missing"),
    ("{{ x|shout }}", "there is no filter “shout”"),
    ("{{ 1 is shout }}", "there is no test “shout”"),
    ("{% if x is shout %}{% endif %}", "there is no such filter or test"),
    ("{% block a %}{% endblock %}{% block a %}{% endblock %}", "the block “a” is there twice"),
    ("{% block a-b %}{% endblock %}", "a block's name may hold letters"),
    ("{% set 1 = 2 %}", "cannot be set"),
    ("{% call x %}{% endcall %}", "this cannot be read as a template"),
    ("{{ '\\N{bad}' }}", "this cannot be read as a template"),
    ("{{ nobody }}", "“nobody” has no value here"),
    ("{{ [1][5] }}", "this list has no element 5"),
    ("{{ 'a'.b.c }}", "there is no “b” in this value"),
    ("{% from 'lib' import no %}{{ no() }}", "the template has no macro “no”"),
    ("{{ 1 / 0 }}", "divided by nought"),
    ("{{ range(9999999) }}", "too large"),
    ("{% include 'again' %}", "includes itself"),
    ("{{ ''.__class__ }}", "“__class__” is not allowed"),
    ("{{ [].append(1) }}", "“append” is not allowed"),
    ("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "the macro “m” gets a value"),
    ("{{ 5|round(method='x') }}", "a filter gets a value"),
    ("{{ 'a' + 1 }}", "a value is of another kind"),
    ("{{ 5|join }}", "a value is of another kind"),
    ("{{ 5|dictsort }}", "a value is of another kind"),
    ("{{ [1, 'a']|sort }}", "a value is of another kind"),
    ("{{ 'a'() }}", "a value is of another kind"),
    ("{{ '%d' % 'x' }}", "a value is of another kind"),
]
FILES = {"lib": "", "again": "{% include 'again' %}"}


def test_a_broken_template_has_a_plain_sentence():
    jinja = ImmutableSandboxedEnvironment(undefined=StrictUndefined, loader=DictLoader(FILES))
    for text, part in BROKEN:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - of whatever kind
            jinja.from_string(text).render()
        plain = sentence(caught.value)
        assert part in plain, (text, plain)
        assert not LIBRARY.search(plain), (text, plain)


def test_a_file_that_is_no_text_has_one_too():
    with pytest.raises(UnicodeDecodeError) as caught:
        b"\xff".decode()
    assert sentence(caught.value) == "the file is not text in UTF-8: save it as UTF-8"
