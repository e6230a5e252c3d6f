"""The word above a title, as the publication wants it."""

from dataclasses import replace

import pytest

from emag.press.kickers import with_kickers


def printed(issue, kicker, case, title="Posts"):
    section = issue.sections[0]
    pick = replace(section.picks[0], story=replace(section.picks[0].story, kicker=kicker))
    whole = replace(issue, sections=(replace(section, title=title, picks=(pick,)),))
    return with_kickers(whole, case).sections[0].picks[0].story.kicker


@pytest.mark.parametrize(
    ("kicker", "case", "expected"),
    [
        ("crisis comms", "as-given", "crisis comms"),
        ("crisis comms", "sentence", "Crisis comms"),
        ("iOS tips", "sentence", "iOS tips"),
        ("NHS", "sentence", "NHS"),
        ("Crisis", "upper", "CRISIS"),
        ("", "upper", ""),
    ],
)
def test_a_kicker_is_in_the_publications_case(make, kicker, case, expected):
    assert printed(make.issue(), kicker, case) == expected


def test_a_kicker_that_repeats_its_section_is_not_printed(make):
    assert printed(make.issue(), "News", "upper", title="News") == ""
    assert printed(make.issue(), "Events", "as-given", title="Event") == ""
