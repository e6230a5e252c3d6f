"""How editors are named, and which signatures may be one person's."""

import pytest

from emag.editors.editor import Editor, is_same_person, matching, parse, signature
from emag.editors.role import Role
from emag.editors.role import parse as parse_roles
from emag.errors import NotFound


def editor(address, name=""):
    return Editor(address, name, (Role.EDITOR,), None, "Ben")


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("Ann <ann@example.org>", ("Ann", "ann@example.org")),
        ("  ANN@Example.org ", ("", "ann@example.org")),
        ('"Smith, Ann" <ann@example.org>', ("Smith, Ann", "ann@example.org")),
        ("Zoë Ångström <zoe@example.org>", ("Zoë Ångström", "zoe@example.org")),
        ("Ann", None),
        ("ann@", None),
        ("@example.org", None),
        ("ann@ben@example.org", None),
        ("", None),
    ],
)
def test_a_mailbox_is_read(text, parsed):
    assert parse(text) == parsed


def test_no_name_breaks_out_of_a_header():
    parsed = parse("Ann\r\nBcc: x@y.example <ann@example.org>")
    assert parsed is None or "\n" not in parsed[0]


def test_an_editor_is_found_by_address_name_or_what_stands_before_the_at():
    ann, ben = editor("ann@example.org", "Ann Smith"), editor("ben@example.org")
    for text in ("ann@example.org", "ANN SMITH", "ann  smith", "Ann", "A <ann@example.org>"):
        assert matching([ann, ben], text) == [ann]
    assert matching([ann, ben], "Ben") == [ben]
    assert matching([ann, ben], "") == []
    assert matching([ann, ben], "cat@example.org") == []


def test_a_name_that_two_share_is_signed_with_the_address():
    one, two = editor("ann@example.org", "Ann"), editor("ann@example.net", "ann")
    assert matching([one, two], "Ann") == [one, two]
    assert signature(one, [one, two]) == "Ann <ann@example.org>"
    assert signature(one, [one]) == "Ann"
    assert signature(editor("ben@example.org"), [one]) == "ben@example.org"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann", "ann", True),
        ("Ann", "Ben", False),
        ("Ann", "Ann <ann@example.org>", True),
        ("Ann <ann@example.org>", "Ann <ann@example.net>", False),
        ("ann@example.org", "Ann <ann@example.org>", True),
        ("the timetable", "Ann", False),
    ],
)
def test_signatures_of_one_person(one, other, same):
    assert is_same_person(one, other) is same
    assert is_same_person(other, one) is same


def test_roles_are_kept_once_and_in_order():
    assert parse_roles(["Operator", "viewer", "operator"]) == (Role.VIEWER, Role.OPERATOR)
    with pytest.raises(NotFound, match="no role “boss”; there are viewer, editor, approver"):
        parse_roles(["boss"])
