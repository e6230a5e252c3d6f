"""Every field of JSON Feed that says something about a story, and what it becomes."""

import json
from datetime import UTC, datetime

import pytest

HOME = "https://crier.example/"
PAGE = f"{HOME}lamps"
LAMP = "https://crier.example/lamp.jpg"
TEXT = "The lamps of the harbour were lit at four in the afternoon, because of the fog."


def day(number):
    return datetime(2026, 3, number, 9, tzinfo=UTC)


# What stands in the item, what stands in the feed, and what the story says.
JSON = {
    "version is not needed": ({}, {"version": None}, {"title": "Lamps"}),
    "version 1": ({}, {"version": "https://jsonfeed.org/version/1"}, {"title": "Lamps"}),
    "id": ({"id": "lamps-1"}, {}, {"guid": "lamps-1"}),
    "id, a number": ({"id": 17}, {}, {"guid": "17"}),
    "id, the only address": ({"id": PAGE, "url": None}, {}, {"link": PAGE}),
    "no id": ({"id": None}, {}, {"link": PAGE, "guid": ""}),
    "url": ({"external_url": "https://elsewhere.example/"}, {}, {"link": PAGE}),
    "url, relative": ({"url": "/lamps"}, {}, {"link": PAGE}),
    "external_url": (
        {"url": None, "external_url": "https://elsewhere.example/"},
        {},
        {"link": "https://elsewhere.example/"},
    ),
    "title is plain text": ({"title": "Lamps <b> &amp; fog"}, {}, {"title": "Lamps <b> &amp; fog"}),
    "no title": (
        {"title": None, "content_text": f"Fog again. {TEXT}"},
        {},
        {"title": "Fog again", "summary": TEXT},
    ),
    "content_html": (
        {"content_html": f"<p>{TEXT}</p>"},
        {},
        {"body": f"<p>{TEXT}</p>", "summary": TEXT},
    ),
    "content_text": ({"content_text": f"{TEXT} 1 < 2."}, {}, {"summary": f"{TEXT} 1 < 2."}),
    "content_html before content_text": (
        {"content_html": f"<p>{TEXT}</p>", "content_text": "Lamps"},
        {},
        {"body": f"<p>{TEXT}</p>"},
    ),
    "content_html, its addresses are relative to the page": (
        {"content_html": "<a href='fog'>Fog</a><img src='/lamp.jpg'>"},
        {},
        {"inside": f'href="{HOME}fog"', "pictures": [LAMP]},
    ),
    "summary is plain text": (
        {"summary": TEXT, "content_html": "<p>More.</p>"},
        {},
        {"summary": TEXT},
    ),
    "image before banner_image": (
        {"image": "/lamp.jpg", "banner_image": f"{HOME}wide.jpg"},
        {},
        {"pictures": [LAMP, f"{HOME}wide.jpg"]},
    ),
    "banner_image": ({"banner_image": LAMP}, {}, {"pictures": [LAMP]}),
    "date_published": (
        {"date_published": "2026-03-02T10:00:00+01:00", "date_modified": "2026-03-04T09:00:00Z"},
        {},
        {"published": day(2)},
    ),
    "date_modified": ({"date_modified": "2026-03-04T09:00:00Z"}, {}, {"published": day(4)}),
    "authors": (
        {"authors": [{"name": "Ann Example"}, {"url": HOME}, {"name": "Ben Example"}]},
        {"authors": [{"name": "Cai Example"}]},
        {"author": "Ann Example and Ben Example"},
    ),
    "authors, many": (
        {"authors": [{"name": f"{name} Example"} for name in ("Ann", "Ben", "Cai", "Dee")]},
        {},
        {"author": "Ann Example, Ben Example, Cai Example and others"},
    ),
    "authors, an account, are not the feed's": (
        {"authors": [{"name": "webteam"}]},
        {"authors": [{"name": "Cai Example"}]},
        {"author": ""},
    ),
    "authors of the feed": ({}, {"authors": [{"name": "Cai Example"}]}, {"author": "Cai Example"}),
    "author, of version 1": ({"author": {"name": "Ann Example"}}, {}, {"author": "Ann Example"}),
    "author without a name": (
        {"authors": [{"url": HOME, "avatar": LAMP}]},
        {},
        {"author": "", "pictures": []},
    ),
    "language": (
        {"authors": [{"name": "Ann Example"}, {"name": "Elin Example"}]},
        {"language": "cy"},
        {"author": "Ann Example ac Elin Example"},
    ),
    "language of the item": (
        {"authors": [{"name": "Ann Example"}, {"name": "Ben Example"}], "language": "cy"},
        {"language": "en"},
        {"author": "Ann Example a Ben Example"},
    ),
    "tags": (
        {"tags": ["Harbour", "Fog", 3]},
        {},
        {"categories": ("Harbour", "Fog"), "kicker": "Harbour"},
    ),
    "attachments, a picture": (
        {"attachments": [{"url": LAMP, "mime_type": "image/jpeg", "title": "A lamp in fog"}]},
        {},
        {"pictures": [LAMP], "alts": ["A lamp in fog"], "link": PAGE},
    ),
    "attachments, the only address": (
        {"url": None, "attachments": [{"url": f"{HOME}lamps.mp3", "mime_type": "audio/mpeg"}]},
        {},
        {"link": f"{HOME}lamps.mp3", "pictures": []},
    ),
    "next_url is not followed": ({}, {"next_url": f"{HOME}feed?page=2"}, {"title": "Lamps"}),
    "icon and favicon are no pictures of a story": (
        {},
        {"icon": LAMP, "favicon": LAMP},
        {"pictures": []},
    ),
    "other programs' fields": ({"_crier": {"title": "No"}}, {"_crier": {}}, {"title": "Lamps"}),
}


@pytest.mark.parametrize("name", JSON)
def test_json_feed(name, assert_becomes):
    inside, around, expected = JSON[name]
    item = {"id": "1", "url": PAGE, "title": "Lamps"} | inside
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Crier",
        "home_page_url": HOME,
        "items": [item],
    } | around
    assert_becomes(json.dumps(document), **expected)


def test_an_item_that_is_no_object_is_noted(read_feed):
    document = {"title": "Crier", "items": ["lamps", {"id": PAGE, "title": "Lamps"}]}
    reading = read_feed(json.dumps(document))
    assert (reading.entries, reading.refused, len(reading.stories)) == (2, 1, 1)
