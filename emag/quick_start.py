"""Opens the newsroom of the command that sends: what it rarely uses is built at its first use."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from emag import bootstrap, sources

if TYPE_CHECKING:
    from emag.content.pages.page import StoryPages
    from emag.content.sources import Source
    from emag.newsroom import Newsroom
    from subscribers.desk import ReaderDesk


class Deferred:
    """Stands for an object that takes long to load, and builds it when somebody asks it."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build

    @cached_property
    def _built(self) -> Any:
        return self._build()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._built, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._built)

    def __bool__(self) -> bool:
        return bool(self._built)


def open_sender(folder: Path, *, now: Callable[[], datetime]) -> "Newsroom":
    """Opens what sending an issue needs. Raises SettingsError and DatabaseError.

    It has no mailbox, no reports and no sign-in: “emag serve” has those.
    """
    from emag.mailing.sending.sender import Sender, Terms
    from emag.newsroom import Newsroom
    from emag.settings import load

    settings = load(folder)
    keys, outgoing = bootstrap.keys(settings), bootstrap.transport(settings)
    database = bootstrap.open_database(settings)  # last, so that no later error leaves it open
    readers = Deferred(lambda: bootstrap.readers(settings, database, now))
    return Newsroom(
        settings=settings,
        database=database,
        sources=cast("tuple[Source, ...]", Deferred(lambda: sources.sources(settings, now))),
        sender=Sender(database, outgoing, Terms.of(settings), now),
        feedback={},
        keys=keys,
        now=now,
        readers=cast("ReaderDesk", readers),
        pages=cast("StoryPages", Deferred(lambda: sources.pages(settings))),
    )
