"""Issues of each kind that a theme must print well: long, short, empty, in any script."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emag.content.story import Kind, Picture, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Issue
from emag.issues.promo import Promo, PromoKind
from emag.settings import Settings, parse
from tests.conftest import TOML
from tests.emag.press.conftest import AT, NOTE, SITE, an_issue

HERE = Path(__file__).parent
NAMES = ("noticeboard", "broadsheet", "council")
STORIES = tomllib.loads((HERE / "kinds.toml").read_text("utf-8"))
LANGUAGES = {"welsh": "cy", "arabic": "ar", "chinese": "zh"}
PADDING = re.compile(r"padding[^:]*:(?!0[;\s]|0$|0px[;\s]|0px$)")
QUOTATION = "A note, for once in two parts.\n\n> Less is more, said the tall one."

VALUES = {
    "greeting": "Hello Ann,",
    "edition": "12",
    "unsubscribe_url": "https://mail.crier.example.org/unsubscribe/x",
    "preferences_url": "https://mail.crier.example.org/preferences/x",
    "confirm_url": "https://mail.crier.example.org/confirm/x",
    "not_me_url": "https://mail.crier.example.org/not-me/x",
}

PROMOS = tuple(
    Promo(
        kind,
        title,
        place,
        text=text,
        picture=f"https://boots.example.org/{number}.png",
        alt=alt,
        link="https://boots.example.org",
        button=button,
        advertiser="Walkabout Boots",
        id=number,
    )
    for number, (kind, place, title, alt, text, button) in enumerate(
        [
            (
                PromoKind.ANNOUNCEMENT,
                "top",
                "The spring conference is on 14 May: two hundred seats and one long lunch",
                "Bunting over a square",
                "Talks and *long* [walks](https://boots.example.org/walk).\n\n- Free\n- Lunch",
                "Book a seat before they are gone",
            ),
            (
                PromoKind.SPONSOR,
                "after-lead",
                "Boots for people who knock on doors",
                "A pair of boots on a wet step",
                "Dry feet are the first rule of **outreach**. Ours last for four elections.",
                "See all of the boots that there are",
            ),
        ],
        start=1,
    )
)


def issue_of(kind: str) -> Issue:
    """The issue of a kind in KINDS."""
    return KINDS[kind]()


def settings_of(theme: str, kind: str = "every", more: str = "") -> Settings:
    """The settings for a theme, and for the language of a kind of issue."""
    settings = parse(f'{TOML}\n[theme]\nname = "{theme}"\n{more}', HERE / "publication", {})
    language = {"language": LANGUAGES.get(kind, settings.publication.language)}
    publication = settings.publication.model_copy(update=language)
    return settings.model_copy(update={"publication": publication})


def _stories(kind: str) -> dict[str, list[Story]]:
    texts = STORIES[kind]
    return {
        "posts": [_post(kind, number, text) for number, text in enumerate(texts["post"])],
        "jobs": [_job(kind, number, text) for number, text in enumerate(texts.get("job", []))],
        "events": [
            Story(source="events", kind=Kind.EVENT, link=f"{SITE}/{kind}/events/{number}", **text)
            for number, text in enumerate(texts.get("event", []))
        ],
    }


def _post(kind: str, number: int, text: dict[str, Any]) -> Story:
    size, alt = text.get("picture"), text.get("alt", "")
    address = f"{SITE}/{kind}/{number}/{text.get('drawing', 'picture')}.png"
    return Story(
        source="posts",
        kind=Kind.POST,
        link=f"{SITE}/{kind}/posts/{number}",
        title=text["title"],
        summary=text["summary"],
        published=AT,
        picture=Picture(address, alt, *size) if size else None,
        author=text.get("author", ""),
        kicker=text.get("category", ""),
    )


def _job(kind: str, number: int, text: dict[str, Any]) -> Story:
    facts = dict(text)
    summary = facts.pop("summary", "")
    vacancy = Vacancy(**facts)
    return Story(
        source="jobs",
        kind=Kind.JOB,
        link=f"{SITE}/{kind}/jobs/{number}",
        title=vacancy.role,
        summary=summary,
        featured=vacancy.job_of_the_week,
        vacancy=vacancy,
    )


def _of(kind: str, **changes: Any) -> Callable[[], Issue]:
    def make() -> Issue:
        stories = _stories(kind)
        return an_issue(**stories, subject=stories["posts"][0].title, **changes)

    return make


KINDS: dict[str, Callable[[], Issue]] = {
    "every": lambda: an_issue(note=QUOTATION, promos=PROMOS),
    "long": _of("long", note=NOTE),
    "short": _of("short", note=""),
    "none": lambda: an_issue(0, 0, 0, note="No stories this week: we are moving house."),
    "forty": lambda: an_issue(40, 8, 3, note=""),
    "pictures": _of("pictures", note=""),
    "welsh": _of("welsh", note="Croeso i’r rhifyn hwn.\n\nMae’r gwanwyn wedi cyrraedd."),
    "arabic": _of("arabic", note="أهلًا بكم في هذا العدد."),
    "chinese": _of("chinese", note="欢迎阅读本期。"),
    "emoji": _of("emoji", note="👋 Hello."),
}
