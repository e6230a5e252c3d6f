"""Shows an issue as its editors change it: what the page of the issue and its parts hold."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Path, Request, Response

from emag.content.story import Kind
from emag.desk import history, records
from emag.desk.look import Inspection
from emag.editors import presence
from emag.editors.role import Permission
from emag.errors import NotFound, PressError
from emag.issues.issue import READABLE, UNSENT, Issue, Pick, Status
from emag.issues.promo import Promo
from emag.issues.words import PLACES, Field, of_source
from emag.web.desk import company
from emag.web.desk.access import DeskUser
from emag.web.desk.shell import Shell

Number = Annotated[int, Path(ge=1, le=999_999_999)]
LONGEST_NUMBER = 9  # digits
IN_TRAY = 30  # stories shown; the pool has all of them
FIELDS = (Field.TITLE, Field.SUMMARY, Field.BY, Field.PICTURE, Field.ALT)


@dataclass(frozen=True, slots=True)
class Panel:
    """What is open on the page: the own words of a story, or its list of places; 0 for none."""

    words: int = 0
    move: int = 0

    @classmethod
    def read(cls, *, words: str, move: str) -> "Panel":
        return cls(_number(words), _number(move))


@dataclass(frozen=True, slots=True)
class StoryPlace:
    """A place that a story can move to. `before` is the title of the story that follows it."""

    value: str
    section: str
    place: int
    count: int
    before: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class PictureFocus:
    """The place of a picture that its crop keeps, as own words have it, and the nine to choose."""

    text: str
    is_own: bool
    places: tuple[tuple[str, str], ...] = tuple(PLACES.items())

    @property
    def is_elsewhere(self) -> bool:
        """True for a place that is none of the nine."""
        return self.text not in dict(self.places).values()


@dataclass(frozen=True, slots=True)
class OwnText:
    """One field of a story's own words: as the issue prints it, and as its source has it."""

    field: Field
    text: str
    source: str
    is_own: bool
    has_changed: bool  # the source, after the editor wrote


def find(shell: Shell, which: str) -> Issue:
    """The issue that an address names by its number, “next” or “latest”. Raises NotFound."""
    name: int | str = which if which in {"next", "latest"} else _number(which)
    if not name:
        raise NotFound(f"There is no issue “{which}”.")
    return records.issue(shell.newsroom.database, name)


def address(request: Request, number: int, anchor: str) -> str:
    """Where a form of the issue's page leads: the page, with the own words open that were open."""
    parts = urlsplit(request.headers.get("referer", ""))
    name, _, story = parts.query.partition("=")
    is_open = parts.path == f"/desk/issues/{number}" and name == "words" and _number(story)
    query = f"?words={_number(story)}" if is_open else ""
    return f"/desk/issues/{number}{query}#{anchor}"


def may_change(user: DeskUser, issue: Issue) -> bool:
    """True if the person may change the issue, and it has not begun to leave."""
    return user.may(Permission.ARRANGE) and issue.status in UNSENT


def show(
    shell: Shell, request: Request, user: DeskUser, number: int, panel: Panel | None = None
) -> Response:
    """The page of the issue."""
    room, panel = shell.newsroom, panel or Panel()
    revision = history.revision(room.database, number)  # first: the page may be newer, never older
    issue = records.issue(room.database, number)
    people = presence.others(room.database, issue.number, user.editor, now=user.now)
    is_open = may_change(user, issue)
    tray = _tray(shell, issue) if is_open else []
    chosen = _pick(issue, panel.words)
    inspection, print_error = _inspection(shell, user, issue)
    return shell.page(
        request,
        user,
        "arrange.html",
        issue=issue,
        revision=revision,
        is_open=is_open,
        is_unsent=issue.status in UNSENT,
        is_approved=issue.status is Status.APPROVED,
        has_report=issue.status in READABLE,
        lead=issue.picks[0].candidate if issue.picks else 0,
        promos=_promos(issue),
        reversible=history.reversible(room.database, room.settings, issue),
        here=company.sentences(shell, issue, people),
        tray=tray[:IN_TRAY],
        more_in_tray=max(0, len(tray) - IN_TRAY),
        panel=panel,
        back=f"{request.url.path}?words={panel.words}" if panel.words else request.url.path,
        places=places(issue, panel.move) if is_open and panel.move else [],
        own=own_texts(chosen) if chosen else [],
        focus=focus(chosen) if chosen else None,
        inspection=inspection,
        print_error=print_error,
        sender=room.settings.publication.sender_name,
    )


def show_places(
    shell: Shell, request: Request, user: DeskUser, issue: Issue, *, story: int
) -> Response:
    """The page “Move to…”, for a browser without script."""
    options = places(issue, story)
    if not options:
        raise NotFound(f"Story {story} is not in issue {issue.number}.")
    return shell.page(
        request,
        user,
        "arrange_move.html",
        places=options,
        issue=issue,
        story=story,
        story_title=title(issue, story),
    )


def show_words(
    shell: Shell,
    request: Request,
    user: DeskUser,
    issue: Issue,
    *,
    story: int,
    problems: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """The page “Own words”, for a browser without script. `typed` is what could not be saved."""
    pick = _pick(issue, story)
    if pick is None:
        raise NotFound(f"Story {story} is not in issue {issue.number}.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return shell.page(
        request,
        user,
        "arrange_words.html",
        status=status,
        problems=problems,
        issue=issue,
        pick=pick,
        own=own_texts(pick),
        focus=focus(pick),
        typed=typed or {},
    )


def title(issue: Issue, story: int) -> str:
    """What a story of the issue is called; "" for one that is not in it."""
    pick = _pick(issue, story)
    return pick.story.title if pick else ""


def places(issue: Issue, story: int) -> list[StoryPlace]:
    """Every place that a story of the issue can move to, by section. Empty for another story."""
    if _pick(issue, story) is None:
        return []
    options = []
    for section in issue.sections:
        numbers = [pick.candidate for pick in section.picks]
        is_in = story in numbers
        others = [pick for pick in section.picks if pick.candidate != story]
        for place in range(1, len(others) + 2):
            before = others[place - 1].story.title if place <= len(others) else ""
            is_here = is_in and numbers.index(story) + 1 == place
            value, name = f"{section.name}:{place}", section.title or section.name
            options.append(StoryPlace(value, name, place, len(others) + 1, before, is_here))
    return options


def own_texts(pick: Pick) -> list[OwnText]:
    """The fields of a story that an editor can write."""
    source = pick.source or pick.story
    return [
        OwnText(
            field,
            pick.words.get(field, of_source(pick.story, field)),
            of_source(source, field),
            is_own=field in pick.words,
            has_changed=field in pick.changed,
        )
        for field in FIELDS
    ]


def focus(pick: Pick) -> PictureFocus | None:
    """Which part of a story's picture its crop keeps; None for a story without a picture."""
    if pick.story.kind is not Kind.POST or pick.story.picture is None:
        return None
    text = of_source(pick.story, Field.FOCUS)
    return PictureFocus(text, Field.FOCUS in pick.words)


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else 0


def _pick(issue: Issue, story: int) -> Pick | None:
    return next((pick for pick in issue.picks if pick.candidate == story), None)


def _promos(issue: Issue) -> dict[str, list[Promo]]:
    by_place: dict[str, list[Promo]] = {}
    for promo in issue.promos:
        by_place.setdefault(promo.place, []).append(promo)
    return by_place


def _tray(shell: Shell, issue: Issue) -> list[records.Explanation]:
    room = shell.newsroom
    gathered = records.tray(room.database, room.settings, issue.number, now=room.now())
    return gathered[::-1]


def _inspection(shell: Shell, user: DeskUser, issue: Issue) -> tuple[Inspection | None, str]:
    """What readers would get, or why it cannot be printed."""
    try:
        return shell.viewer.look(issue.number, now=user.now), ""
    except PressError as error:
        return None, str(error)
