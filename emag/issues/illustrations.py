"""The pictures of an issue: which are asked for, and which of them its stories print."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from emag.content.pictures import picture_store
from emag.content.pictures.picture import StoredPicture, Use, WantedPicture, without_focus
from emag.content.story import Kind, Picture, Story
from emag.issues.issue import Issue, Pick
from emag.issues.words import Field


def illustrated(conn: Connection, issue: Issue) -> Issue:
    """The issue with what emag has of its pictures. Each story has the best one that can be had."""
    wanted = list(_wanted(issue))
    measured = list(map(_measured, wanted))
    stored = picture_store.get(conn, [*wanted, *map(_uncropped, wanted), *measured])
    of_stories = _with_stand_ins({p.url: p for p in stored if p.use is Use.STORY}, wanted)
    stored = [*of_stories.values(), *(p for p in stored if p.use is not Use.STORY)]
    facts = {p.url: p for p in stored if p.use is Use.MEASURE}
    facts = {w.url: facts[m.url] for w, m in zip(wanted, measured, strict=True) if m.url in facts}
    of_stories = facts | of_stories
    sections = tuple(
        replace(section, picks=tuple(_illustrated(pick, of_stories) for pick in section.picks))
        for section in issue.sections
    )
    return replace(issue, sections=sections, pictures=(*stored, *picture_store.logos(conn)))


def candidates(story: Story) -> tuple[Picture, ...]:
    """The pictures of a post, the best first. Jobs and events are printed without one."""
    if story.kind is not Kind.POST or story.picture is None:
        return ()
    return (story.picture, *story.other_pictures)


def chosen(story: Story, stored: Mapping[str, StoredPicture]) -> Story:
    """The story with its first picture that is fit to print.

    Where there is none yet, it keeps one that may still come, or loses all of them.
    """
    pictures = candidates(story)
    if not pictures:
        return story
    fit = (p for p in pictures if p.url in stored and stored[p.url].is_fit)
    untried = (p for p in pictures if p.url not in stored)
    missing = (p for p in pictures if p.url in stored and stored[p.url].is_missing)
    best = next(fit, None) or next(untried, None) or next(missing, None)
    return replace(story, picture=best, other_pictures=())


def of_stories(conn: Connection, pictures: Sequence[Picture]) -> dict[str, StoredPicture]:
    """What emag has of the pictures of stories, by their addresses."""
    wanted = [WantedPicture(picture.url, Use.STORY) for picture in pictures]
    stored = picture_store.get(conn, [*wanted, *map(_uncropped, wanted)])
    return _with_stand_ins({picture.url: picture for picture in stored}, wanted)


def _measured(wanted: WantedPicture) -> WantedPicture:
    return WantedPicture(without_focus(wanted.url), Use.MEASURE)


def _uncropped(wanted: WantedPicture) -> WantedPicture:
    return replace(wanted, url=without_focus(wanted.url))


def _with_stand_ins(
    stored: dict[str, StoredPicture], wanted: Sequence[WantedPicture]
) -> dict[str, StoredPicture]:
    """The pictures; until the crop that an editor asks for is there, the one from the middle."""
    for picture in wanted:
        focused, plain = stored.get(picture.url), stored.get(without_focus(picture.url))
        if plain and plain.hash and not (focused and focused.hash):
            stored[picture.url] = replace(plain, url=picture.url)
    return stored


def _illustrated(pick: Pick, stored: Mapping[str, StoredPicture]) -> Pick:
    """An editor's own picture is printed whatever the program thinks of it."""
    if Field.PICTURE in pick.words:
        return pick
    return replace(pick, story=chosen(pick.story, stored))


def _wanted(issue: Issue) -> Iterator[WantedPicture]:
    for pick in issue.picks:
        for picture in candidates(pick.story):
            yield WantedPicture(picture.url, Use.STORY)
    for promo in issue.promos:
        if promo.picture:
            yield WantedPicture(promo.picture, Use.PROMO)
