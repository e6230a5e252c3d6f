"""Every element of Atom that says something about a story, and what it becomes."""

from datetime import UTC, datetime

import pytest

HOME = "https://crier.example/"
PAGE = f"{HOME}lamps"
LAMP = "https://crier.example/lamp.jpg"
TEXT = "The lamps of the harbour were lit at four in the afternoon, because of the fog."
LINK = "<link href='/lamps'/>"
DIV = "<div xmlns='http://www.w3.org/1999/xhtml'>{}</div>"
RELATION = "http://www.iana.org/assignments/relation/"


def day(number):
    return datetime(2026, 3, number, 9, tzinfo=UTC)


def person(name, element="author"):
    return f"<{element}><name>{name}</name><email>someone@crier.example</email></{element}>"


# What stands in the entry, what stands in the feed, and what the story says.
ATOM = {
    "title, type text": (
        "<title>Lamps &lt;b&gt; &amp;amp; fog</title>",
        "",
        {"title": "Lamps <b> &amp; fog"},
    ),
    "title, type html": (
        "<title type='html'>Lamps &lt;b&gt;lit&lt;/b&gt; &amp;amp; fog</title>",
        "",
        {"title": "Lamps lit & fog"},
    ),
    "title, type xhtml": (
        f"<title type='xhtml'>{DIV.format('Lamps <b>lit</b> &amp; fog')}</title>",
        "",
        {"title": "Lamps lit & fog"},
    ),
    "summary, type text": (f"<summary>{TEXT}</summary>", "", {"summary": TEXT}),
    "summary, type html": (
        f"<summary type='html'>&lt;p&gt;{TEXT}&lt;/p&gt;</summary>",
        "",
        {"summary": TEXT, "body": f"<p>{TEXT}</p>"},
    ),
    "content, type text": (
        f"<content>{TEXT} 1 &lt; 2.</content>",
        "",
        {"summary": f"{TEXT} 1 < 2."},
    ),
    "content, type html": (
        f"<content type='html'>&lt;p&gt;{TEXT}&lt;/p&gt;</content><summary>The lamps.</summary>",
        "",
        {"body": f"<p>{TEXT}</p>"},
    ),
    "content, type xhtml": (
        f"<content type='xhtml'>{DIV.format(f'<p>{TEXT}</p>')}</content>",
        "",
        {"summary": TEXT, "body": f"<p>{TEXT}</p>"},
    ),
    "content, another type of text": (
        f"<content type='text/markdown'>{TEXT}</content>",
        "",
        {"summary": TEXT},
    ),
    "content, XML that is no text": (
        f"<content type='text/xml'><lamp xmlns=''>on</lamp></content><summary>{TEXT}</summary>",
        "",
        {"summary": TEXT, "body": f"<p>{TEXT}</p>"},
    ),
    "content, a picture in Base64": (
        f"<content type='image/png'>bGFtcA==</content><summary>{TEXT}</summary>",
        "",
        {"summary": TEXT, "body": f"<p>{TEXT}</p>", "pictures": []},
    ),
    "content src, a page": (
        f"<content type='text/html' src='/text'/><summary>{TEXT}</summary>",
        "no link",
        {"link": f"{HOME}text", "summary": TEXT},
    ),
    "content src beside a link": (
        "<content type='text/html' src='/text'/>",
        "",
        {"link": PAGE},
    ),
    "content src, a picture": (
        "<content type='image/jpeg' src='/lamp.jpg'/>",
        "",
        {"pictures": [LAMP]},
    ),
    "link without rel": ("", "", {"link": PAGE}),
    "link, rel as an address": (
        f"<link rel='{RELATION}alternate' href='/fog'/>",
        "no link",
        {"link": f"{HOME}fog"},
    ),
    "link, related and via and self lead elsewhere": (
        (
            "<link rel='related' href='https://a.example/'/><link rel='via' href='https://b.example/'/>"
            "<link rel='self' href='/entry.atom'/><link rel='replies' href='/replies'/>"
        ),
        "",
        {"link": PAGE},
    ),
    "links, a web page before other files": (
        "<link type='application/pdf' href='/lamps.pdf'/><link href='/lamps' type='text/html'/>",
        "no link",
        {"link": PAGE},
    ),
    "links, the feed's language before others": (
        "<link hreflang='en' href='/lamps'/><link hreflang='cy' href='/lampau'/>",
        "no link, xml:lang='en-GB'",
        {"link": PAGE},
    ),
    "enclosure, a picture": (
        "<link rel='enclosure' type='image/jpeg' href='/lamp.jpg' title='A lamp in fog'/>",
        "",
        {"pictures": [LAMP], "alts": ["A lamp in fog"], "link": PAGE},
    ),
    "enclosure without a type": (
        "<link rel='enclosure' href='/lamp.jpg'/>",
        "",
        {"pictures": [LAMP]},
    ),
    "enclosure, the only address": (
        "<link rel='enclosure' type='audio/mpeg' href='/lamps.mp3'/>",
        "no link",
        {"link": f"{HOME}lamps.mp3", "pictures": []},
    ),
    "id": ("", "", {"guid": "tag:crier.example,2026:1"}),
    "author": (person("Ann Example"), "", {"author": "Ann Example"}),
    "authors": (
        person("Ann Example") + person("Ben Example"),
        "",
        {"author": "Ann Example and Ben Example"},
    ),
    "author of the feed": ("", person("Cai Example"), {"author": "Cai Example"}),
    "author beats that of the feed": (
        person("Ann Example"),
        person("Cai Example"),
        {"author": "Ann Example"},
    ),
    "author, an account, is not the feed's": (
        person("Communications Team"),
        person("Cai Example"),
        {"author": ""},
    ),
    "author of the source beats that of the feed": (
        f"<source><title>Beacon</title>{person('Dee Example')}</source>",
        person("Cai Example"),
        {"author": "Dee Example"},
    ),
    "author, a name with an entity": (person("Fry &amp;amp; Co"), "", {"author": "Fry &amp; Co"}),
    "contributor is no author": (person("Eve Example", "contributor"), "", {"author": ""}),
    "source, its title is no kicker": (
        (
            "<source><title>Beacon</title><id>urn:b</id><updated>2020-01-01T00:00:00Z</updated></source>"
            "<category term='Beacon'/><category term='Harbour'/>"
        ),
        "",
        {"kicker": "Harbour", "title": "Lamps", "guid": "tag:crier.example,2026:1"},
    ),
    "published before updated": (
        "<published>2026-03-02T09:00:00Z</published><updated>2026-03-04T09:00:00Z</updated>",
        "",
        {"published": day(2)},
    ),
    "updated where nothing else is": (
        "<updated>2026-03-04T10:00:00+01:00</updated>",
        "",
        {"published": day(4)},
    ),
    "category, label before term": (
        "<category term='hrb' label='Harbour &amp;amp; sea'/><category term='Fog'/>",
        "",
        {"categories": ("Harbour &amp; sea", "Fog"), "kicker": "Harbour &amp; sea"},
    ),
    "rights are not printed": (
        f"<rights>© Crier</rights><summary>{TEXT}</summary>",
        "<rights>© Crier</rights>",
        {"summary": TEXT},
    ),
    "logo and icon are no pictures of a story": (
        "",
        "<logo>/logo.png</logo><icon>/i.png</icon>",
        {"pictures": []},
    ),
    "xml:base of the feed": (
        "<link href='lamps'/>",
        "no link, xml:base='https://base.example/a/'",
        {"link": "https://base.example/a/lamps"},
    ),
    "xml:base of the entry, relative to that of the feed": (
        "<link href='lamps'/>",
        "no link, xml:base='https://base.example/a/', entry xml:base='b/'",
        {"link": "https://base.example/a/b/lamps"},
    ),
    "xml:base of the content": (
        (
            "<content type='html' xml:base='https://base.example/a/'>"
            "&lt;a href='fog'&gt;Fog&lt;/a&gt;</content>"
        ),
        "",
        {"inside": 'href="https://base.example/a/fog"', "link": PAGE},
    ),
    "relative addresses without xml:base": (
        (
            "<content type='html'>&lt;a href='fog'&gt;Fog&lt;/a&gt;"
            "&lt;img src='/lamp.jpg'&gt;</content>"
        ),
        "",
        {"inside": f'href="{HOME}fog"', "pictures": [LAMP], "link": PAGE},
    ),
}


@pytest.mark.parametrize("name", ATOM)
def test_atom(name, assert_becomes):
    inside, around, expected = ATOM[name]
    settings, elements = ("", around) if "<" in around else (around, "")
    title = "" if "<title" in inside.partition("<source")[0] else "<title>Lamps</title>"
    link = "" if "no link" in settings else LINK
    options = settings.replace("no link", "").split(",")
    of_feed = " ".join(o for o in options if "entry" not in o)
    of_entry = " ".join(o.replace("entry", "") for o in options if "entry" in o)
    entry = f"<entry {of_entry}>{title}<id>tag:crier.example,2026:1</id>{link}{inside}</entry>"
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom' {of_feed}><title>Crier</title>"
    assert_becomes(f"{feed}<link href='{HOME}'/>{elements}{entry}</feed>", **expected)


def test_rss_may_name_several_creators(assert_becomes):
    creators = "".join(f"<dc:creator>{n} Example</dc:creator>" for n in ("Ann", "Ben", "Ann"))
    item = f"<item><title>Lamps</title><link>{PAGE}</link>{creators}</item>"
    feed = (
        "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
        f"<title>Crier</title>{item}</channel></rss>"
    )
    assert_becomes(feed, author="Ann Example and Ben Example")
