"""The command line: puts the commands together, grouped by what they are about."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from emag.cli import (
    approve,
    arrange,
    audit,
    backup,
    bundle,
    calendar,
    consent,
    correct,
    db,
    deliveries,
    demo,
    doctor,
    editors,
    examples,
    feedback,
    gather,
    history,
    init,
    issue,
    preview,
    promo,
    proof,
    report,
    send,
    serve,
    signups,
    source,
    stats,
    story,
    subscriber,
    theme,
    words,
    worker,
)
from emag.cli.call import Call, command, shared
from emag.cli.strict import StrictCommand, StrictGroup

# Without typer's tracebacks, so that every text a user sees is ours.
PLAIN: dict[str, Any] = {"add_completion": False, "no_args_is_help": True}
SHORT: dict[str, Any] = {"context_settings": {"help_option_names": ["-h", "--help"]}}


class DeliveriesGroup(StrictGroup):
    """Lets “deliveries 3” mean “deliveries list 3”, beside “deliveries settle 3”."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = any(arg in self.commands for arg in args)
        if args and not named and not {"-h", "--help"} & set(args):
            args = ["list", *args]
        return super().parse_args(ctx, args)


class CalendarGroup(StrictGroup):
    """Lets “calendar” and “calendar --weeks 4” mean “calendar list”, beside the other commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = any(arg in self.commands for arg in args)
        if not named and not {"-h", "--help"} & set(args):
            args = ["list", *args]
        return super().parse_args(ctx, args)


class RootGroup(StrictGroup):
    """Lists the commands in the order of the work, and reports wrong usage as JSON with --json."""

    wants_json = False

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=ORDER.index)

    def make_context(self, info_name: Any, args: list[str], *more: Any, **extra: Any) -> Any:
        self.wants_json = "--json" in args
        with self._document():
            return super().make_context(info_name, args, *more, **extra)

    def invoke(self, ctx: Any) -> Any:
        with self._document():
            return super().invoke(ctx)

    @contextmanager
    def _document(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            # The class of a usage error differs between versions of typer. Its method does not.
            if self.wants_json and hasattr(error, "format_message"):
                Call(Path(), json=True).output({"error": error.format_message()})
            raise


ORDER = (
    *(
        "init",
        "demo",
        "gather",
        "source",
        "story",
        "issue",
        "calendar",
        "promo",
        "theme",
        "preview",
    ),
    *("deliveries", "report", "feedback"),
    *(
        "subscriber",
        "consent",
        "stats",
        "editor",
        "audit",
        "serve",
        "worker",
        "db",
        "backup",
        "doctor",
    ),
)
app = typer.Typer(
    cls=RootGroup,
    help="Makes and sends an email magazine: from feeds to inboxes, every week.",
    pretty_exceptions_enable=False,
    **(PLAIN | {"add_completion": True}),
    **SHORT,
)
app.callback()(shared)

PUBLICATION, ISSUE, READERS, RUNNING = "The publication", "An issue", "Readers", "Running it"

app.command(cls=StrictCommand, rich_help_panel=PUBLICATION)(command(init.init))
app.command(cls=StrictCommand, rich_help_panel=PUBLICATION)(command(demo.demo))
app.command(cls=StrictCommand, rich_help_panel=ISSUE)(command(gather.gather))
app.command(cls=StrictCommand, rich_help_panel=ISSUE)(command(preview.preview))
app.command(cls=StrictCommand, rich_help_panel=ISSUE)(command(proof.report))
app.command(cls=StrictCommand, rich_help_panel=READERS)(command(stats.stats))
app.command(cls=StrictCommand, rich_help_panel=RUNNING)(command(serve.serve))
app.command(cls=StrictCommand, rich_help_panel=RUNNING)(command(worker.worker))
app.command(cls=StrictCommand, rich_help_panel=RUNNING)(command(backup.backup))
app.command(cls=StrictCommand, rich_help_panel=RUNNING)(command(doctor.doctor))

_issue = typer.Typer(cls=StrictGroup, help="Draft, check, approve and send issues.", **PLAIN)
_ISSUE: dict[str, Callable[..., None]] = {
    "draft": issue.draft,
    "list": issue.listing,
    "show": issue.show,
    "explain": issue.explain,
    "edit": arrange.edit,
    "reset": arrange.reset,
    "note": arrange.write_note,
    "pick": arrange.pick,
    "hold": arrange.hold,
    "drop": arrange.drop,
    "move": arrange.move,
    "order": arrange.order,
    "feature": arrange.feature,
    "words": words.words,
    "report": report.report,
    "history": history.history,
    "undo": history.undo,
    "redo": history.redo,
    "check": issue.check,
    "test": approve.test,
    "approve": approve.approve,
    "withhold": approve.withhold,
    "reopen": approve.reopen,
    "send": send.send,
    "status": send.status,
    "pause": send.pause,
    "resume": send.resume,
    "cancel": send.cancel,
    "export": bundle.export,
    "verify": bundle.verify,
}
for name, function in _ISSUE.items():
    _issue.command(name, cls=StrictCommand)(command(function))
_issue.command("correct", cls=correct.LinkCommand)(command(correct.correct))
app.add_typer(_issue, name="issue", rich_help_panel=ISSUE)

_calendar = typer.Typer(
    cls=CalendarGroup,
    help="Show the dates to come; skip and move them. “calendar --weeks 4” shows four weeks.",
    **PLAIN,
)
_calendar.command("list", cls=StrictCommand)(command(calendar.listing))
_calendar.command("skip", cls=StrictCommand)(command(calendar.skip))
_calendar.command("move", cls=StrictCommand)(command(calendar.move))
_calendar.command("unskip", cls=StrictCommand)(command(calendar.unskip))
app.add_typer(_calendar, name="calendar", rich_help_panel=ISSUE)

_source = typer.Typer(cls=StrictGroup, help="What each source gave, and gives now.", **PLAIN)
_source.command("list", cls=StrictCommand)(command(source.listing))
_source.command("check", cls=StrictCommand)(command(source.check))
app.add_typer(_source, name="source", rich_help_panel=ISSUE)

_story = typer.Typer(cls=StrictGroup, help="Add a story by its address; list the pool.", **PLAIN)
_story.command("add", cls=StrictCommand)(command(story.add))
_story.command("list", cls=StrictCommand)(command(story.listing))
app.add_typer(_story, name="story", rich_help_panel=ISSUE)

_promo = typer.Typer(cls=StrictGroup, help="Announcements and sponsors' slots.", **PLAIN)
_PROMO: dict[str, Callable[..., None]] = {
    "add": promo.add,
    "list": promo.listing,
    "show": promo.show,
    "edit": promo.edit,
    "remove": promo.remove,
}
for name, function in _PROMO.items():
    _promo.command(name, cls=StrictCommand)(command(function))
app.add_typer(_promo, name="promo", rich_help_panel=ISSUE)

_theme = typer.Typer(cls=StrictGroup, help="List the themes; copy one to change it.", **PLAIN)
_theme.command("list", cls=StrictCommand)(command(theme.listing))
_theme.command("copy", cls=StrictCommand)(command(theme.copy))
app.add_typer(_theme, name="theme", rich_help_panel=PUBLICATION)

_deliveries = typer.Typer(
    cls=DeliveriesGroup,
    help="List the copies of an issue and settle doubtful ones.",
    **PLAIN,
)
_deliveries.command("list", cls=StrictCommand)(command(deliveries.deliveries))
_deliveries.command("settle", cls=StrictCommand)(command(deliveries.settle))
app.add_typer(_deliveries, name="deliveries", rich_help_panel=ISSUE)

_feedback = typer.Typer(cls=StrictGroup, help="Read bounce and complaint mail.", **PLAIN)
_feedback.command("read", cls=StrictCommand)(command(feedback.read))
app.add_typer(_feedback, name="feedback", rich_help_panel=ISSUE)

_subscriber = typer.Typer(cls=StrictGroup, help="Add, show, import and remove readers.", **PLAIN)
_SUBSCRIBER: dict[str, Callable[..., None]] = {
    "add": subscriber.add,
    "show": subscriber.show,
    "list": subscriber.listing,
    "edit": subscriber.edit,
    "unsubscribe": subscriber.unsubscribe,
    "erase": subscriber.erase,
    "held": signups.held,
    "links": signups.links,
    "import": subscriber.load,
    "imports": subscriber.imports,
    "export": subscriber.dump,
}
for name, function in _SUBSCRIBER.items():
    _subscriber.command(name, cls=StrictCommand)(command(function))
app.add_typer(_subscriber, name="subscriber", rich_help_panel=READERS)

_editor = typer.Typer(cls=StrictGroup, help="Invite and manage the editors.", **PLAIN)
_EDITOR: dict[str, Callable[..., None]] = {
    "invite": editors.invite,
    "list": editors.listing,
    "role": editors.role,
    "remove": editors.remove,
    "reset": editors.reset,
    "sessions": editors.sessions,
}
for name, function in _EDITOR.items():
    _editor.command(name, cls=StrictCommand)(command(function))
app.add_typer(_editor, name="editor", rich_help_panel=RUNNING)

_audit = typer.Typer(cls=StrictGroup, help="Show and verify who did what.", **PLAIN)
_audit.command("list", cls=StrictCommand)(command(audit.listing))
_audit.command("verify", cls=StrictCommand)(command(audit.verify))
app.add_typer(_audit, name="audit", rich_help_panel=RUNNING)

_consent = typer.Typer(cls=StrictGroup, help="Show and verify what readers agreed to.", **PLAIN)
_consent.command("receipt", cls=StrictCommand)(command(consent.receipt))
_consent.command("verify", cls=StrictCommand)(command(consent.verify))
app.add_typer(_consent, name="consent", rich_help_panel=READERS)

_db = typer.Typer(cls=StrictGroup, help="Upgrade, copy, restore and move the database.", **PLAIN)
_db.command("upgrade", cls=StrictCommand)(command(db.upgrade))
_db.command("backup", cls=StrictCommand)(command(db.backup))
_db.command("restore", cls=StrictCommand)(command(db.restore))
_db.command("move", cls=StrictCommand)(command(db.move))
_db.command("vacuum", cls=StrictCommand)(command(db.vacuum))
_db.command("release", cls=StrictCommand)(command(db.release))
app.add_typer(_db, name="db", rich_help_panel=RUNNING)

examples.add_examples(app)
