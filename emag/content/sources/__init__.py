"""Where stories come from. The port: `Source.read` returns stories or raises `SourceError`."""

from dataclasses import dataclass, field
from typing import Protocol

from emag.content.left_out import Counts
from emag.content.pages.page import Links
from emag.content.story import Story


@dataclass(frozen=True, slots=True)
class Memory:
    """What a source said at its last read, so that an unchanged one costs one 304.

    `of` says which address was read, and for what. A changed setting makes the memory void.
    `moved_to` is the address to which that one redirects for good.
    """

    etag: str = ""
    modified: str = ""
    digest: str = ""
    of: str = ""
    moved_to: str = ""

    @property
    def anew(self) -> "Memory":
        """The memory that makes the source be read in full again."""
        return Memory(of=self.of, moved_to=self.moved_to)


@dataclass(frozen=True, slots=True)
class Reading:
    """One read: the stories in the source's order, what to remember, notes on refused entries.

    `entries` counts all that the source showed, `refused` those that cannot be stories, and
    `untitled` those whose title had to be made from their text.
    `title` is the source's name for itself. An unchanged source has no stories here.
    `left_out` counts the refused ones by reason.
    `cancelled` are events that do not take place; they are news only where they were gathered.
    What a source that tells all `names` does not name is withdrawn.
    `format` names what was served. `links` are pages whose stories belong to the source, too.
    """

    stories: tuple[Story, ...] = ()
    memory: Memory = Memory()
    unchanged: bool = False
    notes: tuple[str, ...] = ()
    entries: int = 0
    refused: int = 0
    left_out: Counts = field(default_factory=dict)
    untitled: int = 0
    title: str = ""
    cancelled: tuple[Story, ...] = ()
    format: str = ""
    links: Links = field(default_factory=Links)
    names: frozenset[str] | None = None  # the guids of all events to come, where all are shown
    is_own: bool = False  # the editors wrote it: what is missing is missing on purpose


class Source(Protocol):
    """`name` and `section` are the setting's. A read ends in bounded time and memory."""

    @property
    def name(self) -> str: ...

    @property
    def section(self) -> str: ...

    def read(self, memory: Memory) -> Reading:
        """Raises SourceError, in one sentence for an editor, if the whole source cannot be read."""
        ...
