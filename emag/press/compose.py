"""Prints an issue or a letter: Jinja2 → MJML → HTML → inlined CSS → document with slots."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from urllib.parse import quote

from emag.issues.issue import Issue
from emag.press import theme
from emag.press.document import Document
from emag.press.illustration import Illustrations
from emag.press.inline import inline
from emag.press.language import direction_of, tag
from emag.press.mjml import compile_mjml
from emag.press.page import page
from emag.press.plaintext import tidy
from emag.press.printable import clean, clean_lines, web_link
from emag.press.settings import PressSettings
from emag.press.templates import locate, render
from emag.press.unused_rules import without_unused_rules
from emag.press.words import words


def compose(issue: Issue, settings: PressSettings, *, now: datetime) -> Document:
    """Prints an issue. Its slots are edition, greeting, unsubscribe_url and preferences_url.

    `now` is the printed date of an issue without a send time. Raises PressError.
    """
    view = page(issue, settings, now=now)
    look = theme.look(settings.theme)
    pictures = Illustrations(issue, settings)
    look = replace(look, logo=pictures.logo(look.logo), logo_dark=pictures.logo(look.logo_dark))
    context = {**_common(settings), "page": view, "look": look}
    return _printed("issue", settings, context, subject=view.subject, preheader=view.preheader)


def compose_mail(name: str, settings: PressSettings, context: Mapping[str, object]) -> Document:
    """Prints a letter from the template folder `name`. Raises PressError.

    Strings in `context` are cleaned like text from a feed, so they cannot contain slots.
    """
    values = {key: clean_lines(v) if isinstance(v, str) else v for key, v in context.items()}
    texts = words(settings)
    # All text of a letter comes from the words file, so the letter has that file's language.
    language = {"language": texts.language, "direction": texts.direction}
    look = replace(theme.look(settings.theme), logo="", logo_dark="")  # a letter loads nothing
    variables = {**_common(settings), **language, "look": look, **values}
    folders = settings.template_folders
    subject = clean(render(f"{name}/subject.txt", variables, folders=folders, escape=False))
    return _printed(name, settings, variables, subject=subject, preheader="")


def _printed(
    name: str,
    settings: PressSettings,
    context: Mapping[str, object],
    *,
    subject: str,
    preheader: str,
) -> Document:
    folders: tuple[Path, ...] = settings.template_folders
    context = {**context, "subject": subject, "preheader": preheader}
    source = render(f"{name}/body.mjml", context, folders=folders, escape=True)
    place = partial(locate, f"{name}/body.mjml", context, folders=folders)
    html = without_unused_rules(inline(compile_mjml(source, locate=place)))
    text = tidy(render(f"{name}/body.txt", context, folders=folders, escape=False))
    return Document(subject=subject, preheader=preheader, html=html, text=text, mjml=source)


def _common(settings: PressSettings) -> dict[str, object]:
    """Returns the variables of every template: the publication and its design."""
    publication, texts = settings.publication, words(settings)
    language, direction = tag(publication.language) or "en", direction_of(publication.language)
    return {
        "title": clean(publication.title),
        "tagline": clean(publication.tagline),
        "home": web_link(publication.url),
        "postal_address": clean_lines(publication.postal_address),
        "write_link": _write_link(settings),
        "write_text": clean(publication.write_for_us_text),
        "base_url": settings.base_url,
        "language": language,
        "direction": direction,
        "look": theme.look(settings.theme),
        "say": texts,
    }


def _write_link(settings: PressSettings) -> str:
    """Returns the link “Offer us a piece”: the page in the settings, or the reply address.

    "" where the settings switch the call to write off.
    """
    publication = settings.publication
    if publication.write_for_us == "off":
        return ""
    _, address = parseaddr(publication.reply_to or publication.sender)
    return web_link(publication.write_for_us) or f"mailto:{quote(address, safe='@')}"
