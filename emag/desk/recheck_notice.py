"""The mails to the editors about stories that were over when their issue was to leave."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from emag.desk.closures import Closure, Outdated
from emag.issues.issue import Issue
from emag.mailing.letters import notice
from emag.settings import Settings


def mended(
    conn: Connection,
    settings: Settings,
    before: Issue,
    outdated: Outdated,
    differences: Sequence[str],
    *,
    hash: str,  # noqa: A002 - the document's word
    now: datetime,
) -> None:
    """Reports an issue that leaves without what is over, or with the next date of an event."""
    number = before.number
    text = [
        f"Issue {number}, “{before.subject}”, was approved by {before.approved_by}.",
        "Before it left, its sources and pages were read again:",
        "",
        *_reasons([*outdated.over, *(following.printed for following in outdated.moved)]),
        "",
    ]
    if outdated.over:
        text += ['It leaves without what is over, as [jobs] closed = "drop" says.']
    if outdated.moved:
        text += ["Events that take place again are printed with their next date."]
    text += [
        "Against what was approved:",
        "",
        *(f"  - {clause}" for clause in differences),
        "",
        "The new document passed the pre-flight and is approved by emag on that ground.",
        f"Its hash is {hash}.",
        "",
        *_links(settings, number),
    ]
    lack = "without a story" if outdated.over else "with another date"
    _notify(conn, settings, before, f"Issue {number} leaves {lack}", text, now=now)


def held(
    conn: Connection,
    settings: Settings,
    before: Issue,
    closures: Sequence[Closure],
    differences: Sequence[str],
    *,
    trouble: str,
    now: datetime,
) -> None:
    """Reports an issue that is held; `trouble` says why it cannot leave without its closed jobs."""
    number = before.number
    text = [
        f"Issue {number}, “{before.subject}”, was approved by {before.approved_by}, and was due.",
        "Before it left, its sources and pages were read again:",
        "",
        *_reasons(closures),
        "",
        "So it is held: nobody has it. Without these stories:",
        "",
        *(f"  - {clause}" for clause in differences),
    ]
    if trouble:
        text += ["", f"It could not leave without them: {trouble}"]
    numbers = " ".join(str(closure.story) for closure in closures)
    text += [
        "",
        *_links(settings, number),
        f"Drop them:   emag issue drop {number} {numbers}",
        f"Approve it:  emag issue approve {number}, then emag issue send {number}",
    ]
    _notify(conn, settings, before, f"Issue {number} is held: a story is over", text, now=now)


def _reasons(closures: Sequence[Closure]) -> list[str]:
    return [f"  - “{closure.title}” is {closure.reason}" for closure in closures]


def _links(settings: Settings, number: int) -> list[str]:
    return [f"Look at it:  {settings.base_url}/desk/issues/{number}/review"]


def _notify(
    conn: Connection,
    settings: Settings,
    before: Issue,
    subject: str,
    text: Sequence[str],
    *,
    now: datetime,
) -> None:
    key = f"recheck-{before.number}-{before.document_hash[:16]}-{now:%Y%m%d%H%M}"
    body = "\n".join(text) + "\n"
    notice.notify_editors(conn, settings=settings, key=key, subject=subject, text=body, now=now)
