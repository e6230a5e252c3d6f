"""Sends approved issues on time, and holds or skips those that nobody approved."""

from collections.abc import Iterator
from datetime import datetime
from threading import Event

from emag.dates.store import between
from emag.desk.recheck import RecheckResult, recheck
from emag.issues import life, store
from emag.issues.issue import Issue, Move, Status, spoken
from emag.mailing.delivery import DeliveryStatus
from emag.mailing.sending import address, deliver, ledger
from emag.newsroom import Newsroom
from emag.schedule import notify, runs
from emag.schedule.drafting import TIMETABLE, approve_alone
from emag.schedule.line import counted
from emag.schedule.timetable import LOOK_BACK, ON_RECORD, draft_key, late, sends_due

_SUMS = tuple(status.value for status in DeliveryStatus)


def deadlines(newsroom: Newsroom, _stop: Event | None = None) -> Iterator[str]:
    """Holds or skips issues that are due and not approved; reports a send without an issue."""
    now = newsroom.now()
    with newsroom.database.reading() as conn:
        open_ = store.listing(conn, Status.DRAFT, Status.IN_REVIEW)
    for issue in open_:
        if issue.send_at and issue.send_at <= now:
            yield _unapproved(newsroom, issue)
    yield from _missed(newsroom)


def starts(newsroom: Newsroom, _stop: Event | None = None) -> Iterator[str]:
    """Starts the issues that are due."""
    with newsroom.database.reading() as conn:
        approved = store.listing(conn, Status.APPROVED)
    for issue in approved:
        if issue.send_at and issue.send_at <= newsroom.now():
            yield from _start(newsroom, issue, issue.send_at)


def sends(newsroom: Newsroom, stop: Event | None = None) -> Iterator[str]:
    """Goes on with the issues that are being sent."""
    with newsroom.database.reading() as conn:
        unfinished = ledger.unfinished(conn)
    failed = None
    for number in unfinished:
        try:
            yield from _deliver(newsroom, number, stop)
        except Exception as error:  # noqa: BLE001 - raised below: one issue must not hold up another
            failed = error
    if failed:
        raise failed


def _start(newsroom: Newsroom, issue: Issue, send_at: datetime) -> Iterator[str]:
    number, now = issue.number, newsroom.now()
    if late(send_at, now, newsroom.settings.schedule.max_lateness):
        _move(newsroom, issue, Move.HOLD)
        notify.held_back(newsroom, issue)
        yield f"Issue {number} is held: its time has passed"
        return
    checked = recheck(newsroom, number)
    if checked.sentence:
        yield checked.sentence
    if checked.outcome is RecheckResult.LEAVES:
        planned = address.address(newsroom.database, number, now=newsroom.now(), by=TIMETABLE)
        yield f"Issue {number} goes out to {counted(planned, 'reader')}"


def _unapproved(newsroom: Newsroom, issue: Issue) -> str:
    schedule, trouble = newsroom.settings.schedule, ""
    assert issue.send_at
    on_time = not late(issue.send_at, newsroom.now(), schedule.max_lateness)
    if schedule.approval == "automatic" and on_time:
        trouble = approve_alone(newsroom, issue)
        if not trouble:
            return f"Issue {issue.number} was approved"
    skipped = schedule.if_unapproved == "skip"
    _move(newsroom, issue, Move.SKIP if skipped else Move.HOLD)
    notify.unapproved(newsroom, issue, skipped=skipped, trouble=trouble)
    return f"Issue {issue.number} is {'skipped' if skipped else 'held'}: nobody approved it"


def _deliver(newsroom: Newsroom, number: int, stop: Event | None) -> Iterator[str]:
    """Sends one round of an issue. Deferred messages are tried in a later round."""
    database = newsroom.database
    with database.reading() as conn:
        before = store.get(conn, number)
        addressed = ledger.addressed(conn, number)
    if addressed is None:  # the command that started it was stopped before
        address.address(database, number, now=newsroom.now(), by=TIMETABLE)
    counts = deliver.deliver(
        newsroom.sender,
        number,
        settings=newsroom.settings,
        keys=newsroom.keys,
        stop=stop,
        wait=False,
    )
    with database.reading() as conn:
        status = store.get(conn, number).status
    if status is Status.SENT and before.status is not Status.SENT:
        notify.is_sent(newsroom, before, counts)
    sums = ", ".join(f"{counts[name]} {name}" for name in _SUMS if counts[name]) or "no readers"
    yield f"Issue {number} is {spoken(status)}: {sums}"


def _missed(newsroom: Newsroom) -> Iterator[str]:
    """Reports once each send without an issue, unless the missing stories were reported already."""
    now = newsroom.now()
    schedule = newsroom.settings.schedule
    rhythm = " | ".join(map(str, [*schedule.send, schedule.every, schedule.start]))
    begun = runs.begun(newsroom.database, rhythm, now=now)
    with newsroom.database.reading() as conn:
        ran = runs.finished(conn, since=now - ON_RECORD)
        entries = between(conn, newsroom.settings, after=now - LOOK_BACK, until=now)
        due = sends_due(entries, now=now, ran=ran, begun=begun)
        issues = store.listing(conn) if due else []
        dates = {issue.local_date for issue in issues if not issue.is_special}
    for run in due:
        if not runs.claim(newsroom.database, run.key, now=now):
            continue
        has_issue = run.local_date in dates
        drafted = run.on is not None and draft_key(run.on) in ran
        if not has_issue and not drafted:
            notify.missed(newsroom, run)
            yield f"Nothing was sent on {run.local_date}: there was no issue"
        outcome = "There was an issue" if has_issue else "There was no issue"
        runs.finish(newsroom.database, run.key, outcome, now=now)


def _move(newsroom: Newsroom, issue: Issue, move: Move) -> None:
    with newsroom.database.transaction() as conn:
        life.move(conn, issue.number, move, now=newsroom.now(), by=TIMETABLE)
