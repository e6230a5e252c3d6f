"""The commands: where each is written, how they are grouped, and their place in the help."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer

from emag.cli import examples, groups
from emag.cli.call import command, shared
from emag.cli.strict import StrictCommand, StrictGroup

PUBLICATION, ISSUE, READERS, RUNNING = "The publication", "An issue", "Readers", "Running it"

# Each group: its class, its help and its place.
_GROUPS: dict[str, tuple[type[StrictGroup], str, str]] = {
    "source": (StrictGroup, "What each source gave, and gives now.", ISSUE),
    "story": (StrictGroup, "Add a story by its address; list the pool.", ISSUE),
    "issue": (StrictGroup, "Draft, check, approve and send issues.", ISSUE),
    "calendar": (
        groups.CalendarGroup,
        "Show the dates to come; skip and move them. “calendar --weeks 4” shows four weeks.",
        ISSUE,
    ),
    "promo": (StrictGroup, "Announcements and sponsors' slots.", ISSUE),
    "theme": (StrictGroup, "List the themes; copy one to change it.", PUBLICATION),
    "deliveries": (
        groups.DeliveriesGroup,
        "List the copies of an issue and settle doubtful ones.",
        ISSUE,
    ),
    "feedback": (StrictGroup, "Read bounce and complaint mail.", ISSUE),
    "subscriber": (StrictGroup, "Add, show, import and remove readers.", READERS),
    "consent": (StrictGroup, "Show and verify what readers agreed to.", READERS),
    "editor": (StrictGroup, "Invite and manage the editors.", RUNNING),
    "audit": (StrictGroup, "Show and verify who did what.", RUNNING),
    "db": (StrictGroup, "Upgrade, copy, restore and move the database.", RUNNING),
}
# The place of each command that is in no group.
_PLACES = {
    "init": PUBLICATION,
    "demo": PUBLICATION,
    "gather": ISSUE,
    "preview": ISSUE,
    "report": ISSUE,
    "stats": READERS,
    "serve": RUNNING,
    "worker": RUNNING,
    "backup": RUNNING,
    "doctor": RUNNING,
}
# The module and the function of each command, in the order of the help. A module is imported when
# its command is called.
COMMANDS = {
    "init": "init.init",
    "demo": "demo.demo",
    "gather": "gather.gather",
    "source list": "source.listing",
    "source check": "source.check",
    "story add": "story.add",
    "story list": "story.listing",
    "issue draft": "issue.draft",
    "issue list": "issue.listing",
    "issue show": "issue.show",
    "issue explain": "issue.explain",
    "issue edit": "arrange.edit",
    "issue reset": "arrange.reset",
    "issue note": "arrange.write_note",
    "issue pick": "arrange.pick",
    "issue hold": "arrange.hold",
    "issue drop": "arrange.drop",
    "issue move": "arrange.move",
    "issue order": "arrange.order",
    "issue feature": "arrange.feature",
    "issue words": "words.words",
    "issue report": "report.report",
    "issue history": "history.history",
    "issue undo": "history.undo",
    "issue redo": "history.redo",
    "issue check": "issue.check",
    "issue test": "approve.test",
    "issue approve": "approve.approve",
    "issue withhold": "approve.withhold",
    "issue reopen": "approve.reopen",
    "issue send": "send.send",
    "issue status": "send.status",
    "issue pause": "send.pause",
    "issue resume": "send.resume",
    "issue cancel": "send.cancel",
    "issue export": "bundle.export",
    "issue verify": "bundle.verify",
    "issue correct": "correct.correct",
    "calendar list": "calendar.listing",
    "calendar skip": "calendar.skip",
    "calendar move": "calendar.move",
    "calendar unskip": "calendar.unskip",
    "promo add": "promo.add",
    "promo list": "promo.listing",
    "promo show": "promo.show",
    "promo edit": "promo.edit",
    "promo remove": "promo.remove",
    "theme list": "theme.listing",
    "theme copy": "theme.copy",
    "preview": "preview.preview",
    "deliveries list": "deliveries.deliveries",
    "deliveries settle": "deliveries.settle",
    "report": "proof.report",
    "feedback read": "feedback.read",
    "subscriber add": "subscriber.add",
    "subscriber show": "subscriber.show",
    "subscriber list": "subscriber.listing",
    "subscriber edit": "subscriber.edit",
    "subscriber unsubscribe": "subscriber.unsubscribe",
    "subscriber erase": "subscriber.erase",
    "subscriber held": "signups.held",
    "subscriber links": "signups.links",
    "subscriber import": "subscriber.load",
    "subscriber imports": "subscriber.imports",
    "subscriber export": "subscriber.dump",
    "consent receipt": "consent.receipt",
    "consent verify": "consent.verify",
    "stats": "stats.stats",
    "editor invite": "editors.invite",
    "editor list": "editors.listing",
    "editor role": "editors.role",
    "editor remove": "editors.remove",
    "editor reset": "editors.reset",
    "editor sessions": "editors.sessions",
    "audit list": "audit.listing",
    "audit verify": "audit.verify",
    "serve": "serve.serve",
    "worker": "worker.worker",
    "db upgrade": "db.upgrade",
    "db backup": "db.backup",
    "db restore": "db.restore",
    "db move": "db.move",
    "db vacuum": "db.vacuum",
    "db release": "db.release",
    "backup": "backup.backup",
    "doctor": "doctor.doctor",
}
_VERSION = {"--version", "--json"}
_CLASSES = {"issue correct": "LinkCommand"}  # in the command's module


class _Root(groups.RootGroup):
    order = tuple(dict.fromkeys(path.partition(" ")[0] for path in COMMANDS))


# Without typer's tracebacks, so that every text a user sees is ours.
_PLAIN: dict[str, Any] = {"no_args_is_help": True, "pretty_exceptions_enable": False}


def application(args: Sequence[str] = ()) -> typer.Typer:
    """Returns the command line with all its commands, or with the one alone that `args` call.

    To read all commands takes longer than to run most of them.
    """
    called, wants_version = _called(args), "--version" in args and {*args} <= _VERSION
    app = typer.Typer(
        cls=_Root,
        help="Makes and sends an email magazine: from feeds to inboxes, every week.",
        context_settings={"help_option_names": ["-h", "--help"]},
        add_completion=not (called or wants_version),
        **_PLAIN,
    )
    app.callback()(shared)
    inner: dict[str, typer.Typer] = {}
    for path in [called] if called else () if wants_version else COMMANDS:
        group, _, name = path.rpartition(" ")
        if group and group not in inner:
            inner[group] = _group(app, group)
        _add(inner.get(group, app), path, name)
    return app


def _called(args: Sequence[str]) -> str:
    """The command that the arguments call; “” if that takes a closer look than this one."""
    rest, words = list(args), ""
    while rest:
        word = rest.pop(0)
        if word == "--dir" and not words:
            rest = rest[1:]
        elif word in {"--json", "--debug"} or word.startswith("--dir="):
            continue
        elif (words := f"{words} {word}".lstrip()) in COMMANDS:
            return words
        elif words not in _GROUPS:
            return ""
    return ""


def _group(app: typer.Typer, name: str) -> typer.Typer:
    kind, about, place = _GROUPS[name]
    group = typer.Typer(cls=kind, help=about, add_completion=False, **_PLAIN)
    app.add_typer(group, name=name, rich_help_panel=place)
    return group


def _add(group: typer.Typer, path: str, name: str) -> None:
    module, _, function = COMMANDS[path].partition(".")
    written = import_module(f"emag.cli.{module}")
    kind = getattr(written, _CLASSES[path]) if path in _CLASSES else StrictCommand
    epilog, place = examples.epilog(path), _PLACES.get(path)
    options: dict[str, Any] = {"rich_help_panel": place} if place else {}
    group.command(name, cls=kind, epilog=epilog, **options)(command(getattr(written, function)))
