"""The commands about stories and sources."""

import pytest

from emag.cli.call import now
from emag.doctor import sources as doctor
from emag.settings import load

FIELDS = {
    *("title", "url", "published", "summary", "by", "kicker", "picture", "alt", "role"),
    *("employer", "place", "places", "closes", "salary", "starts", "ends"),
}
DATED = "<meta property='article:published_time' content='2026-03-01T08:00:00Z'>"
PAGE = "<title>The ferry stops</title><meta name=description content='It did.'>"


@pytest.fixture
def open_network(publication):
    toml = publication / "emag.toml"
    toml.write_text(toml.read_text() + "[network]\nallow_private = true\n")


@pytest.fixture
def list_with(publication, site):
    """Replaces the source by the list that the site serves, with more settings."""

    def change(more=""):
        toml = publication / "emag.toml"
        head, _, rest = toml.read_text().partition("[[sources]]")
        rest = rest[rest.index("\n[") :]
        source = f'name = "stories"\nkind = "feed"\nurl = "{site.url}/list"\n{more}'
        toml.write_text(f"{head}[[sources]]\n{source}{rest}")

    return change


def test_a_story_is_added_and_listed(emag, site, open_network):
    site.serve("/ferry", PAGE, Content_Type="text/html")
    added = emag("story", "add", f"{site.url}/ferry", "--as", "Ann", "--json").json
    assert set(added) >= FIELDS
    assert (added["title"], added["new"], added["section"]) == ("The ferry stops", True, "posts")
    emag("gather")
    stories = emag("story", "list", "--json").json["stories"]
    assert [s["reason"] for s in stories if s["story"] == added["story"]] == ["in: added by Ann"]
    assert len(stories) == 4
    (alone,) = emag("story", "list", "--source", "by hand", "--json").json["stories"]
    assert alone["added_by"] == "Ann"
    assert "The ferry stops" in emag("story", "list").out
    again = emag("story", "add", f"{site.url}/ferry")
    assert "is in the pool already" in again.out


def test_the_tray_lists_what_waits(emag, site, open_network, drafted):
    assert emag("story", "list", "--tray", "--json").json["stories"] == []
    site.serve("/ferry", PAGE, Content_Type="text/html")
    emag("story", "add", f"{site.url}/ferry", "--section", "events", "--as", "Ann")
    (waiting,) = emag("story", "list", "--tray", "--json").json["stories"]
    assert (waiting["section"], waiting["in"]) == ("events", False)
    assert waiting["reason"] == "out: added by Ann, waits in the tray"


def test_wrong_sections_pages_and_sources_are_one_sentence(emag, site, open_network):
    wrong = emag("story", "add", f"{site.url}/x", "--section", "sport", "--json", code=1)
    assert wrong.json["error"].startswith("There is no section “sport”; there are ")
    assert "is not there" in emag("story", "add", f"{site.url}/x", code=1).err
    assert "no web address" in emag("story", "add", "ferry", code=1).err
    assert "no source “x”" in emag("story", "list", "--source", "x", code=1).err
    assert "no source “x”; there are: stories" in emag("source", "check", "x", code=1).err


def test_explain_has_the_fields_of_the_story(emag, drafted):
    items = emag("issue", "explain", "1", "--json").json["items"]
    assert len(items) == 3
    for item in items:
        assert set(item) >= FIELDS | {"story", "kind", "source", "section", "in", "reason"}
        assert item["summary"].startswith("What was said")
        assert (item["picture"], item["closes"]) == (None, None)


def test_sources_are_listed_with_what_they_gave(emag, publication):
    (source,) = emag("source", "list", "--json").json["sources"]
    assert (source["name"], source["read_at"], source["reads"]) == ("stories", None, [])
    emag("gather")
    emag("gather")
    (source,) = emag("source", "list", "--json").json["sources"]
    assert (source["ok"], source["seen"], source["dry"]) == (True, 3, False)
    assert [read["new"] for read in source["reads"]] == [0, 3]
    (publication / "stories" / "bridge.md").rename(publication / "bridge")
    (publication / "stories" / "broken.md").write_text("no front matter")
    emag("gather")
    (source,) = emag("source", "list", "--json").json["sources"]
    assert source["refused"] == 1
    assert "front matter" in source["notes"][0]
    emag("gather")  # unchanged: what was wrong still stands
    assert emag("source", "list", "--json").json["sources"][0]["refused"] == 1
    assert "stories" in emag("source", "list").out


def test_a_source_is_checked_and_nothing_is_stored(emag, publication):
    checked = emag("source", "check", "stories", "--json").json
    assert (checked["name"], checked["ok"], checked["seen"]) == ("stories", True, 3)
    assert checked["faults"] == []
    assert all(set(story) >= FIELDS for story in checked["stories"])
    assert emag("source", "list", "--json").json["sources"][0]["reads"] == []
    (publication / "stories" / "broken.md").write_text("no front matter")
    late = (publication / "stories" / "bridge.md").read_text().replace("date: 20", "date: 21")
    (publication / "stories" / "bridge.md").write_text(late)
    checked = emag("source", "check", "stories", "--json", code=1).json
    assert {fault["what"] for fault in checked["faults"]} == {"entry", "date"}
    assert "front matter" in emag("source", "check", "stories", code=1).out


def test_a_check_and_the_list_say_the_same_of_a_source(
    emag, site, open_network, list_with, publication
):
    item = f"<item><title>Story</title><link>{site.url}/{{}}</link></item>"
    feed = "<rss version='2.0'><channel><title>t</title>{}</channel></rss>"
    site.serve("/list", feed.format("".join(map(item.format, range(8)))))
    list_with()
    emag("gather")
    site.serve("/new", feed.format("".join(map(item.format, range(3)))))
    site.redirect("/list", "/new", status=308)
    emag("gather")
    (listed,) = emag("source", "list", "--json").json["sources"]
    checked = emag("source", "check", "stories", "--json", code=1).json
    troubles = {trouble["message"] for trouble in listed["troubles"]}
    assert troubles == {fault["message"] for fault in checked["faults"]}
    assert "it shows 3 entries, and usually shows 8" in troubles
    assert len(troubles) == 2
    named = {problem.message for problem in doctor.examine(load(publication), now=now)}
    assert named == {f"Source “stories”: {trouble}" for trouble in troubles}


def test_a_source_that_cannot_be_read_is_a_fault(emag, publication, settings_of):
    settings_of(path="elsewhere")
    checked = emag("source", "check", "stories", "--json", code=1).json
    assert (checked["ok"], checked["seen"], checked["stories"]) == (False, 0, [])
    (fault,) = checked["faults"]
    assert (fault["what"], fault["where"]) == ("source", "elsewhere")
    assert "cannot be read" in fault["message"]


def test_a_check_names_the_format_and_follows_the_pages_of_a_list(
    emag, site, open_network, list_with
):
    links = '{"@type":"ItemList","itemListElement":[{"url":"/ferry"},{"url":"/gone"}]}'
    script = f'<script type="application/ld+json">{links}</script>'
    site.serve("/list", f"<!doctype html><html>{script}</html>", Content_Type="text/html")
    site.serve("/ferry", PAGE + DATED, Content_Type="text/html")
    list_with()
    checked = emag("source", "check", "stories", "--json", code=1).json
    assert (checked["format"], checked["seen"], checked["waiting"]) == ("schema.org", 2, 0)
    assert [story["title"] for story in checked["stories"]] == ["The ferry stops"]
    assert [fault["what"] for fault in checked["faults"]] == ["entry"]
    list_with('format = "wordpress"')
    assert "JSON" in emag("source", "check", "stories", code=1).out
    list_with('format = "levre"')
    assert "lever" in emag("source", "check", "stories", code=1).err


ADVERT = """<title>Press Officer, Exampleton Council</title><article><h1>Press Officer, Exampleton
Council</h1><p>Tell the town what its council does.</p><p>Location: Exampleton (hybrid)</p>
<p>Salary: £32,076 a year</p><p>Closing date: %s</p></article>"""


@pytest.mark.parametrize(
    ("words", "closes"),
    [
        ("noon on Friday 12 June 2026", "2026-06-12T12:00:00+01:00"),
        ("Friday 12 June 2026", "2026-06-12"),
        ("midnight on Sunday 8 March 2026", "2026-03-08T23:59:00+00:00"),
    ],
)
def test_a_job_closes_on_a_day_or_at_a_time(emag, site, open_network, publication, words, closes):
    toml = publication / "emag.toml"
    toml.write_text(
        toml.read_text() + '[[sections]]\nname = "posts"\n[[sections]]\nname = "jobs"\n'
    )
    site.serve("/job", ADVERT % words, Content_Type="text/html")
    job = emag("story", "add", f"{site.url}/job", "--section", "jobs", "--json").json
    assert job["closes"] == closes
    assert (job["role"], job["employer"]) == ("Press Officer", "Exampleton Council")
    assert (job["place"], job["working"], job["salary"]) == (
        "Exampleton",
        "hybrid",
        "£32,076 a year",
    )
    assert job["summary"] == "Tell the town what its council does."
