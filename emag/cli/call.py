"""What every command shares: its folder, what it opens, how it prints, how it ends."""

import errno
import functools
import getpass
import inspect
import json
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag import __version__
from emag.cli import output
from emag.errors import EmagError, SettingsError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emag.database import Database
    from emag.newsroom import Newsroom
    from emag.settings import Settings
    from subscribers.tokens import Keys

Dir = Annotated[
    Path | None,
    typer.Option("--dir", metavar="DIR", help="The publication's folder.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a fault in emag.")]
LARGEST_NUMBER = 2**31 - 1  # no database column holds a higher number
_FIRST_YEAR, _LAST_YEAR = 1970, 9000  # outside of them no calendar of ours counts on
IssueArgument = Annotated[str, typer.Argument(metavar="N", help="A number, “next” or “latest”.")]


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this is the call that time comes in by


def login_name() -> str:
    """Who does it: a change of an issue is kept with its author."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "the command line"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the command line: where, and how to speak."""

    folder: Path
    json: bool = False
    debug: bool = False

    def settings(self) -> "Settings":
        from emag.settings import load

        return load(self.folder)

    @contextmanager
    def database(self) -> "Iterator[tuple[Settings, Database]]":
        """Settings and database, for commands that reach neither a source nor a reader."""
        from emag import bootstrap

        settings = self.settings()
        database = bootstrap.open_database(settings)
        try:
            yield settings, database
        finally:
            database.close()

    @contextmanager
    def readers(self) -> "Iterator[tuple[Settings, Database, Keys]]":
        """The same with the keys, without which no address can be compared with a hash."""
        from emag import bootstrap

        with self.database() as (settings, database):
            yield settings, database, bootstrap.keys(settings)

    @contextmanager
    def newsroom(self) -> "Iterator[Newsroom]":
        from emag import bootstrap

        newsroom = bootstrap.open_newsroom(self.folder, now=now)
        try:
            yield newsroom
        finally:
            newsroom.transport.close()
            newsroom.database.close()

    def output(self, data: Mapping[str, Any], *human: Any) -> None:
        """The one JSON document if it is wanted, else what a person reads."""
        if self.json:
            print(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))  # noqa: T201 - it is the output
            return
        for part in human:
            output.print_part(part, sys.stdout)

    def note(self, text: str) -> None:
        """A remark beside the output."""
        output.print_part(text, sys.stderr)

    def confirm(self, question: str) -> bool:
        """Asks a person; where nobody sits at a terminal the answer is no."""
        return sys.stdin.isatty() and typer.confirm(question, err=True)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Gives a command its `call`, the options all share, and the manners of ending."""

    @functools.wraps(function)
    def run(
        ctx: typer.Context, *, _dir: Path | None, _json: bool, _debug: bool, **told: Any
    ) -> None:
        call = _merge_options(ctx, _dir, json=_json, debug=_debug)
        with _errors_as_sentences(call):
            function(call, **told)

    own = list(inspect.signature(function).parameters.values())[1:]
    shared = [_option("_dir", Dir, None), _option("_json", Json, False)]
    shared.append(_option("_debug", Debug, False))
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    run.__signature__ = inspect.Signature([context, *own, *shared])  # type: ignore[attr-defined]
    return run


def print_version(ctx: typer.Context, *, wanted: bool) -> None:
    """Prints the version and ends. It needs no publication."""
    if wanted:
        wants_json = getattr(ctx.command, "wants_json", False)
        Call(Path(), json=wants_json).output({"version": __version__}, f"emag {__version__}")
        raise typer.Exit


def shared(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            envvar="EMAG_DIR",
            help="The publication's folder; else the current one.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
    version: Annotated[  # noqa: ARG001 - the callback prints it
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=print_version),
    ] = False,
) -> None:
    """The same options before the command; what stands after it wins."""
    ctx.obj = _merge_options(ctx, folder, json=as_json, debug=debug)


def _option(name: str, annotation: Any, default: object) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, annotation=annotation, default=default)


def _merge_options(ctx: typer.Context, folder: Path | None, *, json: bool, debug: bool) -> Call:
    before = ctx.obj if isinstance(ctx.obj, Call) else Call(Path())
    return replace(
        before,
        folder=folder or before.folder,
        json=json or before.json,
        debug=debug or before.debug,
    )


@contextmanager
def _errors_as_sentences(call: Call) -> Iterator[None]:
    """One sentence and exit 1 for what could not be done; never a traceback unasked."""
    from subscribers.errors import ListError

    try:
        yield
    except SettingsError as error:
        _fail(call, *error.faults)
    except (EmagError, ListError) as error:
        _fail(call, str(error))
    except KeyboardInterrupt:
        _fail(call, "Stopped")
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise
        if call.debug:
            traceback.print_exc()
        if isinstance(error, OSError) and error.filename is not None:
            _fail(call, f"{error.filename} cannot be used: {error.strerror}")
        # The text of an unknown error may hold an address: it is shown with --debug only.
        name = type(error).__name__
        _fail(call, f"A fault in emag itself ({name}): run it again with --debug to see it")


def _fail(call: Call, *sentences: str) -> None:
    if call.json:
        call.output({"error": "; ".join(sentences)})
    for sentence in sentences:
        call.note(sentence)
    raise typer.Exit(1)


def parse_time(text: str, zone: "ZoneInfo") -> datetime:
    """An ISO time from the command line; without an offset it is in the publication's zone."""
    at: datetime | None
    try:
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        at = None
    if at is None or not _FIRST_YEAR < at.year < _LAST_YEAR:
        raise typer.BadParameter(f"“{text}” is not a time: write it like 2026-03-06T07:30")
    return at
