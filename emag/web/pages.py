"""Renders the web templates with the publication's theme and words."""

from datetime import date, datetime
from email.utils import parseaddr
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from emag.press import theme
from emag.press.bytecode import SharedBytecode
from emag.press.colour import mix, readable
from emag.press.theme import Palette
from emag.press.words import words
from emag.settings import Settings

WARNING = {"light": "#a3271c", "dark": "#ff9d8f"}
EDGE_CONTRAST = 3.0  # WCAG 2.2, 1.4.11: the edge of a field against its background


class Pages:
    """Renders a template with its context as HTML. Safe from several threads.

    Templates get sentences by their key: `say("signup.email")`, with values that may be markup.
    Raises PressError where the publication's own words cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        publication, look = settings.publication, theme.look(settings.theme)
        self.words = words(settings)
        self._zone = publication.zone
        self._topics = {section.name: section.title for section in settings.sections}
        loader = FileSystemLoader(settings.template_folders)
        # Escapes in every template, whatever the ending of its name.
        self._templates = Environment(
            loader=loader,
            autoescape=True,
            bytecode_cache=SharedBytecode(self.words, self._zone, self._topics),
        )
        self._templates.filters |= {
            "day": self._day,
            "long_day": self._long_day,
            "moment": self._moment,
            "topic": self._topic,
        }
        self._templates.globals |= {
            "say": self._say,
            "words": self.words,
            "publication": publication,
            "title": publication.title,
            "tagline": publication.tagline,
            "language": publication.language,
            "contact": parseaddr(publication.reply_to or publication.sender)[1],
            "look": look,
            "tones": {"light": _tones(look.light, "light"), "dark": _tones(look.dark, "dark")},
            "base_url": settings.base_url,
            "privacy_url": settings.signup.privacy_url,
        }

    def __call__(self, template: str, **context: Any) -> str:
        return self._templates.get_template(template).render(context)

    def _say(self, key: str, **values: object) -> Markup:
        return escape(self.words.texts[key]).format(**values)

    def _day(self, at: date | datetime) -> str:
        return self.words.day(at.astimezone(self._zone) if isinstance(at, datetime) else at)

    def _long_day(self, at: datetime) -> str:
        return self.words.long_day(at.astimezone(self._zone).date())

    def _moment(self, at: datetime | str) -> str:
        at = datetime.fromisoformat(at) if isinstance(at, str) else at
        return self.words.moment(at.astimezone(self._zone))

    def _topic(self, name: str) -> str:
        """The title of the section with that name, or the name itself with a capital."""
        return self._topics.get(name) or name.replace("-", " ").replace("_", " ").capitalize()


def _tones(palette: Palette, scheme: str) -> dict[str, str]:
    """Colours that only pages need: the edges of fields, and faults."""
    return {
        "edge": readable(
            mix(palette.ink, palette.paper, 0.48), palette.paper, minimum=EDGE_CONTRAST
        ),
        "warn": readable(WARNING[scheme], palette.paper, palette.tint),
    }
