"""An editor's own words for a story, in one issue: title, summary, by-line, picture, alt text."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

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


LONGEST: Mapping[Field, int] = {
    Field.TITLE: 300,
    Field.SUMMARY: 1000,
    Field.BY: 200,
    Field.PICTURE: 2000,
    Field.ALT: 500,
    Field.LINK_TEXT: 60,
}


def fault(field: Field, text: str) -> str:
    """Why the text cannot stand in a field, as one sentence; "" if it can."""
    if len(text) > LONGEST[field]:
        return f"The {spoken(field)} has {len(text)} characters: write at most {LONGEST[field]}."
    if field is Field.TITLE and not text:
        return "A story needs a title: write one, or go back to the source's."
    is_address = canonical(text) != ""
    if field is Field.PICTURE and text != NO_PICTURE and not is_address:
        return f"“{text}” is not the address of a picture: write it like https://…, or “none”."
    return ""


def tidy(field: Field, text: str) -> str:
    """The text as it is kept: on one line, but for a summary."""
    return text.strip() if field is Field.SUMMARY else " ".join(text.split())


def of_source(story: Story, field: Field) -> str:
    """What the source says in this field."""
    picture = story.picture or Picture("")
    values = {
        Field.TITLE: story.title,
        Field.SUMMARY: story.summary,
        Field.BY: story.author,
        Field.PICTURE: picture.url,
        Field.ALT: picture.alt,
        Field.LINK_TEXT: "",
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
        other_pictures=() if Field.PICTURE in words else story.other_pictures,
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
    return replace(picture, alt=words.get(Field.ALT, picture.alt))
