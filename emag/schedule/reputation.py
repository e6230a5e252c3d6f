"""Watches what harms the sender's name: complaints, and refusals for policy."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event

from emag.issues import life, store
from emag.issues.issue import Issue, Move, Status
from emag.mailing.event import EventKind
from emag.mailing.refusal.verdict import verdict
from emag.mailing.returns import reports
from emag.mailing.sending import deliver, ledger, results
from emag.mailing.sending.results import ReasonCount
from emag.newsroom import Newsroom
from emag.schedule import notify, runs
from emag.schedule.line import TickLine
from emag.settings.alerts import PAUSES_AT

EVERY = timedelta(seconds=20)
RECENT = timedelta(days=7)  # reports on an issue come in its first days
REASONS = 3  # reasons in the letter
_LOOK = ("reputation", "")


def reputation(newsroom: Newsroom, _stop: Event | None = None) -> Iterator[TickLine]:
    """Tells of complaints and refusals of recent issues, and pauses a sending at 0.3 percent."""
    now, database = newsroom.now(), newsroom.database
    with database.reading() as conn:
        looked_at, _ = runs.started(conn, _LOOK)
    if not runs.claim_every(database, _LOOK, EVERY, now=now):
        return
    with database.reading() as conn:
        applied_at = reports.last_applied_at(conn)
        issues = store.leaving_since(conn, now - RECENT)
    has_news = looked_at is None or (applied_at is not None and applied_at >= looked_at)
    for issue in issues:
        if has_news or issue.status is Status.SENDING or _has_moved(newsroom, issue, looked_at):
            for sentence in (*_complaints(newsroom, issue, now=now), *_refusals(newsroom, issue)):
                yield TickLine(sentence, is_fault=True)


def _has_moved(newsroom: Newsroom, issue: Issue, looked_at: datetime | None) -> bool:
    """True if a copy has left or was refused since: deferred ones are tried for a day."""
    with newsroom.database.reading() as conn:
        moved_at = ledger.last_outcome_at(conn, issue.number)
    return looked_at is None or bool(moved_at and moved_at >= looked_at)


def share(counts: Mapping[str, int]) -> float:
    """Complaints in percent of an issue's accepted copies."""
    accepted = counts["accepted"]
    return 100 * counts["complained"] / accepted if accepted else 0.0


def _complaints(newsroom: Newsroom, issue: Issue, *, now: datetime) -> Iterator[str]:
    limit, number = newsroom.settings.alerts.complaints, issue.number
    with newsroom.database.reading() as conn:
        counts = ledger.counts(conn, number)
    percent = share(counts)
    if not limit or not counts["complained"] or percent < min(limit, PAUSES_AT):
        return
    sentence = (
        f"{counts['complained']:,} of {counts['accepted']:,} readers who got issue {number} have "
        f"called it spam: {percent:.2g} %"
    )
    is_paused = percent >= PAUSES_AT and _pause(newsroom, number, sentence, now=now)
    if is_paused:
        yield f"Issue {number} is paused: {sentence}"
    key = f"complaints-{number}{'-paused' if percent >= PAUSES_AT else ''}"
    lines = [f"{sentence}.", "", *_advice(newsroom, number, percent)]
    if notify.trouble(newsroom, key, f"Readers complain of issue {number}", lines):
        yield from () if is_paused else (sentence,)


def _pause(newsroom: Newsroom, number: int, reason: str, *, now: datetime) -> bool:
    """Pauses a sending once: who resumes it has decided."""
    with newsroom.database.transaction() as conn:
        steps = life.history(conn, number)
        is_sending = ledger.issue_status(conn, number, lock=True) is Status.SENDING
        if not is_sending or any(step.by == deliver.COMPLAINTS for step in steps):
            return False
        by = deliver.COMPLAINTS
        life.move(conn, number, Move.PAUSE, now=now, by=by, reason=reason)
        return True


def _advice(newsroom: Newsroom, number: int, percent: float) -> Iterator[str]:
    with newsroom.database.reading() as conn:
        status = store.get(conn, number).status
    yield "Mailbox providers put mail into the spam folder or refuse it from 0.1 to 0.3 % on."
    if percent >= PAUSES_AT and status is Status.PAUSED:
        yield f"So the sending is paused. To go on all the same: emag issue resume {number}"
        yield f"To end it: emag issue cancel {number}"
    yield "Look at whom you added last, and whether they had asked for it: emag subscriber imports"
    yield f"See them by domain: emag issue report {number}"


def _refusals(newsroom: Newsroom, issue: Issue) -> Iterator[str]:
    """Tells of refusals for policy: of the first one, and whenever there are ten times as many."""
    number = issue.number
    with newsroom.database.reading() as conn:
        reasons = [*results.refusals(conn, number), *results.bounces(conn, number)]
    for_policy = [entry for entry in reasons if is_for_policy(entry.reason)]
    count = sum(entry.count for entry in for_policy)
    if not count:
        return
    key = f"policy-{number}-{len(str(count))}"
    if notify.trouble(newsroom, key, f"Mail servers refuse issue {number}", [*_lines(for_policy)]):
        copies = "1 copy" if count == 1 else f"{count:,} copies"
        yield f"Refused for policy: {copies} of issue {number}"


def is_for_policy(reason: str) -> bool:
    """True for a refusal that is about us, or about what we send."""
    return verdict(reason)[0] is EventKind.POLICY


def _lines(reasons: Sequence[ReasonCount]) -> Iterator[str]:
    count = sum(entry.count for entry in reasons)
    copies = "1 copy was" if count == 1 else f"{count:,} copies were"
    yield f"{copies} refused for policy, not because of the reader. The mail servers say:"
    yield ""
    for entry in sorted(reasons, key=lambda entry: -entry.count)[:REASONS]:
        yield f"  - {entry.count:,} × {entry.reason}"
    yield ""
    yield "No reader is taken off the list for it. Look for a link in the server's words, check the"
    yield "domain with “emag doctor”, and see whether your relay's address is on a block list."
