"""Four eyes: whoever changed the content of an issue last may not approve it, if so set."""

from sqlalchemy import Connection

from emag.checks import Fault
from emag.database import Database
from emag.editors.editor import is_same_person
from emag.errors import WrongMove
from emag.issues import acts
from emag.issues.act import last_author
from emag.issues.issue import Issue
from emag.settings import Settings

RULE = "four-eyes"


def open_question(conn: Connection, settings: Settings, issue: Issue) -> list[Fault]:
    """A fault that names who may not approve the issue, until somebody else has."""
    author = author_of(conn, settings, issue.number)
    if not author or (issue.approved_by and not is_same_person(author, issue.approved_by)):
        return []
    verb = "must" if settings.approval.four_eyes == "required" else "should"
    message = f"{author} changed the issue last: somebody else {verb} approve it."
    return [Fault(RULE, "warn", message, "the issue")]


def judge(conn: Connection, settings: Settings, number: int, *, by: str) -> list[Fault]:
    """The fault of an approval by `by`. Raises WrongMove where four eyes are required."""
    author = author_of(conn, settings, number)
    if not author or not is_same_person(author, by):
        return []
    sentence = f"{author} changed issue {number} last, so somebody else"
    if settings.approval.four_eyes == "required":
        raise WrongMove(f"{sentence} must approve it: four_eyes is “required” in [approval].")
    return [Fault(RULE, "warn", f"{sentence} should have approved it.", "the approval")]


def may_approve(database: Database, settings: Settings, number: int, *, by: str) -> bool:
    """False where four eyes are required, and this person changed the issue last."""
    if settings.approval.four_eyes != "required":
        return True
    with database.reading() as conn:
        author = author_of(conn, settings, number)
    return not author or not is_same_person(author, by)


def author_of(conn: Connection, settings: Settings, number: int) -> str:
    """Who changed the content last; "" where that does not matter."""
    if settings.approval.four_eyes == "off":
        return ""
    return last_author(acts.listing(conn, number))
