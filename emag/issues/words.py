"""An editor's own words for a story, in one issue: its title, summary, by-line and picture."""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from emag.content.pictures.picture import focus_text, with_focus, without_focus
from emag.content.story import Picture, Story, canonical

NO_PICTURE = "none"  # what an editor writes to print a story without its picture


class Field(StrEnum):
    """What an editor can write, by its name in the commands and on the desk."""

    TITLE = "title"
    SUMMARY = "summary"  # short Markdown
    BY = "by"
    PICTURE = "picture"  # an address, or “none”
    ALT = "alt"
    LINK_TEXT = "link_text"
    FOCUS = "focus"  # what the crop of the picture keeps in its middle: “30,20”, in percent


LONGEST: Mapping[Field, int] = {
    Field.TITLE: 300,
    Field.SUMMARY: 1000,
    Field.BY: 200,
    Field.PICTURE: 2000,
    Field.ALT: 500,
    Field.LINK_TEXT: 60,
    Field.FOCUS: 20,
}
CENTRE = "50,50"
# The nine places of a picture, by their names.
PLACES: Mapping[str, str] = {
    "top left": "0,0",
    "top": "50,0",
    "top right": "100,0",
    "left": "0,50",
    "centre": CENTRE,
    "right": "100,50",
    "bottom left": "0,100",
    "bottom": "50,100",
    "bottom right": "100,100",
}
_PLACE = re.compile(r"(?:\d\d?|100),(?:\d\d?|100)")


def fault(field: Field, text: str) -> str:
    """Why the text cannot stand in a field, as one sentence; "" if it can."""
    if len(text) > LONGEST[field]:
        return f"The {spoken(field)} has {len(text)} characters: write at most {LONGEST[field]}."
    if field is Field.TITLE and not text:
        return "A story needs a title: write one, or go back to the source's."
    is_address = canonical(text) != ""
    if field is Field.PICTURE and text != NO_PICTURE and not is_address:
        return f"“{text}” is not the address of a picture: write it like https://…, or “none”."
    if field is Field.FOCUS and not _PLACE.fullmatch(text):
        names = ", ".join(PLACES)
        return f"“{text}” is no place in a picture: write one of {names}, or percents like 30,20."
    return ""


def tidy(field: Field, text: str) -> str:
    """The text as it is kept: on one line, but for a summary; a place as percents."""
    if field is Field.FOCUS:
        place = " ".join(text.lower().replace("-", " ").replace("center", "centre").split())
        return PLACES.get(place, place.replace(" ", ""))
    return text.strip() if field is Field.SUMMARY else " ".join(text.split())


def of_source(story: Story, field: Field) -> str:
    """What the source says in this field."""
    picture = story.picture or Picture("")
    values = {
        Field.TITLE: story.title,
        Field.SUMMARY: story.summary,
        Field.BY: story.author,
        Field.PICTURE: without_focus(picture.url),
        Field.ALT: picture.alt,
        Field.LINK_TEXT: "",
        Field.FOCUS: focus_text(picture.url),
    }
    return values[field]


def apply(story: Story, words: Mapping[Field, str]) -> Story:
    """The story as the issue prints it. A job's own title takes the place of its role."""
    if not words:
        return story
    title = words.get(Field.TITLE, story.title)
    vacancy = story.vacancy
    if vacancy and Field.TITLE in words:
        vacancy = replace(vacancy, role=title)
    return replace(
        story,
        title=title,
        summary=words.get(Field.SUMMARY, story.summary),
        author=words.get(Field.BY, story.author),
        picture=_picture(story, words),
        other_pictures=_others(story, words),
        vacancy=vacancy,
    )


def spoken(field: Field) -> str:
    """The field's name as it stands in a sentence."""
    names = {Field.BY: "by-line", Field.ALT: "alt text", Field.LINK_TEXT: "link text"}
    return names.get(field, field.value)


def _picture(story: Story, words: Mapping[Field, str]) -> Picture | None:
    """An editor's picture has no known size, and no alt text of the source's picture."""
    url = words.get(Field.PICTURE)
    if url == NO_PICTURE:
        return None
    picture = Picture(url) if url is not None else story.picture
    if picture is None:
        return None
    return replace(_focused(picture, words), alt=words.get(Field.ALT, picture.alt))


def _others(story: Story, words: Mapping[Field, str]) -> tuple[Picture, ...]:
    """The pictures that may stand in; none for one that an editor chose."""
    if Field.PICTURE in words:
        return ()
    return tuple(_focused(picture, words) for picture in story.other_pictures)


def _focused(picture: Picture, words: Mapping[Field, str]) -> Picture:
    place = words.get(Field.FOCUS)
    return replace(picture, url=with_focus(picture.url, place)) if place else picture
