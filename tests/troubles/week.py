"""Lives through troubles one after the other, and keeps what was said of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tests.troubles.faults import Trouble
from tests.troubles.world import Sentence, World

QUIET = timedelta(minutes=10)  # between two rounds while nothing is wrong
MINUTE = timedelta(minutes=1)
NEWS_AT = 5  # o'clock, when the website has a new story


@dataclass(frozen=True)
class TroubleReport:
    """What was said while a trouble lasted, and what was said after it."""

    trouble: Trouble
    during: Sequence[Sentence]
    afterwards: Sequence[Sentence]


def live_through(
    world: World, troubles: Sequence[Trouble], *, quiet: timedelta = QUIET, looks: bool = True
) -> Iterator[TroubleReport]:
    """Goes from trouble to trouble, and yields a report after each.

    Without `looks` nobody looks at the desk, or asks with the command.
    """
    look = world.look if looks else lambda: None
    for trouble in troubles:
        _wait(world, trouble, quiet)
        look()
        first = len(world.sentences)
        trouble.begin(world)
        if trouble.later:
            world.live(trouble.later[0], every=trouble.step)
            trouble.later[1](world)
        world.live(trouble.ends, every=trouble.step)
        look()
        middle = len(world.sentences)
        trouble.end(world)
        world.live(world.clock.at + min(trouble.after, 16 * MINUTE), every=2 * MINUTE)
        world.live(trouble.ends + trouble.after, every=quiet)
        look()
        yield TroubleReport(trouble, world.sentences[first:middle], world.sentences[middle:])


def _wait(world: World, trouble: Trouble, quiet: timedelta) -> None:
    """Time goes on quietly until the trouble begins."""
    while world.clock.at < trouble.begins:
        midnight = world.clock.at.replace(hour=0, minute=0, second=0, microsecond=0)
        news = midnight + timedelta(hours=NEWS_AT)
        news += timedelta(days=1) if world.clock.at >= news else timedelta(0)
        world.live(min(trouble.begins, news), every=quiet)
        if world.clock.at == news:
            world.publish()
