"""Posts, events and adverts that were labelled before the code had seen them."""

import tomllib
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from emag.content.events.occasion import find
from emag.content.sources import Memory
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.content.vacancies.advert import from_advert

REAL = Path(__file__).parent
ADDRESS = "https://feeds.example/feed"
SENTENCE = "The river path at Aber Dulas is open again after two winters of work."
FEED = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Low Water</title>
<link>https://feeds.example/</link><item>{title}<link>https://feeds.example/1</link>
<dc:creator>{creator}</dc:creator>{categories}
<description>{description}</description><content:encoded>{html}</content:encoded></item>
</channel></rss>"""


def story(item):
    categories = (f"<category>{escape(name)}</category>" for name in item.get("cats", ()))
    feed = FEED.format(
        title=f"<title>{escape(item['title'])}</title>" if item["title"] else "",
        creator=item.get("creator", ""),
        categories="".join(categories),
        description=escape(item.get("description", "")),
        html=escape(item.get("html", "")),
    )
    return (
        FeedSource("s", ADDRESS)
        .stories(FetchedPage(ADDRESS, feed.encode(), "", Memory()))
        .stories[0]
    )


def test_furniture_of_many_systems_is_left_out():
    lots = tomllib.loads((REAL / "bodies.toml").read_text())
    wrong = []
    rows = [row for lot in lots.values() for row in lot]
    for name, html, author, *expected in rows:
        printed = story({"title": "The path is open", "html": html.replace("{S}", SENTENCE)})
        summary = (expected[0] if expected else "{S}").replace("{S}", SENTENCE)
        if (printed.summary, printed.author) != (summary, author):
            wrong.append(f"{name}: {printed.summary} ({printed.author})")
    assert len(wrong) <= 0.03 * len(rows), wrong


def test_each_rule_of_summaries_holds():
    wrong = []
    for item in tomllib.loads((REAL / "summaries.toml").read_text())["item"]:
        printed = story(item)
        expected = (
            item.get("want_title", item["title"]),
            item.get("author", ""),
            item["summary"],
            item.get("kicker", ""),
        )
        facts = (printed.title, printed.author, printed.summary, printed.kicker)
        wrong += [] if facts == expected else [facts]
    assert wrong == []


def test_events_are_read_and_hardly_one_is_wrong():
    lots = tomllib.loads((REAL / "occasions.toml").read_text())
    rows = [row for lot in lots.values() for row in lot]
    wrong = []
    for title, text, starts, *rest in rows:
        event = find(title, text, published=date(2026, 11, 26))
        times = event and [f"{t:%Y-%m-%dT%H:%M}" if t else "" for t in (event.starts, event.ends)]
        facts = [*times, event.place, event.online] if event and times else ["", "", "", False]
        wrong += [] if facts == [starts, *rest] else [(title, facts)]
    assert len(wrong) <= 0.05 * len(rows), wrong


def test_whole_adverts_give_their_terms():
    wrong = []
    for published, text, *expected in tomllib.loads((REAL / "adverts.toml").read_text())["adverts"]:
        job = from_advert("Officer", text, published=date.fromisoformat(published))
        closes = f"{job.closes_at:%Y-%m-%dT%H:%M}" if job.closes_at else str(job.closes or "")
        facts = [closes, job.salary, job.place, job.working]
        wrong += [] if facts == expected else [(text, facts)]
    assert wrong == []
