"""Templates of the web in the publication's own look."""

from typing import Any

from jinja2 import Environment, FileSystemLoader

from emag.press import theme
from emag.settings import Settings


class Pages:
    """Called with a template's name and what it shows; gives HTML. Safe from several threads."""

    def __init__(self, settings: Settings) -> None:
        loader = FileSystemLoader(settings.template_folders)
        # Everything is escaped, whatever a template is called.
        self._templates = Environment(loader=loader, autoescape=True)
        self._templates.globals |= {
            "publication": settings.publication,
            "title": settings.publication.title,
            "tagline": settings.publication.tagline,
            "language": settings.publication.language,
            "theme": settings.theme,
            "look": theme.look(settings.theme),
            "base_url": settings.base_url,
            "privacy_url": settings.signup.privacy_url,
        }

    def __call__(self, template: str, **shown: Any) -> str:
        return self._templates.get_template(template).render(shown)
