"""Takes in the stories that other systems send, as if they were entries of a source."""

from datetime import datetime

from emag.content.admit import SENT_IN, Admission, Intake, Origin
from emag.content.pages.page import StoryPages
from emag.content.posted import PostedStory
from emag.content.story import Kind
from emag.database import Database
from emag.desk.pool import section_of
from emag.errors import NotFound
from emag.settings import Settings


def take_in(
    database: Database,
    settings: Settings,
    pages: StoryPages,
    posted: PostedStory,
    *,
    section: str,
    now: datetime,
) -> Admission:
    """Admits or refreshes a story that was sent. One that a source has stays that source's.

    Without a section it goes into that of its kind. Raises NotFound for a section that does not
    exist, and SourceError for a field that cannot be read.
    """
    names = [heading.name for heading in settings.sections]
    if section and section not in names:
        raise NotFound(f"section: there is no “{section[:40]}”; there are {', '.join(names)}")
    zone = settings.publication.zone
    story = pages.sent_in(posted, source=SENT_IN, section=section, zone=zone)
    active = frozenset(source.name for source in settings.sources)
    is_job = story.kind is Kind.JOB
    origin = Origin(SENT_IN, section or section_of(story, names), active, is_own=is_job)
    with database.transaction() as conn:
        return Intake(conn, origin, [story], now=now).take(story)
