"""Headlines of vacancies: role, employer, place and number of posts."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.vacancies.headline import Headline, read

REAL = Path(__file__).parent.parent / "real" / "job_titles.toml"


def misread(labels):
    wrong = []
    for label in labels:
        headline = read(label["title"])
        expected = Headline(
            label["role"],
            label.get("employer", ""),
            label.get("place", ""),
            label.get("places", 1),
            headline.working,
            headline.job_of_the_week,
        )
        if headline != expected:
            wrong.append((label["title"], headline))
    return wrong


def test_two_hundred_headlines_are_read_as_a_sub_editor_reads_them():
    labels = tomllib.loads(REAL.read_text())["titles"]
    assert len(labels) >= 200
    assert misread(labels) == []


def test_headlines_that_the_rules_were_not_written_for_are_read_too():
    labels = tomllib.loads(REAL.read_text())["later"]
    assert len(labels) >= 200
    assert len(misread(labels)) <= 0.03 * len(labels)


def test_the_titles_of_adverts_are_read_in_97_of_100():
    """The lots were written one after another, each before the rules were mended for it."""
    lots = tomllib.loads((REAL.parent / "advert_titles.toml").read_text())
    rows = [row for lot in lots.values() for row in lot]
    expected = [Headline(*row[1:]) for row in rows]
    headlines = [replace(read(row[0]), working="", job_of_the_week=False) for row in rows]
    wrong = [
        f"{row[0]}: {headline}"
        for row, label, headline in zip(rows, expected, headlines, strict=True)
        if headline != label
    ]
    assert len(rows) >= 400
    assert len(wrong) <= 0.03 * len(rows), "\n".join(wrong)


TITLES = [
    # title, role, employer, place, places, job of the week
    (
        "*JOB OF THE WEEK* communications manager – place, sandwell council",
        ("communications manager – place", "sandwell council", "", 1, True),
    ),
    (
        "external communications officer (x 2), wakefield council",
        ("external communications officer", "wakefield council", "", 2, False),
    ),
    ("Press officer at Leeds Museum", ("Press officer", "Leeds Museum", "", 1, False)),
    ("Editor at Large, The Paper", ("Editor at Large", "The Paper", "", 1, False)),
    ("Press officer | NHS Dales | York", ("Press officer", "NHS Dales", "York", 1, False)),
    ("Dales Council | Press officer", ("Press officer", "Dales Council", "", 1, False)),
    ("Press officer @ Ferry Co, Hull", ("Press officer", "Ferry Co", "Hull", 1, False)),
    ("Press Officer - Dales Council", ("Press Officer", "Dales Council", "", 1, False)),
    ("Press Officer - Acme", ("Press Officer", "Acme", "", 1, False)),
    ("Press Officer - Maternity Cover", ("Press Officer - Maternity Cover", "", "", 1, False)),
    ("communications manager – place", ("communications manager – place", "", "", 1, False)),
    ("Dales Council – Press Officer", ("Press Officer", "Dales Council", "", 1, False)),
    ("Dales Police: head of news", ("head of news", "Dales Police", "", 1, False)),
    ("Media, PR and campaigns officer", ("Media, PR and campaigns officer", "", "", 1, False)),
    (
        "head of communications, marketing and engagement, dales city council",
        ("head of communications, marketing and engagement", "dales city council", "", 1, False),
    ),
    (
        "officer (media, events), university of the dales, york",
        ("officer (media, events)", "university of the dales", "york", 1, False),
    ),
    ("Digital officer (3 posts), Kent", ("Digital officer", "", "Kent", 3, False)),
    ("Digital officer x2, Kent", ("Digital officer", "", "Kent", 2, False)),
    ("Digital officers (two roles), Kent", ("Digital officers", "", "Kent", 2, False)),
    ("Job of the week: web editor, Kent", ("web editor", "", "Kent", 1, True)),
    ("web editor, Kent (JOB OF THE WEEK)", ("web editor", "", "Kent", 1, True)),
    ("Software Engineer", ("Software Engineer", "", "", 1, False)),
    ("", ("", "", "", 1, False)),
]


@pytest.mark.parametrize(("title", "expected"), TITLES, ids=lambda value: str(value)[:40])
def test_a_headline_is_taken_apart(title, expected):
    v = read(title)
    assert (v.role, v.employer, v.place, v.places, v.job_of_the_week) == expected


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Press officer, media team, Ferry Co", "Press officer, media team"),
        ("Press officer – place at ferry co", "Press officer – place"),
        ("Press officer with the Ferry Co", "Press officer"),
        ("Ferry Co: Press officer", "Press officer"),
    ],
)
def test_an_employer_that_is_named_apart_leaves_the_role_whole(title, role):
    assert read(title, employer="Ferry Co")


words = st.text(alphabet="aB,|–-: @()x2*É\u00a0", max_size=40) | st.text(max_size=60)


@given(words)
def test_any_headline_has_a_role_made_of_its_own_words(title):
    v = read(title)
    assert bool(v.role) == bool(title.split())
    assert 1 <= v.places <= 99
    for part in (v.role, v.employer, v.place):
        assert set(part) <= set(title) | {" ", ","}
