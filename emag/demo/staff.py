"""The demo's editors, and the issue that they leave for you to approve."""

from dataclasses import dataclass

from emag.content import gather
from emag.dates.store import upcoming
from emag.desk import edit, opening, pictures
from emag.editors import people
from emag.issues.issue import Issue
from emag.newsroom import Newsroom
from emag.schedule.drafting import put_forward

EDITOR, COLLEAGUE = "Rosalind Ames", "Idris Vaughan"
EDITOR_ADDRESS = "rosalind@noticeboard.example"
COLLEAGUE_ADDRESS = "idris@noticeboard.example"
NOTE = (
    "This week is about saying less: a letter that answers before anybody asks, and a budget in "
    "ten words. **Write back** and tell us yours."
)


@dataclass(frozen=True, slots=True)
class WaitingIssue:
    """The issue that waits for an approval, and how many new stories it was drafted from."""

    issue: Issue
    new_stories: int


def invite(newsroom: Newsroom) -> int:
    """Invites both editors, who get a mail each. Returns how many there are."""
    invited = (
        (f"{EDITOR} <{EDITOR_ADDRESS}>", ("editor", "approver", "operator")),
        (f"{COLLEAGUE} <{COLLEAGUE_ADDRESS}>", ("editor",)),
    )
    database, settings, now = newsroom.database, newsroom.settings, newsroom.now()
    for mailbox, roles in invited:
        people.invite(database, settings, mailbox, roles, now=now, by=EDITOR)
    return len(people.listing(database))


def prepare(newsroom: Newsroom, *, after: Issue) -> WaitingIssue:
    """Drafts the issue after another one, with a note, and asks for its approval."""
    database, settings, now = newsroom.database, newsroom.settings, newsroom.now()
    read = gather.gather(database, newsroom.sources, now=now)
    with database.reading() as conn:
        date = upcoming(conn, settings, after.send_at or now)
    by = COLLEAGUE
    issue = opening.open_issue(database, settings, newsroom.pages, now=now, by=by, on=date)
    pictures.fetch(database, settings, newsroom.pictures, now=now)
    edit.write(database, settings, issue.number, note=NOTE, now=newsroom.now(), by=by)
    put_forward(newsroom, issue)
    return WaitingIssue(issue, sum(source.new for source in read))
