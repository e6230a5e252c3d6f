"""Where stories come from. The port: `Source.read` hands over stories or raises `SourceError`."""

from dataclasses import dataclass
from typing import Protocol

from emag.content.story import Story


@dataclass(frozen=True, slots=True)
class Memory:
    """What a source told us last time, so that an unchanged one costs one 304."""

    etag: str = ""
    modified: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One read: the stories in the source's order, what to remember, notes on unusable entries."""

    stories: tuple[Story, ...]
    memory: Memory = Memory()
    unchanged: bool = False
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """`name` is the setting's. A read takes bounded time and memory, and changes nothing."""

    name: str

    def read(self, memory: Memory) -> Reading:
        """Raises SourceError, in one sentence for an editor, if the whole source cannot be read."""
        ...
