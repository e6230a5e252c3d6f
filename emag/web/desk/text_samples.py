"""Shows where readers meet the texts of a group: on which pages, and in which letters."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from emag.desk import words_trial
from emag.settings import Settings
from emag.web.pages import Pages

_DAYS, _MINUTES = 7, 30


@dataclass(frozen=True, slots=True)
class SamplePage:
    """A page of `templates/web` or a letter, with values for a reader who does not exist."""

    name: str
    context: Mapping[str, object] = field(default_factory=dict)
    is_letter: bool = False


_SIGNUP = {"topics": [], "email": "", "name": "", "error": "", "meant": ""}
_WRONG = _SIGNUP | {"email": "alex@example", "error": "wrong"}
SAMPLES: dict[str, tuple[SamplePage, ...]] = {
    "home": (SamplePage("home", {"issues": []}),),
    "consent": (SamplePage("confirm", {"purpose": "confirm"}),),
    "signup": (
        SamplePage("signup", _SIGNUP),
        SamplePage("signup", _SIGNUP | {"meant": "alex@example.org"}),
    ),
    "fault": (SamplePage("signup", _WRONG),),
    "thanks": (SamplePage("thanks", {"days": _DAYS}),),
    "confirm": (
        SamplePage("confirm", {"purpose": "confirm"}),
        SamplePage("confirm", {"purpose": "change"}),
    ),
    "confirmed": (SamplePage("confirmed", {"purpose": "confirm", "preferences_url": "#"}),),
    "expired": (SamplePage("expired"),),
    "not_me": (SamplePage("not_me"),),
    "unsubscribe": (SamplePage("unsubscribe", {"preferences_url": "#"}),),
    "unsubscribed": (SamplePage("unsubscribed", {"undo_url": "#", "minutes": _MINUTES}),),
    "undo": (SamplePage("undo"),),
    "returned": (SamplePage("returned", {"preferences_url": "#"}),),
    "erase": (SamplePage("erase", {"back": "#"}),),
    "letter": (
        SamplePage("confirm", is_letter=True),
        SamplePage("welcome", is_letter=True),
        SamplePage("change", is_letter=True),
    ),
}


def printed(settings: Settings, sample: SamplePage, texts: Mapping[str, str]) -> str:
    """The page or letter with texts that are not saved. Raises PressError."""
    with words_trial.tried(settings, texts) as trial:
        if sample.is_letter:
            return words_trial.letter(trial, sample.name)
        pages = Pages(trial)
        wording = settings.signup.wording or pages.words(
            "consent.wording", title=settings.publication.title
        )
        options = {"signup_url": "#", "wording": wording, "topics": _topics(settings)}
        return pages(f"web/{sample.name}.html", **{**sample.context, **options})


def _topics(settings: Settings) -> list[tuple[str, bool]]:
    return [(topic, False) for topic in settings.signup.topics]
