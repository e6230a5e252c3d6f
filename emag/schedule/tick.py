"""Runs one round of the timetable: every stage that is due, each independent of the others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

from emag.alerts import store as alerts
from emag.alerts.hand_over import hand_over
from emag.audit import seal
from emag.content import gather
from emag.content.links import asking
from emag.content.pictures import fetching
from emag.database_faults import explain
from emag.desk import outside
from emag.editors import sign_in_retention
from emag.errors import DatabaseError, EmagError
from emag.logbook import ERRORS
from emag.mailing.letters import post
from emag.mailing.returns import collect, reports
from emag.mailing.sending import condense
from emag.newsroom import Newsroom
from emag.schedule import notify, runs
from emag.schedule.backups import backups
from emag.schedule.database_notices import database_notices
from emag.schedule.drafting import GATHER, drafts, fetch_pictures
from emag.schedule.line import TickLine, counted
from emag.schedule.reminders import reminders
from emag.schedule.reputation import reputation
from emag.schedule.sending import deadlines, sends, starts
from emag.schedule.skipping import skips
from emag.schedule.source_notices import source_notices
from emag.schedule.watch import watch
from subscribers import membership

DAY = timedelta(days=1)
SWEEP = ("sweep", "")
CONDENSE = ("condense", "")
BEAT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of work. `run` yields a line for each result; `name` completes “Could not …”.

    What goes `by_the_clock` waits while it is in doubt whether the clock is right.
    """

    name: str
    run: Callable[[Newsroom, Event | None], Iterable[str | TickLine]]
    by_the_clock: bool = False


def tick(
    newsroom: Newsroom, *, stages: Iterable[Stage] | None = None, stop: Event | None = None
) -> list[str]:
    """Does everything that is due; returns a line for each result. Never raises."""
    return [line.text for line in results(newsroom, ALL if stages is None else stages, stop=stop)]


def results(
    newsroom: Newsroom, stages: Iterable[Stage], *, stop: Event | None = None
) -> Iterator[TickLine]:
    """Does everything that is due, and yields each result when it is there. Never raises.

    A stage that fails gives a line too, and stops no other. The next round tries it again.
    """
    for stage in stages:
        if stop and stop.is_set():
            break
        if stage.by_the_clock and newsroom.condition.jump:
            continue
        yield from _guarded(stage, newsroom, stop)


def _guarded(stage: Stage, newsroom: Newsroom, stop: Event | None) -> Iterator[TickLine]:
    try:
        for line in stage.run(newsroom, stop):
            yield line if isinstance(line, TickLine) else TickLine(line)
    except EmagError as error:
        refusal = str(error) if isinstance(error, DatabaseError) else ""
        yield TickLine(f"Could not {stage.name}: {error}", is_fault=True, refusal=refusal)
    except Exception as error:  # noqa: BLE001 - no fault may stop the timetable
        # The error's text is not shown: it may hold an address.
        refusal = explain(error) or ""
        reason = refusal or f"there is a fault in emag, see {ERRORS}"
        text = f"Could not {stage.name}: {reason}"
        yield TickLine(text, is_fault=True, error=error, refusal=refusal)


def _gather(newsroom: Newsroom, _stop: Event | None) -> Iterator[str | TickLine]:
    now = newsroom.now()
    every = newsroom.settings.schedule.gather
    if newsroom.sources and runs.claim_every(newsroom.database, GATHER, every, now=now):
        read = gather.gather(newsroom.database, newsroom.sources, now=now, pages=newsroom.pages)
        runs.finish(newsroom.database, GATHER, "", now=newsroom.now())
        stories = counted(sum(r.new for r in read), "new story", "new stories")
        yield f"Gathered {stories} from {counted(len(read), 'source')}"
        lines = (f"Source {r.name}: {r.error}" for r in read if not r.ok)
        yield from (TickLine(line, is_fault=True) for line in lines)
        fetch_pictures(newsroom, with_pool=True)


def _pictures(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    """Fetches what editors have asked for since: own pictures, promos, stories of the pool."""
    if fetched := fetch_pictures(newsroom):
        yield f"Fetched {fetched} pictures"


def _links(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    """Asks the links of unsent issues and the domain's DNS, so that no page waits for them."""
    answered = outside.ask_for_unsent(
        newsroom.database, newsroom.settings, newsroom.outside, now=newsroom.now()
    )
    if answered:
        yield f"Asked {answered} links"


def _skips(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    yield from skips(newsroom)


def _drafts(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    yield from drafts(newsroom)


def _mailbox(newsroom: Newsroom, stop: Event | None) -> Iterator[str]:
    every, database = newsroom.settings.mailbox.every, newsroom.database
    if newsroom.mailbox is None or newsroom.bounces is None:
        return
    if runs.claim_every(database, runs.MAILBOX, every, now=newsroom.now()):
        try:
            outcome = collect.collect(database, newsroom.mailbox, newsroom.bounces, stop=stop)
        except EmagError as error:
            runs.finish(database, runs.MAILBOX, str(error), now=newsroom.now())
            raise
        runs.finish(database, runs.MAILBOX, "", now=newsroom.now())
        runs.claim_every(database, runs.MAILBOX_READ, timedelta(0), now=newsroom.now())
        if outcome.read:
            yield f"Read {outcome.read} returned mails with {outcome.reports} reports on messages"


def _events(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    applied = reports.apply(newsroom.database, keys=newsroom.keys, now=newsroom.now())
    if applied:
        yield f"Applied {applied} reports"


def _letters(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    posted = post.post_letters(
        newsroom.database,
        transport=newsroom.transport,
        settings=newsroom.settings,
        keys=newsroom.keys,
        now=newsroom.now(),
    )
    if posted:
        yield f"Posted {counted(posted, 'letter')}"


def _condense(newsroom: Newsroom, stop: Event | None) -> Iterator[str]:
    """Deletes who got old issues, a few rows at a time; once a day, at whatever hour."""
    now, period = newsroom.now(), newsroom.settings.privacy.deliveries
    if period and runs.claim_every(newsroom.database, CONDENSE, DAY, now=now):
        before = now - period
        numbers = list(condense.condense(newsroom.database, before=before, now=now, stop=stop))
        runs.finish(newsroom.database, CONDENSE, "", now=newsroom.now())
        if numbers:
            yield f"Forgot who got {len(numbers)} old issues; the counts are kept"


def _backups(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    yield from backups(newsroom)


def _alerts(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    if not newsroom.alerts:
        return
    title = newsroom.settings.publication.title
    sent = hand_over(newsroom.database, newsroom.alerts, publication=title, now=newsroom.now())
    if sent:
        yield f"Handed over {counted(sent, 'alert')}"


def _beat(newsroom: Newsroom, _stop: Event | None) -> Iterable[str]:
    """Records a sign of life for /healthz and /metrics."""
    if runs.claim_every(newsroom.database, runs.BEAT, BEAT, now=newsroom.now()):
        newsroom.database.scrub()  # removes from the file what readers erased on the pages
    return ()


def _sweep(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    now = newsroom.now()
    if runs.claim_every(newsroom.database, SWEEP, DAY, now=now):
        with newsroom.database.transaction() as conn:
            alerts.forget(conn, now=now)
            swept = membership.sweep(conn, newsroom.keys, now=now, periods=_periods(newsroom))
        sign_in_retention.forget(newsroom.database, now=now)
        fetching.forget(newsroom.database, now=now)
        asking.forget(newsroom.database, now=now)
        runs.finish(newsroom.database, SWEEP, "", now=newsroom.now())
        if swept.lapsed:
            yield f"Forgot {swept.lapsed} sign-ups that nobody confirmed"
        if swept.forgotten:
            yield f"Forgot {counted(swept.forgotten, 'reader')} who unsubscribed long ago"
        if swept.networks:
            yield f"Forgot from where {swept.networks} sign-ups came"


def _seal(newsroom: Newsroom, _stop: Event | None) -> Iterable[str]:
    return seal.seal(newsroom.database, newsroom.keys)


def _periods(newsroom: Newsroom) -> membership.Periods:
    privacy = newsroom.settings.privacy
    return membership.Periods(privacy.evidence, privacy.network_addresses, privacy.unconfirmed)


def _flood(newsroom: Newsroom, _stop: Event | None) -> Iterator[str]:
    with newsroom.database.reading() as conn:
        flood = membership.find_flood(conn)
    if flood and flood.held and notify.flood(newsroom, flood):
        yield f"Sign-ups spike: {flood.held} confirmations are held until an editor has looked"


# The lanes must not wait for each other: a send may take hours, a source minutes, a mailbox as long
# as its time-out, and a reader who signs up looks for the confirmation at once.
DESK = (
    Stage("gather", _gather),
    Stage("report on the sources", source_notices),
    Stage("follow the calendar", _skips, by_the_clock=True),
    Stage("draft", _drafts, by_the_clock=True),
    Stage("fetch pictures", _pictures),
    Stage("ask the links", _links),
    Stage("remind the editors", reminders, by_the_clock=True),
    Stage("decide on unapproved issues", deadlines, by_the_clock=True),
)
POST = (
    Stage("apply reports", _events),
    Stage("watch the sign-ups", _flood),
    Stage("watch complaints and refusals", reputation),
    Stage("look for what stands still", watch),
    Stage("post letters", _letters),
    Stage("hand over alerts", _alerts),
    Stage("tell of the database", database_notices),
    Stage("forget what need not be kept", _sweep, by_the_clock=True),
    Stage("seal the audit record", _seal),
    Stage("leave a sign of life", _beat),
)
SENDING = (
    Stage("begin to send", starts, by_the_clock=True),
    Stage("send", sends),
)
RETURNS = (
    Stage("read the mailbox", _mailbox),
    Stage("make a backup", _backups),
    Stage("forget who got old issues", _condense, by_the_clock=True),
)
ALL = (*DESK, *SENDING, *RETURNS, *POST)
