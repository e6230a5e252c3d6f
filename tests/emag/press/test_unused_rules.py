"""A mail has no rules for dark modes that nothing in it uses."""

import pytest

from emag.press.unused_rules import without_unused_rules

PAGE = '<head><style>{}</style></head><body class="canvas"><p class="small ink"><b>x</b></p></body>'


@pytest.mark.parametrize(
    ("rules", "remaining"),
    [
        ("[data-ogsc] .ink { color: #fff }", "[data-ogsc] .ink { color: #fff }"),
        ("[data-ogsc] .lost { color: #fff }", ""),
        ("[data-ogsc] .lost, [data-ogsc] .ink b { a: b }", " [data-ogsc] .ink b { a: b }"),
        ("[data-ogsc] .ink i { color: #fff }", ""),
        (
            "@media (prefers-color-scheme: dark) {body { a: b } .lost { a: b }}",
            "@media (prefers-color-scheme: dark) {body { a: b }}",
        ),
        (".lost { color: #000 }", ".lost { color: #000 }"),
    ],
)
def test_what_nothing_uses_is_dropped_from_dark_sheets_alone(rules, remaining):
    assert without_unused_rules(PAGE.format(rules)) == PAGE.format(remaining)
