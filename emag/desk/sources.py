"""The sources as editors see them: what each gave, and what one gives now with its faults."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from emag.content import reads
from emag.content.reads import SourceRead, SourceState
from emag.content.sources import Memory, Reading, Source
from emag.content.story import Kind, Story
from emag.database import Database
from emag.errors import NotFound, SourceError
from emag.settings import Settings, SourceSettings

DRY = timedelta(days=14)  # without a new story


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A source and its last reads, the newest first. `state` is None before the first."""

    name: str
    kind: str
    address: str  # or the path of a folder
    section: str
    state: SourceState | None
    reads: tuple[SourceRead, ...]
    is_dry: bool  # it can be read, and has given nothing new for a while

    @property
    def last(self) -> SourceRead | None:
        return self.reads[0] if self.reads else None


@dataclass(frozen=True, slots=True)
class SourceFault:
    """One fault: what is wrong, in a word and in a sentence, and the page it is about."""

    subject: str
    message: str
    where: str


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What a source gives now. `entries` counts all that it shows."""

    name: str
    entries: int
    stories: tuple[Story, ...]
    faults: tuple[SourceFault, ...]

    @property
    def is_ok(self) -> bool:
        return not self.faults


def listing(database: Database, settings: Settings, *, now: datetime) -> list[SourceReport]:
    """Every source of the settings, in their order."""
    with database.reading() as conn:
        states = {state.name: state for state in reads.states(conn)}
        last_reads = reads.last_reads(conn)
    return [
        _report(source, states.get(source.name), last_reads.get(source.name, []), now)
        for source in settings.sources
    ]


def check(
    sources: Sequence[Source], settings: Settings, name: str, *, now: datetime
) -> SourceCheck:
    """Reads a source as if for the first time, and stores nothing. Raises NotFound."""
    source = next((source for source in sources if source.name == name), None)
    if source is None:
        names = ", ".join(source.name for source in sources) or "none"
        raise NotFound(f"There is no source “{name}”; there are: {names}.")
    address = next(s.url or s.path for s in settings.sources if s.name == name)
    try:
        reading = source.read(Memory())
    except SourceError as error:
        return SourceCheck(name, 0, (), (SourceFault("source", str(error), address),))
    faults = tuple(_faults(reading, address, now))
    return SourceCheck(name, reading.entries, reading.stories, faults)


def _report(
    source: SourceSettings, state: SourceState | None, of_source: list[SourceRead], now: datetime
) -> SourceReport:
    is_dry = bool(state and state.ok and now - (state.new_at or state.read_at) >= DRY)
    return SourceReport(
        source.name,
        source.kind,
        source.url or source.path,
        source.section,
        state,
        tuple(of_source),
        is_dry,
    )


def _faults(reading: Reading, address: str, now: datetime) -> Iterator[SourceFault]:
    if not reading.entries:
        yield SourceFault("source", "it can be read, and shows no entry", address)
    for note in reading.notes:
        yield SourceFault("entry", note, address)
    counts = Counter(story.identity for story in reading.stories)
    links = {story.identity: story.link for story in reading.stories}
    for identity, count in counts.items():
        if count > 1:
            sentence = f"{count} entries have this link, and only the first can be a story"
            yield SourceFault("link", sentence, links[identity])
    for story in reading.stories:
        if story.kind is not Kind.EVENT and story.published and story.published > now:
            day = f"{story.published.day} {story.published:%B %Y}"
            sentence = f"“{story.title}” is dated {day}, which is still to come"
            yield SourceFault("date", sentence, story.link)
