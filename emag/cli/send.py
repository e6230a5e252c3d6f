"""An issue leaves: send, pause, resume, cancel."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, IssueArgument, login_name, now
from emag.cli.issue import PLANNED, issue_data, print_counts
from emag.cli.signals import stop_requested
from emag.errors import WrongMove

if TYPE_CHECKING:
    from emag.issues.issue import Issue
    from emag.newsroom import Newsroom

DONE = ("accepted", "refused", "doubtful", "skipped")
BESIDE = ("deferred", "refused", "doubtful", "skipped")
# “emag serve” waits for a mail server that is away. A person at a terminal does not.
AWAY = timedelta(seconds=30)


def send(
    call: Call,
    which: IssueArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Render for every reader, send nothing.")
    ] = False,
) -> None:
    """Send it now, in the foreground; Ctrl-C pauses it. Goes on after a breakdown."""
    from emag.issues import store

    with call.newsroom() as newsroom:
        with newsroom.database.reading() as conn:
            issue = store.get(conn, which)
        if dry_run:
            _rehearse(call, newsroom, issue.number)
        else:
            _sendable(newsroom, issue)
            if not yes and sys.stdin.isatty():
                _confirm(call, newsroom, issue)
            _send(call, newsroom, issue.number)


def pause(call: Call, which: IssueArgument) -> None:
    """Stop sending after the messages under way; “resume” goes on."""
    _move(call, which, "pause", "is paused")


def resume(call: Call, which: IssueArgument) -> None:
    """Let a paused issue go on: “emag serve” or “issue send” does the rest."""
    _move(call, which, "resume", "goes on")


def cancel(
    call: Call, which: IssueArgument, yes: Annotated[bool, typer.Option("--yes", "-y")] = False
) -> None:
    """End an issue for good: who has not had it yet never will."""
    from emag.issues import store
    from emag.mailing.sending import deliver

    if not yes and sys.stdin.isatty() and not call.confirm("Cancel it for good?"):
        raise WrongMove("Nothing was cancelled")
    with call.database() as (_, database):
        with database.reading() as conn:
            number = store.get(conn, which).number
        issue = deliver.cancel(database, number, now=now(), by=login_name())
    call.output(issue_data(issue), f"Issue {number} is cancelled")


def _sendable(newsroom: "Newsroom", issue: "Issue") -> None:
    """An approved issue, one that a breakdown stopped, or one with copies to be sent again."""
    from emag.issues.issue import Status, spoken
    from emag.mailing.sending import ledger

    number = issue.number
    if issue.status is Status.SENT:
        with newsroom.database.reading() as conn:
            if number not in ledger.unfinished(conn):
                raise WrongMove(f"Issue {number} is sent already")
    elif issue.status is Status.PAUSED:
        raise WrongMove(f"Issue {number} is paused: run “emag issue resume {number}” first")
    elif issue.status is Status.CANCELLED:
        raise WrongMove(f"Issue {number} is cancelled, and is not sent any more")
    elif issue.status not in {Status.APPROVED, Status.SENDING}:
        raise WrongMove(
            f"Issue {number} is {spoken(issue.status)}, and only an approved one is sent: "
            f"run “emag issue approve {number}” first"
        )


def _confirm(call: Call, newsroom: "Newsroom", issue: "Issue") -> None:
    from subscribers import roll

    with newsroom.database.reading() as conn:
        readers = output.count_text(roll.counts(conn)["active"], "reader")
    if not call.confirm(f"Send “{issue.subject}” to {readers} by {newsroom.transport.name}?"):
        raise WrongMove(f"Issue {issue.number} was not sent")


def _send(call: Call, newsroom: "Newsroom", number: int) -> None:
    from emag.mailing.sending import address, deliver

    address.address(newsroom.database, number, now=newsroom.now(), by=login_name())
    away = Away(newsroom, number)
    with stop_requested() as stop, _bar(f"Issue {number}") as shown:

        def progress(counts: Mapping[str, int]) -> None:
            shown(counts)
            if away.look(counts):
                stop.set()

        counts = deliver.deliver(
            newsroom.database,
            number,
            transport=newsroom.transport,
            settings=newsroom.settings,
            keys=newsroom.keys,
            now=newsroom.now,
            stop=stop,
            progress=progress,
        )
        by_hand = stop.is_set() and not away.why
    _tell(call, newsroom, number, counts, by_hand=by_hand)
    if away.why:
        call.note(f"{away.why}; nobody is lost, and “emag issue send {number}” goes on")
        raise typer.Exit(1)


class Away:
    """Notices that nothing leaves any more, and `why`: the mail server cannot be reached."""

    def __init__(self, newsroom: "Newsroom", number: int) -> None:
        self._newsroom, self._number = newsroom, number
        self._done, self._since = -1, newsroom.now()
        self.why = ""

    def look(self, counts: Mapping[str, int]) -> bool:
        from emag.mailing.sending import ledger

        done, now = sum(counts[name] for name in (*DONE, "deferred")), self._newsroom.now()
        if done != self._done:
            self._done, self._since = done, now
        if counts["queued"] and now - self._since > AWAY:
            with self._newsroom.database.reading() as conn:
                waiting = next(ledger.listing(conn, self._number, status="queued"), None)
            self.why = waiting.reason if waiting else ""
        return bool(self.why)


def _tell(
    call: Call, newsroom: "Newsroom", number: int, counts: dict[str, int], *, by_hand: bool
) -> None:
    from emag.issues import life, store
    from emag.issues.issue import Move, Status
    from emag.mailing.sending import deliver, ledger

    with newsroom.database.transaction() as conn:
        issue = store.get(conn, number)
        due = ledger.next_due(conn, number)
        if by_hand and issue.status is Status.SENDING:
            issue = life.move(conn, number, Move.PAUSE, now=newsroom.now(), by=login_name())
        by = life.history(conn, number)[-1].by
    print_counts(call, issue, counts)
    if issue.status is Status.PAUSED:
        refused = f" by {by}, which refuses us: “emag deliveries {number}” tells why"
        goes_on = f"“emag issue resume {number}” and then “emag issue send {number}” goes on"
        call.note(f"Issue {number} is paused{refused if by == deliver.SERVER else ''}; {goes_on}")
        raise typer.Exit(1)
    if issue.status in {Status.SENDING, Status.SENT} and counts["deferred"] and due:
        when = output.time_text(due, newsroom.settings.publication.zone)
        deferred = output.count_text(counts["deferred"], "reader")
        call.note(
            f"The mail server put off {deferred} until {when}: “emag serve” tries again then, "
            f"and so does “emag issue send {number}”"
        )
    if issue.status is Status.SENDING and counts["queued"] and newsroom.settings.transport.warm_up:
        rest = output.count_text(counts["queued"], "reader")
        call.note(f"transport.warm_up has a limit for each day: serve, or send it to {rest} then")


def _rehearse(call: Call, newsroom: "Newsroom", number: int) -> None:
    from emag.mailing.sending import deliver

    with stop_requested() as stop, _bar(f"Issue {number}, rehearsed") as progress:
        found = deliver.rehearse(
            newsroom.database,
            number,
            settings=newsroom.settings,
            keys=newsroom.keys,
            now=newsroom.now,
            stop=stop,
            progress=progress,
        )
    call.output(
        {"number": number, "dry_run": True} | found,
        f"Issue {number} was rendered for {output.count_text(found['rendered'], 'reader')} and "
        f"sent to none: {found['bytes']:,} bytes in all, {found['largest']:,} the largest",
        *_by_topics(found),
    )
    for fault in found["faults"]:
        call.note(fault)
    if found["faults"]:
        raise typer.Exit(1)


def _by_topics(found: Mapping[str, Any]) -> Iterator[str]:
    """Who would get what, where not all would get the same."""
    variants, nothing = found["variants"], found["nothing"]
    for variant in variants if nothing or len(variants) > 1 else []:
        topics = " and ".join(variant["topics"]) or "only what is for everybody"
        what = f"all of it ({topics})" if variant["all"] else topics
        yield f"  {output.count_text(variant['readers'], 'reader')}: {what}"
    if nothing:
        yield f"  {output.count_text(nothing, 'reader')}: no mail, it has no story of their topics"


@contextmanager
def _bar(what: str) -> Iterator[Callable[[Mapping[str, int]], None]]:
    with output.progress_bar(sys.stderr, what) as bar:

        def progress(counts: Mapping[str, int]) -> None:
            total = sum(counts.get(name, 0) for name in PLANNED)
            beside = {name: counts.get(name, 0) for name in BESIDE}
            bar.at(sum(counts.get(name, 0) for name in DONE), total, **beside)

        yield progress


def _move(call: Call, which: str, name: str, said: str) -> None:
    from emag.issues import life, store
    from emag.issues.issue import Move

    move = Move(name)
    with call.database() as (_, database), database.transaction() as conn:
        number = store.get(conn, which).number
        issue = life.move(conn, number, move, now=now(), by=login_name())
    call.output(issue_data(issue), f"Issue {number} {said}")
