"""The pages of stories on the web. The port: `StoryPages` asks many, and makes stories of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Protocol

from emag.content.posted import PostedStory
from emag.content.story import Story

_MISSING = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What a page answers: its HTTP status, 0 without an answer; and the text that it shows."""

    status: int = 0
    text: str = ""

    @property
    def is_gone(self) -> bool:
        return self.status in _MISSING


@dataclass(frozen=True, slots=True)
class Links:
    """Pages that a source names and does not describe: each is read for its story.

    `are_jobs` says that their stories are vacancies; `may_be_anything`, that some tell no story.
    """

    addresses: tuple[str, ...] = ()
    are_jobs: bool = False
    may_be_anything: bool = False


class StoryPages(Protocol):
    def ask(self, addresses: Sequence[str], *, within: timedelta) -> list[PageAnswer]:
        """One answer for each address, in order, all in this time. Never raises."""
        ...

    def read(self, address: str, *, source: str, section: str) -> Story:
        """The story that a page tells. Raises SourceError, in one sentence for an editor.

        Where the page does not say what it is about, its section decides: “jobs” holds jobs.
        """
        ...

    def linked(self, address: str, *, source: str, section: str, links: Links) -> Story:
        """The story of a page that a source names. Raises SourceError for one that tells none."""
        ...

    def sent_in(self, posted: PostedStory, *, source: str, section: str, zone: tzinfo) -> Story:
        """The story that another system sends. Raises SourceError that names the field."""
        ...
