"""The page of an issue: its stories in their order, its lines and its note, and the tray."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from emag.desk import arrange, history, records, week
from emag.editors.role import Permission
from emag.errors import NotFound
from emag.issues.issue import Issue
from emag.web.desk import issue_page
from emag.web.desk.access import DeskUser
from emag.web.desk.issue_page import Number, Panel
from emag.web.desk.routing import routes
from emag.web.desk.shell import HEADERS, Shell


def router(shell: Shell) -> APIRouter:
    """The page, and one form for each story."""
    pages = routes(shell)
    reader = Depends(shell.access.reads(Permission.READ))
    writer = Depends(shell.access.reads(Permission.ARRANGE))
    arranger = Depends(shell.access.acts(Permission.ARRANGE))

    @pages.get("/desk/issues/{which}")
    def issue(
        request: Request,
        which: str,
        user: Annotated[DeskUser, reader],
        words: str = "",
        move: str = "",
    ) -> Response:
        """`words` and `move` name the story whose own words, or list of places, are open."""
        if which == "next" and week.next_issue(shell.newsroom.database) is None:
            return shell.back("/desk/issues", "issues.none_open")
        issue = issue_page.find(shell, which)
        if which != str(issue.number):
            to = f"/desk/issues/{issue.number}"
            return RedirectResponse(to, HTTPStatus.SEE_OTHER, HEADERS)
        return issue_page.show(
            shell, request, user, issue.number, Panel.read(words=words, move=move)
        )

    @pages.get("/desk/issues/{number}/stories/{story}/move")
    def places(
        request: Request, number: Number, story: Number, user: Annotated[DeskUser, writer]
    ) -> Response:
        issue = records.issue(shell.newsroom.database, number)
        return issue_page.show_places(shell, request, user, issue, story=story)

    @pages.post("/desk/issues/{number}/stories/{story}")
    def change(
        request: Request,
        number: Number,
        story: Number,
        user: Annotated[DeskUser, arranger],
        *,
        do: Annotated[str, Form()],
        place: Annotated[str, Form()] = "",
    ) -> Response:
        """`do` names the button; `place` is “section:place” for “Move”."""
        before = records.issue(shell.newsroom.database, number)
        changes = StoryChanges(shell, user, before, story)
        sentence = changes.by_button(do)(place)
        return shell.back(
            issue_page.address(request, number, f"story-{story}"),
            sentence.key,
            issue=number,
            act=history.revision(shell.newsroom.database, number),
            title=sentence.title,
            place=sentence.place,
            count=sentence.count,
            section=sentence.section,
        )

    return pages


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text of the words files and its values."""

    key: str
    title: str
    place: int = 0
    count: int = 0
    section: str = ""


@dataclass(frozen=True, slots=True)
class StoryChanges:
    """What the buttons of a story do. Each returns the sentence that says so."""

    shell: Shell
    user: DeskUser
    issue: Issue
    story: int

    def by_button(self, name: str) -> Callable[[str], Sentence]:
        """Raises NotFound for a button that no story has."""
        buttons: dict[str, Callable[[str], Sentence]] = {
            "up": lambda _: self._step(-1),
            "down": lambda _: self._step(1),
            "move": self._move,
            "in": lambda _: self._placed(self._verb(arrange.pick), "arrange.put_in"),
            "later": lambda _: self._leave(arrange.hold, "arrange.held"),
            "out": lambda _: self._leave(arrange.drop, "arrange.dropped"),
            "feature": lambda _: self._feature(),
        }
        if name not in buttons:
            raise NotFound(f"There is no button “{name}”.")
        return buttons[name]

    def _verb(self, verb: Callable[..., Issue], **options: object) -> Issue:
        room, number = self.shell.newsroom, self.issue.number
        by = {"now": self.user.now, "by": self.user.name}
        return verb(room.database, room.settings, number, self.story, **options, **by)

    def _step(self, by_places: int) -> Sentence:
        return self._placed(self._verb(arrange.step, by_places=by_places), "arrange.moved")

    def _move(self, place: str) -> Sentence:
        section, _, number = place.rpartition(":")
        if not section or not (number.isascii() and number.isdecimal()):
            raise NotFound(f"“{place}” is no place.")
        moved = self._verb(arrange.move, section=section, place=int(number[:6]))
        return self._placed(moved, "arrange.moved")

    def _feature(self) -> Sentence:
        after = self._verb(arrange.feature)
        return Sentence("arrange.featured", issue_page.title(after, self.story))

    def _leave(self, verb: Callable[..., Issue], key: str) -> Sentence:
        room = self.shell.newsroom
        title = issue_page.title(self.issue, self.story)
        if not title:  # it is in the tray
            pooled = records.tray(room.database, room.settings, self.issue.number, now=room.now())
            titles = {entry.candidate.id: entry.candidate.story.title for entry in pooled}
            title = titles.get(self.story, str(self.story))
        number, by = self.issue.number, self.user.name
        verb(room.database, room.settings, number, [self.story], now=self.user.now, by=by)
        return Sentence(key, title)

    def _placed(self, issue: Issue, key: str) -> Sentence:
        for section in issue.sections:
            numbers = [pick.candidate for pick in section.picks]
            if self.story in numbers:
                place, name = numbers.index(self.story) + 1, section.title or section.name
                title = issue_page.title(issue, self.story)
                return Sentence(key, title, place, len(numbers), name)
        raise NotFound(f"Story {self.story} is not in issue {issue.number}.")
