"""Send an issue, pause it, resume it, cancel it, and settle its doubtful deliveries."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from emag.database import Database
from emag.desk.progress import SendingProgress, progress, unreachable
from emag.errors import DocumentChanged, WrongMove
from emag.issues import life, store
from emag.issues.issue import Issue, Move, Status, after, refusal, spoken
from emag.mailing.sending import address, deliver, doubtful, ledger, recipients
from emag.mailing.sending.doubtful import Decision

if TYPE_CHECKING:
    from emag.newsroom import Newsroom
    from emag.settings import Settings

OUTAGE = timedelta(seconds=30)  # without any outcome; then a sending by hand gives up for now

Watch = Callable[[Mapping[str, int]], None]


def audience(database: Database, which: int | str, *, now: datetime) -> int:
    """How many readers would get the issue if it were sent now. Raises NotFound."""
    with database.reading() as conn:
        return recipients.count(conn, store.get(conn, which).number, now=now)


def sendable(database: Database, which: int | str) -> Issue:
    """The issue, if it may be sent now: approved, stopped half-way, or with copies to send again.

    Raises NotFound, and WrongMove with what to do instead.
    """
    with database.reading() as conn:
        issue = store.get(conn, which)
        is_finished = issue.number not in ledger.unfinished(conn)
    number, status = issue.number, issue.status
    if status is Status.SENT and is_finished:
        raise WrongMove(f"Issue {number} is sent already")
    if status is Status.PAUSED:
        raise WrongMove(f"Issue {number} is paused: run “emag issue resume {number}” first")
    if status is Status.CANCELLED:
        raise WrongMove(f"Issue {number} is cancelled: it can no longer be sent")
    if status not in {Status.APPROVED, Status.SENDING, Status.SENT}:
        raise WrongMove(
            f"Issue {number} cannot be sent, because it is not approved: "
            f"run “emag issue approve {number}” first"
        )
    return issue


def send_now(
    database: Database, which: int | str, *, expected: str, now: datetime, by: str
) -> Issue:
    """Lets an approved issue leave at once: the engine starts it in its next round.

    Its approval stands: only the time is another one. `expected` is the hash of the approved
    document that the person looked at. Raises NotFound, WrongMove for an issue that is not
    approved, and DocumentChanged.
    """
    from emag.issues import acts

    sendable(database, which)
    with database.transaction() as conn:
        issue = store.get(conn, which)
        if issue.status is not Status.APPROVED:
            raise WrongMove(f"Issue {issue.number} is {spoken(issue.status)} already.")
        if issue.document_hash != expected:
            raise DocumentChanged(
                f"Issue {issue.number} was approved anew since you looked at it: look at it again.",
                differences=(),
                hash=issue.document_hash,
            )
        acts.leave_now(conn, issue, now=now, by=by)
        return store.get(conn, issue.number)


def cancellable(database: Database, which: int | str) -> Issue:
    """The issue, if it can still be cancelled. Raises NotFound and WrongMove."""
    with database.reading() as conn:
        issue = store.get(conn, which)
    if after(issue.status, Move.CANCEL) is None:
        raise WrongMove(refusal(issue.number, issue.status, Move.CANCEL))
    return issue


def start(
    newsroom: "Newsroom",
    which: int | str,
    *,
    by: str,
    stop: Event,
    watch: Watch = lambda _: None,
    wait: bool = False,
) -> SendingProgress:
    """Sends an issue until nothing is queued or in flight; with `wait`, also the deferred ones.

    `stop` pauses the issue after the messages under way. A mail server that cannot be reached ends
    it after `OUTAGE`, unless `wait` is set; the messages stay queued. `watch` is given the counts
    now and then. Raises WrongMove if the issue may not be sent, or if a story of it is over.
    """
    database = newsroom.database
    issue = sendable(database, which)
    number, remark = issue.number, _recheck(newsroom, issue)
    address.address(database, number, now=newsroom.now(), by=by)
    outage = Outage(newsroom, number)

    def watch_outage(counts: Mapping[str, int]) -> None:
        watch(counts)
        if not wait and outage.lasts(counts):
            stop.set()

    deliver.deliver(
        newsroom.sender,
        number,
        settings=newsroom.settings,
        keys=newsroom.keys,
        stop=stop,
        progress=watch_outage,
        retry=wait,
    )
    if stop.is_set() and not outage.reason:
        _pause_unfinished(database, number, now=newsroom.now(), by=by)
    result = progress(database, newsroom.settings, number)
    result = replace(result, remark=remark)
    return replace(result, waits=outage.reason, is_stuck=True) if outage.reason else result


def _recheck(newsroom: "Newsroom", issue: Issue) -> str:
    """What was changed because a story is over, in a sentence. Raises WrongMove if it cannot go."""
    if issue.status is not Status.APPROVED or not issue.picks:
        return ""
    from emag.desk.recheck import RecheckResult, recheck

    checked = recheck(newsroom, issue.number)
    if checked.outcome is not RecheckResult.LEAVES:
        raise WrongMove(f"{checked.sentence}.")
    return checked.sentence


class Outage:
    """Notices that nothing has left for `OUTAGE`. `reason` then says why, in one sentence."""

    def __init__(self, newsroom: "Newsroom", number: int) -> None:
        self._newsroom, self._number = newsroom, number
        self._outcomes, self._since = -1, newsroom.now()
        self.reason = ""

    def lasts(self, counts: Mapping[str, int]) -> bool:
        now = self._newsroom.now()
        outcomes = counts["planned"] - counts["queued"] - counts["inflight"]
        if outcomes != self._outcomes:
            self._outcomes, self._since = outcomes, now
        if counts["queued"] and now - self._since > OUTAGE:
            with self._newsroom.database.reading() as conn:
                self.reason = unreachable(conn, self._number)
        return bool(self.reason)


def pause(database: Database, which: int | str, *, now: datetime, by: str) -> Issue:
    """Stops the sending after the messages under way. Raises NotFound and WrongMove."""
    return _move(database, which, Move.PAUSE, now=now, by=by)


def resume(database: Database, which: int | str, *, now: datetime, by: str) -> Issue:
    """Lets a paused issue be sent again. Raises NotFound and WrongMove."""
    return _move(database, which, Move.RESUME, now=now, by=by)


def hold(
    database: Database, settings: "Settings", which: int | str, *, now: datetime, by: str
) -> Issue:
    """Keeps a whole issue from leaving until somebody approves it, and tells the other editors.

    An approval is void then, and the stories may come into the next issue. Raises NotFound and
    WrongMove.
    """
    return _keep_back(database, settings, which, Move.HOLD, now=now, by=by)


def reopen(
    database: Database, settings: "Settings", which: int | str, *, now: datetime, by: str
) -> Issue:
    """Makes a held or approved issue a draft again, and tells the other editors.

    Raises NotFound and WrongMove.
    """
    return _keep_back(database, settings, which, Move.REOPEN, now=now, by=by)


def _keep_back(
    database: Database,
    settings: "Settings",
    which: int | str,
    step: Move,
    *,
    now: datetime,
    by: str,
) -> Issue:
    with database.transaction() as conn:
        before = store.get(conn, which)
        issue = life.move(conn, before.number, step, now=now, by=by)
        if issue.status is not before.status:
            from emag.desk.colleagues import tell_of_stop

            tell_of_stop(conn, settings, before, issue, by=by, now=now)
        return issue


def cancel(database: Database, which: int | str, *, now: datetime, by: str) -> Issue:
    """Ends an issue for good. Readers who do not have it yet never get it.

    Raises NotFound and WrongMove.
    """
    return deliver.cancel(database, _number(database, which), now=now, by=by)


def settle(
    database: Database,
    which: int | str,
    decision: Decision,
    *,
    addresses: Collection[str] = (),
    now: datetime,
    by: str,
) -> tuple[int, int]:
    """Settles an issue's doubtful deliveries, all or those to `addresses`.

    Returns the issue's number and how many were settled. Raises NotFound and WrongMove.
    """
    number = _number(database, which)
    count = doubtful.settle(database, number, decision, addresses=addresses, now=now, by=by)
    return number, count


def _move(database: Database, which: int | str, step: Move, *, now: datetime, by: str) -> Issue:
    with database.transaction() as conn:
        return life.move(conn, store.get(conn, which).number, step, now=now, by=by)


def _pause_unfinished(database: Database, number: int, *, now: datetime, by: str) -> None:
    with database.transaction() as conn:
        if ledger.issue_status(conn, number, lock=True) is Status.SENDING:
            life.move(conn, number, Move.PAUSE, now=now, by=by)


def _number(database: Database, which: int | str) -> int:
    with database.reading() as conn:
        return store.get(conn, which).number
