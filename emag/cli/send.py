"""The commands that send an issue: send, pause, resume, cancel, status."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, EditorOption, IssueArgument, editor_name, now
from emag.cli.issue import issue_data
from emag.cli.sending_output import (
    PLANNED,
    progress_data,
    progress_lines,
    recipients_text,
    waiting_lines,
)
from emag.cli.signals import stop_requested
from emag.cli.strict import WrongUsage
from emag.errors import EmagError
from emag.loading import loading

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emag.desk.progress import SendingProgress
    from emag.issues.issue import Issue
    from emag.mailing.sending.rehearse import Rehearsal
    from emag.newsroom import Newsroom
    from emag.schedule.standstill import Standstill

FINAL = ("accepted", "refused", "doubtful", "skipped")
NOTABLE = ("deferred", "refused", "doubtful", "skipped")  # shown beside the progress bar

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]


def send(
    call: Call,
    which: IssueArgument,
    *,
    yes: Yes = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Render the issue for every reader. Send nothing.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay until the deferred messages have been tried again.")
    ] = False,
    editor: EditorOption = None,
) -> None:
    """Send an issue now. Ctrl-C pauses it. Run it again to continue after a crash."""
    if dry_run and wait:
        raise WrongUsage("Use either --dry-run or --wait")
    by = editor_name(editor)
    with _sender(call) as newsroom:
        if dry_run:
            _rehearse(call, newsroom, which)
            return
        from emag.desk import dispatch

        issue = dispatch.sendable(newsroom.database, which)
        if not yes and sys.stdin.isatty():
            _confirm(call, newsroom, issue)
        with stop_requested() as stop, _progress_bar(f"Issue {issue.number}") as watch:
            result = dispatch.start(
                newsroom, issue.number, by=by, stop=stop, watch=watch, wait=wait
            )
        causes = _causes(newsroom, result)
        _print_result(call, result, causes, newsroom.settings.publication.zone)


def _causes(newsroom: "Newsroom", result: "SendingProgress") -> "Sequence[Standstill]":
    """Why something still waits; nothing where all of it has left."""
    if not (result.waits or result.is_paused or result.counts["queued"]):
        return ()
    from emag.schedule.standstill import standstills

    return standstills(newsroom.database, newsroom.settings, now=now())


@contextmanager
def _sender(call: Call) -> "Iterator[Newsroom]":
    with loading():
        from emag.desk import dispatch  # noqa: F401 - here, because looking for garbage costs a tenth
        from emag.quick_start import open_sender

        newsroom = open_sender(call.folder, now=now)
    try:
        yield newsroom
    finally:
        newsroom.transport.close()
        newsroom.database.close()


def pause(call: Call, which: IssueArgument, editor: EditorOption = None) -> None:
    """Stop sending after the messages under way. “emag issue resume” continues."""
    from emag.desk import dispatch

    with call.database() as (_, database):
        issue = dispatch.pause(database, which, now=now(), by=editor_name(editor))
    call.output(issue_data(issue), f"Issue {issue.number} is paused")


def resume(call: Call, which: IssueArgument, editor: EditorOption = None) -> None:
    """Allow a paused issue to be sent again, by “emag serve” or “emag issue send”."""
    from emag.desk import dispatch

    with call.database() as (_, database):
        issue = dispatch.resume(database, which, now=now(), by=editor_name(editor))
    call.output(
        issue_data(issue),
        f"Issue {issue.number} is resumed: “emag serve” or “emag issue send {issue.number}” "
        "sends the rest",
    )


def cancel(call: Call, which: IssueArgument, yes: Yes = False, editor: EditorOption = None) -> None:
    """End an issue for good. Readers who do not have it yet never get it."""
    from emag.desk import dispatch
    from emag.desk.progress import progress

    by = editor_name(editor)
    with call.database() as (settings, database):
        number = dispatch.cancellable(database, which).number
        sent = progress(database, settings, number)
        if not yes:
            _confirm_cancel(call, sent)
        issue = dispatch.cancel(database, number, now=now(), by=by)
    call.output(issue_data(issue), f"Issue {number} is cancelled. {recipients_text(sent)}")


def status(call: Call, which: IssueArgument) -> None:
    """Show how far the sending is, in counts that add up, and why it waits."""
    from emag.desk.progress import progress
    from emag.schedule.standstill import standstills

    with call.database() as (settings, database):
        zone = settings.publication.zone
        result = progress(database, settings, which)
        causes = standstills(database, settings, now=now())
        call.output(progress_data(result, causes, zone), *progress_lines(result))
        about = [cause for cause in causes if cause.issue in {0, result.number}]
        waiting = [] if any(cause.issue for cause in about) else waiting_lines(result, zone)
        for line in (*(cause.sentence(zone) for cause in about), *waiting):
            call.note(line)


def _confirm(call: Call, newsroom: "Newsroom", issue: "Issue") -> None:
    from emag.desk import dispatch

    count = dispatch.audience(newsroom.database, issue.number, now=now())
    readers = output.count_text(count, "reader")
    if issue.audience is not None:
        readers += f" who got issue {issue.audience}"
    question = f"Send “{issue.subject}” to {readers} by {newsroom.transport.name}?"
    if not call.confirm(question):
        raise EmagError(f"Issue {issue.number} was not sent")


def _confirm_cancel(call: Call, sent: "SendingProgress") -> None:
    if not sys.stdin.isatty():
        raise EmagError(
            f"Issue {sent.number} was not cancelled: “emag issue cancel {sent.number} --yes” "
            f"cancels it without asking. {recipients_text(sent)}"
        )
    if not call.confirm(f"{recipients_text(sent)} Cancel issue {sent.number} for good?"):
        raise EmagError(f"Issue {sent.number} was not cancelled")


def _print_result(
    call: Call, result: "SendingProgress", causes: "Sequence[Standstill]", zone: "ZoneInfo"
) -> None:
    call.output(progress_data(result, causes, zone), *progress_lines(result))
    for line in filter(None, (result.remark, *waiting_lines(result, zone))):
        call.note(line)
    if result.is_paused or result.is_stuck:
        raise typer.Exit(1)


def _rehearse(call: Call, newsroom: "Newsroom", which: str) -> None:
    from emag.desk import rehearsal

    with stop_requested() as stop, _progress_bar("Dry run") as watch:
        number, result = rehearsal.rehearse(newsroom, which, stop=stop, watch=watch)
    call.output(
        _rehearsal_data(number, result),
        f"Issue {number} was rendered for {output.count_text(result.rendered, 'reader')} and "
        f"sent to none: {result.bytes:,} bytes in all, {result.largest:,} the largest",
        *_variant_lines(result),
    )
    for fault in result.faults:
        call.note(fault)
    if result.faults:
        raise typer.Exit(1)


def _rehearsal_data(number: int, result: "Rehearsal") -> dict[str, Any]:
    return {
        "number": number,
        "dry_run": True,
        "planned": result.planned,
        "rendered": result.rendered,
        "bytes": result.bytes,
        "largest": result.largest,
        "longest_line": result.longest_line,
        "variants": [
            {
                "topics": list(variant.topics),
                "all": variant.is_whole,
                "html_bytes": variant.html_bytes,
                "readers": variant.readers,
            }
            for variant in result.variants
        ],
        "nothing": result.without_story,
        "faults": list(result.faults),
    }


def _variant_lines(result: "Rehearsal") -> Iterator[str]:
    """One line for each group of readers, if not all readers get the same."""
    nothing = result.without_story
    for variant in result.variants if nothing or len(result.variants) > 1 else ():
        topics = " and ".join(variant.topics) or "only what is for everybody"
        stories = f"all of it ({topics})" if variant.is_whole else topics
        yield f"  {output.count_text(variant.readers, 'reader')}: {stories}"
    if nothing:
        yield f"  {output.count_text(nothing, 'reader')}: no mail, it has no story of their topics"


@contextmanager
def _progress_bar(title: str) -> Iterator[Callable[[Mapping[str, int]], None]]:
    with output.progress_bar(sys.stderr, title) as bar:

        def watch(counts: Mapping[str, int]) -> None:
            total = sum(counts.get(name, 0) for name in PLANNED)
            beside = {name: counts.get(name, 0) for name in NOTABLE}
            bar.at(sum(counts.get(name, 0) for name in FINAL), total, **beside)

        yield watch
