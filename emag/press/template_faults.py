"""Says in plain words what is wrong with a template, where Jinja or Python would say it."""

import re
from collections.abc import Callable

from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import FilterArgumentError, SecurityError

_QUOTED = r"['\"](?P<{}>.+?)['\"]"
_NAME, _OTHER = _QUOTED.format("name"), _QUOTED.format("other")
_TAGS = "for example “{% if … %}”, “{% for … %}” or “{% block … %}”"

# What Jinja says of a text that is no template, and what that means. The first that fits counts.
_BROKEN: tuple[tuple[str, str], ...] = (
    (rf"innermost block that needs to be closed is {_NAME}", "“{name}” is not closed: {end}"),
    (
        r"unknown tag '(?P<name>end\w+|elif|else)'",
        "“{name}” belongs to no tag before it: remove it, or add that tag",
    ),
    (rf"Encountered unknown tag {_NAME}", f"“{{name}}” is not a tag: write {_TAGS}"),
    (rf"Unexpected end of template.* {_NAME}", "a tag is not closed: write “{name}” after it"),
    (r"unexpected end of template|Unexpected end", "it ends inside a tag: close it with %} or }}"),
    (r"Missing end of comment", "a comment is not closed: write #} after it"),
    (r"Missing end of raw", "“raw” is not closed: add {% endraw %}"),
    (r"tag name expected", f"“{{%” has no tag after it: write {_TAGS}"),
    (rf"No filter named {_NAME}", "there is no filter “{name}”: correct its name"),
    (rf"No test named {_NAME}", "there is no test “{name}” after “is”: correct its name"),
    (rf"block {_NAME} defined twice", "the block “{name}” is there twice: remove one"),
    (r"[Bb]lock names", "a block's name may hold letters, digits and underscores only"),
    (rf"unexpected {_NAME}, expected {_OTHER}", "“{name}” stands where “{other}” should close"),
    (rf"expected token {_NAME}, got 'end of", "{token} is missing before the end: add it"),
    (rf"expected token {_NAME}, got {_OTHER}", "“{other}” stands where {token} should be"),
    (r"unexpected 'end of", "a value is missing before the end: write one, or a name"),
    (rf"Expected an expression, got {_NAME}", "a value is missing here: write one, or a name"),
    (r"unexpected char \"'\"|unexpected char '\"'", "a quote is not closed: write another one"),
    (rf"unexpected char {_NAME}", "“{name}” has no meaning here: remove it, or put it in quotes"),
    (rf"unexpected {_NAME}", "“{name}” stands where it makes no sense: a bracket may be missing"),
    (r"assign", "a value is set for something that cannot be set: choose another name"),
    (r"cannot use extend", "“extends” stands inside another tag: write it at the top"),
    (r"extended multiple times", "“extends” is there twice: remove one"),
    (r"Required block|required block", "a block that must be filled is empty: fill it"),
)
# What goes wrong while a template is printed.
_FAILED: tuple[tuple[str, str], ...] = (
    (rf"^{_NAME} is undefined", "“{name}” has no value here: correct its name"),
    (rf"has no (?:attribute|element) {_NAME}", "there is no “{name}” in this value: correct it"),
    (r"has no element (?P<name>\d+)", "this list has no element {name}: test its length first"),
    (rf"does not export the requested name {_NAME}", "the template has no macro “{name}”"),
    (rf"access to attribute {_NAME}", "“{name}” is not allowed in a template: remove it"),
    (rf"macro {_NAME} (?:takes|got)", "the macro “{name}” gets a value that it does not take"),
    (r"No (?:filter|test) named", "there is no such filter or test: correct its name"),
)
_OF_KIND: tuple[tuple[type[BaseException], str], ...] = (
    (UnicodeDecodeError, "the file is not text in UTF-8: save it as UTF-8"),
    (SecurityError, "this is not allowed in a template: remove it"),
    (FilterArgumentError, "a filter gets a value that it cannot work with: correct it"),
    (TemplateSyntaxError, "this cannot be read as a template: correct the tag"),
    (UndefinedError, "a value is used that is not there: correct its name"),
    (ZeroDivisionError, "a number is divided by nought: test it first"),
    (OverflowError, "a number or a list is too large: make it smaller"),
    (RecursionError, "the template includes itself without an end: remove that include"),
)
_OTHERWISE = "a value is of another kind than this needs, such as a text for a number: correct it"
_TOKENS = {
    "end of statement block": "%}",
    "end of print statement": "}}",
    "name": "a name",
    "string": "a text in quotes",
    "integer": "a whole number",
}
_LONGEST = 60


def sentence(error: BaseException) -> str:
    """Completes “FILE, line N: …”. The words of a library are never repeated."""
    message = " ".join(str(getattr(error, "message", None) or error).split())
    table = _BROKEN if isinstance(error, TemplateSyntaxError) else _FAILED + _BROKEN
    if not isinstance(error, (TemplateError, TypeError)):  # Python's words name its own things
        table = ()
    for pattern, plain in table:
        if match := re.search(pattern, message):
            return _filled_in(plain, match.groupdict())
    return next((plain for kind, plain in _OF_KIND if isinstance(error, kind)), _OTHERWISE)


def _filled_in(plain: str, names: dict[str, str]) -> str:
    name, other = (names.get(key, "")[:_LONGEST] for key in ("name", "other"))
    values: dict[str, Callable[[], str]] = {
        "{name}": lambda: name,
        "{other}": lambda: other,
        "{end}": lambda: f"add {{% end{name} %}}",
        "{token}": lambda: _TOKENS.get(name, f"“{name}”"),
    }
    return re.sub("|".join(map(re.escape, values)), lambda match: values[match[0]](), plain)
