"""An approved issue with everything that an issue can hold, and its bundle."""

from datetime import date, timedelta

import pytest

from emag.content import store as pool
from emag.content.pictures import picture_store
from emag.content.pictures.picture import FetchedPicture, PictureFile, StoredPicture, Use
from emag.content.story import Kind, Picture, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.desk import approve, edit, promos, words
from emag.desk.export import export
from emag.desk.promo_booking import Wish
from emag.issues.draft import draft
from emag.issues.promo import END, Promo, PromoKind
from emag.issues.words import Field
from emag.settings import load
from subscribers import membership
from subscribers.consent import Evidence
from subscribers.tokens import Keys
from tests.conftest import SECRET, TOML

READER, EDITOR = "quentin.reader@readers.example", "secret.editor@editors.example"
ENVIRONMENT = {
    "EMAG_SECRET_KEY": SECRET,
    "EMAG_BASE_URL": "https://mail.crier.example.org",
    "EMAG_SMTP_PASSWORD": "the-password-of-the-relay",
}
THEME = """
[theme]
accent = "#7a1f3d"
font = "Verdana"
logo = "https://crier.example.org/logo.png"
[signup]
topics = ["posts", "jobs"]
"""

PICTURES = {
    "https://crier.example.org/fog.jpg": Use.STORY,
    "https://lamps.example/l.png": Use.PROMO,
    "https://crier.example.org/logo.png": Use.LOGO,
}
FILES = {
    "acts.json",
    "archive.html",
    "counts.json",
    "inputs.json",
    "issue.html",
    "issue.mjml",
    "issue.txt",
    "manifest.json",
    "preflight.json",
    "sample.eml",
    "templates/parts/post.txt",
    "templates/words/de.toml",
}


@pytest.fixture
def settings(folder):
    """Settings that differ from the defaults wherever printing reads them."""
    text = TOML.replace("ann@example.org", EDITOR)
    more = 'language = "de-AT"\ntimezone = "Europe/Vienna"\nreply_to = "R <r@example.org>"\n'
    more += 'write_for_us = "https://crier.example.org/write"\nwrite_for_us_text = "Schreib uns"\n'
    (folder / "emag.toml").write_text(text.replace("[schedule]", more + "[schedule]") + THEME)
    templates = folder / "templates"
    (templates / "parts").mkdir(parents=True)
    (templates / "words").mkdir()
    (templates / "welcome").mkdir()
    (templates / "parts" / "post.txt").write_text("OWN {{ item.title }}\n{{ item.link }}\n")
    (templates / "words" / "de.toml").write_text('[promo]\nadvertisement = "Bezahlt"\n')
    (templates / "welcome" / "body.txt").write_text("Not part of an issue\n")
    return load(folder, ENVIRONMENT)


def stories(now):
    link = "https://crier.example.org/"
    picture = Picture(f"{link}fog.jpg", "Fog", 800, 600)
    yield (
        "posts",
        Story(
            "posts",
            Kind.POST,
            f"{link}fog",
            "Fog",
            "About the fog.",
            picture=picture,
            published=now - timedelta(hours=1),
            author="Ann",
        ),
    )
    yield (
        "posts",
        Story("posts", Kind.POST, f"{link}bench", "A bench – für zwei", "Ünïcode ☂."),
    )
    job = Vacancy("Clerk", "Exampleton", "Town Hall", 2, date(2026, 3, 20), "£30,000")
    yield "jobs", Story("jobs", Kind.JOB, f"{link}clerk", "Clerk", "A job.", vacancy=job)
    fair = now + timedelta(days=9)
    yield (
        "events",
        Story("posts", Kind.EVENT, f"{link}fair", "Fair", "A fair.", starts=fair, place="Green"),
    )


def copies():
    """emag's own copies of the story's picture, the sponsor's and the logo."""
    for number, (address, use) in enumerate(PICTURES.items()):
        picture = StoredPicture(address, use, f"{number:032x}", 800, 600, "jpg")
        names = ("lead@2x.jpg", "small@2x.jpg", "whole@2x.jpg")
        files = tuple(PictureFile(name, b"...") for name in names)
        yield FetchedPicture(picture, files)


@pytest.fixture
def issue(database, settings, clock):
    """Issue 1, approved, with a reader on the list."""
    keys = Keys(SECRET)
    with database.transaction() as conn:
        for section, story in stories(clock()):
            pool.admit(conn, story, section=section, now=clock())
        for copy in copies():
            picture_store.remember(conn, copy, now=clock())
        evidence = Evidence("import", wording="agreed")
        membership.add_on_basis(
            conn, keys, address=READER, name="Quentin", evidence=evidence, now=clock()
        )
    first = draft(database, settings, now=clock(), by="ann")
    story = next(pick.candidate for pick in first.picks if pick.story.title == "Fog")
    when = {"now": clock(), "by": "Ann"}
    words.write(database, settings, 1, story, {Field.TITLE: "Fog, thick"}, **when)
    edit.write(database, settings, 1, note="A *short* note.", **when)
    sponsor = Promo(
        PromoKind.SPONSOR, "Lamps", END, "Buy **lamps**.", "https://lamps.example/l.png", "A lamp"
    )
    promos.add(database, settings, sponsor, Wish(runs=1), **when)
    return approve.approve(database, settings, 1, **when).issue


@pytest.fixture
def bundle(database, settings, clock, issue, tmp_path):
    """The bundle of issue 1, in a folder of its own."""
    result = export(database, settings, 1, tmp_path / "bundle", now=clock.forward(hours=1))
    assert result.verification.is_whole, result
    return tmp_path / "bundle"
