"""A story's link, identity, fingerprint and stored form."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.story import Kind, Picture, Story, canonical, from_dict, to_dict
from emag.content.vacancies.vacancy import Vacancy

AT_NOON = datetime(2026, 6, 12, 12, tzinfo=ZoneInfo("Europe/London"))
LINKS = [
    ("HTTPS://Example.ORG/Path", "https://example.org/Path"),
    ("https://example.org", "https://example.org/"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("http://example.org:80/a", "http://example.org/a"),
    ("http://example.org:8080/a", "http://example.org:8080/a"),
    ("https://example.org/a#part", "https://example.org/a"),
    ("https://example.org/a?utm_source=x&id=4&fbclid=y", "https://example.org/a?id=4"),
    ("https://example.org/a?gclid=1", "https://example.org/a"),
    ("https://example.org/a?mc_cid=1&mc_eid=2&b=%20", "https://example.org/a?b=%20"),
    ("https://example.org/a?source=rss-77&source=page", "https://example.org/a?source=page"),
    ("https://example.org/a?b=2&a=1", "https://example.org/a?b=2&a=1"),
    ("https://ann:secret@example.org/a", "https://example.org/a"),
    ("https://example.org./a", "https://example.org/a"),
    ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
    ("https://example.org/a b", "https://example.org/a%20b"),
    ("https://example.org/100%", "https://example.org/100%25"),
    ("  https://example.org/a\n", "https://example.org/a"),
    ("https://example.org/a\n  ?b=1", "https://example.org/a%20%20?b=1"),
    ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
    ("https://example.org/a?", "https://example.org/a"),
]
NO_LINKS = [
    "",
    "/relative",
    "example.org/a",
    "javascript:alert(1)",
    "mailto:ann@example.org",
    "data:text/html,hi",
    "ftp://example.org/a",
    "https://",
    "https:///a",
    "https://exa mple.org/",
    "https://example.org:99999/",
    "https://[::1/",
    "https://a<b>.example/",
    "https://example.org/" + "a" * 3000,
    "tag:example.org,2026:1",
]


@pytest.mark.parametrize(("given_link", "expected"), LINKS)
def test_one_form_for_every_way_to_write_an_address(given_link, expected):
    assert canonical(given_link) == expected


@pytest.mark.parametrize("link", NO_LINKS)
def test_what_is_no_web_address_has_no_form(link):
    assert canonical(link) == ""


addresses = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}://{}{}{}".format,
        st.sampled_from(["http", "HTTPS", "https", "ftp"]),
        st.sampled_from(["example.org", "Exämple.org", "a.b:443", "u:p@c.d", "[::1]:80"]),
        st.text(alphabet="/%aZ é2?&=#;+ \\\t\u2028", max_size=20),
        st.sampled_from(["", "?utm_id=1&a=b", "#x", "?a=%zz&fbclid=2", "?&&a"]),
    ),
)


@given(addresses)
def test_the_form_of_a_form_is_itself(link):
    once = canonical(link)
    assert canonical(once) == once


@given(addresses)
def test_a_form_is_plain_ascii_without_blanks(link):
    form = canonical(link)
    assert form.isascii()
    assert not set(form) & set(' \r\n\t"<>\\#\0')


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org/a",
        "https://www.example.org/a",
        "https://example.org/a/",
        "http://www.example.org/a/",
    ],
)
def test_the_same_page_is_the_same_story(link):
    assert _story(link=link).identity == _story(link="https://example.org/a").identity


def test_another_query_is_another_story():
    one, two = _story(link="https://e.org/?p=1"), _story(link="https://e.org/?p=2")
    assert one.identity != two.identity


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Another"},
        {"summary": "Another"},
        {"body": "<p>Another</p>"},
        {"picture": Picture("https://example.org/b.png")},
        {"picture": None},
        {"featured": True},
        {"starts": datetime(2026, 5, 1, tzinfo=UTC)},
        {"place": "Hull"},
        {"kind": Kind.EVENT},
        {"categories": ("b",)},
        {"vacancy": Vacancy("officer", closes=date(2026, 3, 15))},
        {"vacancy": Vacancy("officer", closes=AT_NOON.date(), closes_at=AT_NOON)},
    ],
)
def test_an_edit_changes_the_fingerprint(edit):
    story = _story()
    assert replace(story, **edit).fingerprint != story.fingerprint


def test_a_closing_time_keeps_the_offset_of_its_board():
    facts = Vacancy("officer", closes=AT_NOON.date(), closes_at=AT_NOON)
    stored = json.loads(json.dumps(to_dict(_story(vacancy=facts))))
    assert stored["vacancy"]["closes_at"] == "2026-06-12T12:00:00+01:00"
    assert from_dict(stored).vacancy == facts


def test_the_source_is_nothing_that_a_reader_sees():
    assert _story(source="a").fingerprint == _story(source="b").fingerprint


def test_a_fingerprint_is_the_same_tomorrow():
    assert _story().fingerprint == _story().fingerprint
    assert len(_story().fingerprint) == 64


moments = st.none() | st.datetimes(timezones=st.just(UTC))
stories = st.builds(
    Story,
    source=st.text(),
    kind=st.sampled_from(Kind),
    link=st.text(),
    title=st.text(),
    summary=st.text(),
    body=st.text(),
    published=moments,
    picture=st.none() | st.builds(Picture, st.text(), st.text(), st.integers(0), st.integers(0)),
    author=st.text(),
    categories=st.lists(st.text()).map(tuple),
    featured=st.booleans(),
    starts=moments,
    place=st.text(),
    vacancy=st.none()
    | st.builds(
        Vacancy,
        role=st.text(),
        employer=st.text(),
        place=st.text(),
        places=st.integers(1, 9),
        closes=st.none() | st.dates(),
        salary=st.text(),
        job_of_the_week=st.booleans(),
    ),
)


@given(stories)
def test_nothing_is_lost_in_storing(story):
    assert from_dict(to_dict(story)) == story


def test_a_field_of_another_version_is_passed_over():
    data = to_dict(_story()) | {"mood": "sunny"}
    del data["place"]
    assert from_dict(data) == _story()


def _story(**changes):
    plain = {
        "source": "posts",
        "kind": Kind.POST,
        "link": "https://example.org/a",
        "title": "A title",
        "summary": "A summary",
        "picture": Picture("https://example.org/a.png", "A picture", 600, 400),
        "categories": ("a",),
    }
    return Story(**plain | changes)


def test_events_that_share_a_link_are_told_apart_by_their_names():
    day = datetime(2026, 12, 3, tzinfo=UTC)
    one = Story("c", Kind.EVENT, "https://e.example/", "A", guid="a", starts=day, shares_link=True)
    other = replace(one, guid="b", ends=day)
    assert one.identity != other.identity
    assert from_dict(to_dict(other)) == other


@pytest.mark.parametrize(
    ("place", "online", "printed"),
    [
        ("Leeds", False, "Leeds"),
        ("Leeds", True, "Leeds and online"),
        ("", True, "Online"),
        ("", False, ""),
    ],
)
def test_where_an_event_takes_place(place, online, printed):
    assert Story("c", Kind.EVENT, "x", "A", place=place, online=online).where == printed
