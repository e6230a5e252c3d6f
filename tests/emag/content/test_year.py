"""A year of readings of 30 sources on a fake clock: no story twice, nothing grows but the stories.

The sources are read every second day, and on two days every hour: the readings between differ in
nothing, and all of them would take an hour. Each page is parsed as a real one is.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from sqlalchemy import func, select

from emag.content import store
from emag.content.gather import gather
from emag.content.health import trouble_store
from emag.content.health.reads import REMEMBERED
from emag.content.health.trouble import TroubleKind
from emag.content.sources import Memory, Reading
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.content.tables import SOURCE_READS, SOURCE_TROUBLES, SOURCES, STORIES
from emag.errors import SourceError

BLOGS, POSTS, DAYS = 30, 10, 364
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
HOURLY = (68, 140)  # days on which they are read every hour
FAULTS = (  # each source has one of them, for eight days
    TroubleKind.FAILING,
    TroubleKind.EMPTY,
    TroubleKind.SHRUNK,
    TroubleKind.UNTITLED,
    TroubleKind.UNDATED,
    TroubleKind.UNUSABLE,
    TroubleKind.MOVED,
    TroubleKind.DRY,
)


@dataclass
class Blog:
    """A weekly blog with a feed of its last ten posts, and one bad week in the year."""

    number: int
    now: datetime = BEGIN
    section: str = "posts"
    parsed: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"blog-{self.number}"

    @property
    def fault(self) -> TroubleKind:
        return FAULTS[self.number % len(FAULTS)]

    def is_ill(self) -> bool:
        lasts = 40 if self.fault is TroubleKind.DRY else 8
        began = 60 + 5 * self.number
        return began <= (self.now - BEGIN).days < began + lasts

    def read(self, memory: Memory) -> Reading:
        if self.is_ill() and self.fault is TroubleKind.FAILING:
            raise SourceError("the site has trouble of its own; it will be tried again later")
        page = self.page()
        moved_to = "https://new.example/feed" if self.is_ill_with(TroubleKind.MOVED) else ""
        digest = f"{hash(page)}"
        if (memory.digest, memory.moved_to) == (digest, moved_to):
            return Reading(memory=memory, unchanged=True)
        self.parsed.append(1)
        address = f"https://{self.name}.example/feed"
        source = FeedSource(self.name, address, self.section)
        new = Memory(digest=digest, moved_to=moved_to)
        return source.stories(FetchedPage(address, page, "application/rss+xml", new))

    def is_ill_with(self, fault: TroubleKind) -> bool:
        return self.fault is fault and self.is_ill()

    def page(self) -> bytes:
        days = (self.now - BEGIN).days + 70
        if self.is_ill_with(TroubleKind.DRY):
            days = 60 + 5 * self.number + 70
        newest = (days + self.number) // 7
        count = {TroubleKind.EMPTY: 0, TroubleKind.SHRUNK: 2}.get(self.fault, POSTS)
        posts = range(newest, newest - (count if self.is_ill() else POSTS), -1)
        items = "".join(self.item(post) for post in posts)
        return f'<rss version="2.0"><channel><title>A blog</title>{items}</channel></rss>'.encode()

    def item(self, post: int) -> str:
        at = BEGIN + timedelta(days=post * 7 - 70 - self.number)
        title = f"<title>Post {post} of {self.name}</title>"
        link = f"<link>https://{self.name}.example/{post}</link>"
        date = f"<pubDate>{format_datetime(at)}</pubDate>"
        text = f"<description>Some lamps were lit in street {post}. Nobody knew why.</description>"
        if self.is_ill_with(TroubleKind.UNTITLED):
            title = ""
        if self.is_ill_with(TroubleKind.UNDATED):
            date = ""
        if self.is_ill_with(TroubleKind.UNUSABLE):
            link = ""
        return f"<item>{title}{link}{date}{text}</item>"


def hours() -> Iterator[datetime]:
    for day in range(0, DAYS, 2):
        step = 1 if day in HOURLY else 24
        for hour in range(0, 24, step):
            yield BEGIN + timedelta(days=day, hours=hour)


def rows(database) -> dict[str, int]:
    tables = (STORIES, SOURCES, SOURCE_READS, SOURCE_TROUBLES)
    with database.reading() as conn:
        return {
            table.name: conn.execute(select(func.count()).select_from(table)).scalar()
            for table in tables
        }


def test_a_year_of_readings(database):
    blogs = [Blog(number) for number in range(BLOGS)]
    names = [blog.name for blog in blogs]
    begun, over = Counter(), Counter()
    new, objects = 0, []
    for now in hours():
        for blog in blogs:
            blog.now = now
        new += sum(outcome.new for outcome in gather(database, blogs, now=now))
        with database.transaction() as conn:
            report = trouble_store.pending(conn, names, now=now)
            trouble_store.mark_told(conn, report, now=now)
        begun.update((entry.source, entry.trouble.kind) for entry in report.begun)
        over.update((entry.source, entry.trouble.kind) for entry in report.over)
        if now.hour == 0 and (now - BEGIN).days in {120, DAYS - 2}:
            gc.collect()
            objects.append(len(gc.get_objects()))

    with database.reading() as conn:
        stories = [candidate.story for candidate in store.candidates(conn)]
    assert len({story.identity for story in stories}) == len(stories) == new
    assert len(stories) >= BLOGS * DAYS // 7

    expected = {(blog.name, blog.fault): 1 for blog in blogs}
    assert begun == expected
    assert over == expected

    counts = rows(database)
    assert counts["sources"] == BLOGS
    assert counts["source_reads"] == BLOGS * REMEMBERED
    assert counts["source_troubles"] <= BLOGS * 2
    assert objects[1] < objects[0] * 1.05
