"""The last moment for applications, in the words of British adverts."""

import time
import tomllib
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.vacancies.deadline import read

REAL = Path(__file__).parent.parent / "real" / "closing_dates.toml"


def written(text, published):
    deadline = read(text, published=published)
    return f"{deadline.at:%Y-%m-%dT%H:%M}" if deadline.at else str(deadline.day or "")


def misread(labels):
    wrong = []
    for label in labels:
        published = date.fromisoformat(label["published"]) if label["published"] else None
        if (deadline := written(label["text"], published)) != label["closes"]:
            wrong.append((label["text"], deadline, label["closes"]))
    return wrong


def test_two_hundred_texts_give_their_closing_dates():
    labels = tomllib.loads(REAL.read_text())["texts"]
    assert len(labels) >= 200
    assert misread(labels) == []


def test_texts_that_the_rules_were_not_written_for_are_read_too():
    labels = tomllib.loads(REAL.read_text())["later"]
    wrong = misread(labels)
    assert len(labels) >= 200
    assert len(wrong) <= 0.03 * len(labels)
    assert len([text for text, deadline, _ in wrong if deadline]) <= 0.01 * len(labels)


def test_the_closing_dates_of_adverts_are_read_in_97_of_100():
    """The lots were written one after another, each before the rules were mended for it."""
    lots = tomllib.loads((REAL.parent / "advert_dates.toml").read_text())
    names = ("published", "text", "closes")
    labels = [dict(zip(names, row, strict=True)) for lot in lots.values() for row in lot]
    wrong = misread(labels)
    report = "\n".join(map(str, wrong))
    assert len(labels) >= 300
    assert len(wrong) <= 0.03 * len(labels), report
    assert len([text for text, deadline, _ in wrong if deadline]) <= 0.01 * len(labels), report


def closing_date(text, published):
    return read(text, published=published).day


PUBLISHED = date(2026, 3, 2)
CLOSING = [
    ("Closing date: 14 March 2026", date(2026, 3, 14)),
    ("closes midnight on Sunday 8 March", date(2026, 3, 8)),
    ("Deadline: 14/03/2026", date(2026, 3, 14)),
    ("apply by 5pm, Friday 13th March", date(2026, 3, 13)),
    ("Closing Date\n15 Mar 2026", date(2026, 3, 15)),
    ("Closing date: 2026-03-20T23:59", date(2026, 3, 20)),
    ("closes 23.59 on 14.03.26", date(2026, 3, 14)),
    ("Applications close on March 20th, 2026", date(2026, 3, 20)),
    ("Applications must be with us by noon on the 1st of April", date(2026, 4, 1)),
    ("Closing on Sunday\u00a029th\u00a0March.", date(2026, 3, 29)),
    ("Closing date extended to 21 March (was 14 March)", date(2026, 3, 21)),
    ("Closing date: 9am, Monday 16 March 2026. Interviews: 1 April", date(2026, 3, 16)),
    ("Closing date: to be agreed. Interviews: 14 March", None),
    ("Closing date: 31 February 2026", None),
    ("Deadline: 03/14/2026", None),
    ("We are closing the gap. Our fair is on 14 March.", None),
    ("Posted on 14 March 2026", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), CLOSING)
def test_the_closing_date_is_found_in_words(text, expected):
    assert closing_date(text, PUBLISHED) == expected


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        ("closes 9 January", date(2025, 12, 29), date(2026, 1, 9)),
        ("closes 20 December", date(2026, 1, 5), date(2025, 12, 20)),  # announced again
        ("closes 29 February", date(2027, 12, 1), date(2028, 2, 29)),
        ("closes Friday 9 January", date(2025, 12, 29), date(2026, 1, 9)),
        ("closes 9 January", None, None),
        ("closes 9 January 2026", None, date(2026, 1, 9)),
    ],
)
def test_a_missing_year_comes_from_the_day_of_publication(text, published, expected):
    assert closing_date(text, published) == expected


@given(st.dates(date(2010, 1, 1), date(2080, 12, 31)), st.integers(0, 300))
def test_a_day_without_a_year_is_the_next_such_day(published, ahead):
    closes = date.fromordinal(published.toordinal() + ahead)
    text = f"Closing date: {closes:%A} {closes.day} {closes:%B}"
    assert closing_date(text, published) == closes


@given(st.text(max_size=300), st.none() | st.dates())
def test_no_text_breaks_the_search(text, published):
    for words in ("", "closing date: ", "send your CV by noon on ", "dyddiad cau: "):
        deadline = read(words + text, published=published)
        assert deadline.at is None or deadline.at.date() == deadline.day


WORDS = [
    *("closing date", "by", "noon", "midnight", "31", "30th", "February", "Sunday", "2026", ":"),
    *("/", "12", "99", "5pm", "00:00", "24:00", "-", "deadline", "applications", "mawrth", "dydd"),
    *("\n", "0001", "9999", "extended to", "is the closing date", "Z", "+01:00", "-14:00", "25:61"),
]
pieces = st.sampled_from(WORDS)


@given(st.lists(pieces, max_size=25), st.none() | st.dates())
def test_no_mixture_of_dates_and_times_breaks_the_search(words, published):
    read(" ".join(words), published=published)


@pytest.mark.parametrize("piece", ["closing ", "send ", "by ", "12 ", "1/1/", "a", "Sunday ", "£1"])
def test_a_long_text_takes_little_time(piece):
    text = piece * (60_000 // len(piece))
    begin = time.process_time()
    read(text, published=date(2026, 3, 2))
    assert time.process_time() - begin < 10


def test_a_time_has_the_offset_of_the_place():
    deadline = read("Closing date: noon on 12 June 2026", published=None)
    assert deadline.at
    assert deadline.at.isoformat() == "2026-06-12T12:00:00+01:00"


def test_a_time_of_another_zone_is_told_in_the_publications():
    paris = ZoneInfo("Europe/Paris")
    deadline = read("Closing date: 2026-06-14T22:30:00Z", published=None, zone=paris)
    assert deadline.day == date(2026, 6, 15)
    assert deadline.at == datetime(2026, 6, 15, 0, 30, tzinfo=paris)
