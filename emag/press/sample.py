"""A sample issue that prints every part of the templates, to try templates and colours on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from emag.content.pictures.picture import StoredPicture, Use
from emag.content.story import Kind, Picture, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Issue, Pick, Section, Status
from emag.issues.promo import Promo, PromoKind
from emag.settings import Settings

DAY = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
_SITE = "https://www.example.org"
_PICTURE = Picture(f"{_SITE}/picture.jpg", "A picture", 1200, 800)
_POSTS = 7  # a lead, four features, two in brief


def issue(settings: Settings, *, with_pictures: bool = False) -> Issue:
    """The sample in the sections of the settings: all kinds of story in the first one.

    The pictures are not there: they are for the templates alone.
    """
    stories = list(_stories(with_pictures=with_pictures))
    picks = tuple(Pick(number, story) for number, story in enumerate(stories, start=1))
    first, *others = settings.sections
    return Issue(
        number=1,
        status=Status.DRAFT,
        subject="A sample",
        since=None,
        until=DAY,
        send_at=None,
        local_date="2026-03-05",
        sections=(
            Section(first.name, first.title, picks),
            *(Section(section.name, section.title, ()) for section in others),
        ),
        note="A **note**.\n\n> With a quotation.",
        promos=tuple(_promos()),
        pictures=tuple(_copies(settings)) if with_pictures else (),
    )


def _stories(*, with_pictures: bool) -> Iterator[Story]:
    picture = _PICTURE if with_pictures else None
    for number in range(1, _POSTS + 1):
        yield Story(
            "sample",
            Kind.POST,
            f"{_SITE}/post-{number}",
            f"A post, number {number}",
            summary="What it says.",
            published=DAY,
            author="Ann",
            kicker="A kicker",
            picture=picture,
        )
    for number in (1, 2):
        vacancy = Vacancy(
            role="Editor",
            employer="A council",
            place="Exampleton",
            salary="£35,000",
            closes=date(2026, 4, 1),
            job_of_the_week=number == 1,
        )
        link = f"{_SITE}/job-{number}"
        yield Story("sample", Kind.JOB, link, "A job", summary="What is to do.", vacancy=vacancy)
    event = Story("sample", Kind.EVENT, f"{_SITE}/event", "An event", "What happens.", starts=DAY)
    yield replace(event, place="Exampleton")
    yield replace(event, link=f"{_SITE}/event-2", title="An event without a date", starts=None)


def _promos() -> Iterator[Promo]:
    text, link = "Some *text*.", f"{_SITE}/promo"
    yield Promo(PromoKind.ANNOUNCEMENT, "An announcement", "top", text=text, id=1)
    yield Promo(
        PromoKind.SPONSOR,
        "A sponsor",
        "after-lead",
        text=text,
        picture=_PICTURE.url,
        alt=_PICTURE.alt,
        link=link,
        button="Look",
        advertiser="A firm",
        id=2,
    )


def _copies(settings: Settings) -> Iterator[StoredPicture]:
    logos = (settings.theme.logo, settings.theme.logo_dark)
    for url, use in (
        (_PICTURE.url, Use.STORY),
        (_PICTURE.url, Use.PROMO),
        *((logo, Use.LOGO) for logo in logos if logo),
    ):
        yield StoredPicture(url, use, "0" * 32, _PICTURE.width, _PICTURE.height, "jpg")
