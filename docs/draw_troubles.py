"""Writes docs/troubles.md: lives through a week of troubles, and writes down what emag said.

    make troubles

The publication is real: its database, its mail servers, its web pages and its mailbox. Only its
clock is not the machine's, and a pause between two attempts lasts no time. As root on Linux, it
lives on a small disk that can be filled. Exits with 1 if a reader was lost or got two copies.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests import postgres
from tests.troubles import page
from tests.troubles.faults import MONDAY, NEARLY_FULL, POSTGRESQL, WEEK, Trouble
from tests.troubles.week import TroubleReport, live_through
from tests.troubles.world import Clock, World, timedelta

PAGE = Path(__file__).parent / "troubles.md"
READERS = 1_000
SMALL = "420m"
HEAD = """# What emag says when something goes wrong

For operators. A publication with {readers:,} readers lived through a week in which all this happened, one
thing after the other, with an issue each morning at 07:30. Each sentence below is what emag really
said: in its log, at `/healthz` and `/metrics`, in `emag issue status`, on the pages “This week” and
“Send” of the desk, and in the alerts by mail, by the second mail server and by the webhook. The
times count from the beginning of the trouble. `make troubles` lives the week again and writes this
page anew.

The sums of the week: {sums}. Whoever counts as accepted got one copy of the issue, {copies:,} in
all, and nobody got two.

"""  # noqa: E501 - a line of the page


def main() -> int:
    reports, faults = [], []
    with tempfile.TemporaryDirectory() as place, small_disk(Path(place)) as disk:
        world = World(Clock(MONDAY - timedelta(hours=4)), disk / "crier")
        with world.opened(READERS):
            troubles = with_small_disk(WEEK) if world.has_small_disk else WEEK
            reports += list(noted(live_through(world, troubles)))
            faults += broken_promises(world)
            text = head(world)
    reports += on_postgresql(faults)
    body = "\n".join(line for report in reports for line in page.section(report))
    PAGE.write_text(text + page.overview(reports) + body.rstrip() + "\n")
    print(*faults or ["Nobody was lost, and nobody got two copies"], sep="\n")  # noqa: T201
    return 1 if faults else 0


def with_small_disk(troubles: Sequence[Trouble]) -> list[Trouble]:
    return sorted([*troubles, NEARLY_FULL], key=lambda trouble: trouble.begins)


def noted(reports: Iterator[TroubleReport]) -> Iterator[TroubleReport]:
    for report in reports:
        print(report.trouble.name, file=sys.stderr, flush=True)  # noqa: T201
        yield report


def on_postgresql(faults: list[str]) -> list[TroubleReport]:
    """The same with PostgreSQL, where it can be started."""
    try:
        with tempfile.TemporaryDirectory() as place, postgres.started() as server:
            url = server.url(server.make())
            world = World(Clock(MONDAY - timedelta(hours=2)), Path(place) / "crier")
            world.server = server
            with world.opened(READERS // 10, database_url=url):
                reports = list(noted(live_through(world, [POSTGRESQL])))
                faults += broken_promises(world)
                return reports
    except BaseException as error:
        if type(error).__name__ != "Skipped":
            raise
        print(f"PostgreSQL was left out: {error}", file=sys.stderr)  # noqa: T201
        return []


def broken_promises(world: World) -> list[str]:
    """Where the sums do not add up, or somebody got two copies or none."""
    faults = [f"two copies: {key}" for key, count in world.relay.copies.items() if count > 1]
    for counts in world.sums():
        settled = sum(counts[name] for name in ("accepted", "refused", "skipped"))
        if counts["planned"] != settled:
            faults.append(f"the sums do not add up: {counts}")
    accepted = sum(counts["accepted"] for counts in world.sums())
    if accepted != world.relay.copies.total():
        faults.append(f"{accepted} accepted, and {world.relay.copies.total()} copies taken")
    return faults


def head(world: World) -> str:
    total: Counter[str] = Counter()
    for counts in world.sums():
        total.update(counts)
    names = ("accepted", "refused", "skipped", "deferred", "doubtful", "queued")
    parts = " + ".join(f"{total[name]:,} {name}" for name in names if total[name])
    sums = f"{len(world.sums())} issues, {total['planned']:,} copies planned = {parts}"
    return HEAD.format(readers=READERS, sums=sums, copies=world.relay.copies.total())


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A small disk, where one may be mounted; else the same place."""
    if os.geteuid() != 0:
        yield place
        return
    mount = ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place)]
    is_mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0  # noqa: S603 - our own
    try:
        yield place
    finally:
        if is_mounted:
            subprocess.run(["/usr/bin/umount", "--lazy", str(place)], check=False)  # noqa: S603 - our own


if __name__ == "__main__":
    sys.exit(main())
