"""What every command shares: its folder, what it opens, how it prints and how it ends."""

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
from emag.cli.strict import WrongUsage
from emag.errors import EmagError, SettingsError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emag.database import Database
    from emag.live import LiveNewsroom
    from emag.newsroom import Newsroom
    from emag.settings import Settings
    from subscribers.desk import ReaderDesk

FolderOption = Annotated[
    Path | None,
    typer.Option("--dir", metavar="DIR", help="The publication's folder.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Print the traceback of an error in emag itself.")
]
IssueArgument = Annotated[
    str, typer.Argument(metavar="N", help="An issue's number, “next” or “latest”.")
]
EditorOption = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="EDITOR", help="Which editor does this. Default: your log-in name."
    ),
]
SvgOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", dir_okay=False, help="Also draw a chart into this SVG file."),
]
LARGEST_NUMBER = 2**31 - 1  # the largest number that a database column can hold
_FIRST_YEAR, _LAST_YEAR = 1970, 9000  # time zones cannot be reckoned outside of these


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the time enters the program here


def login_name() -> str:
    """The name of the user who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "the command line"


def editor_name(editor: str | None) -> str:
    """Who acts: the name given with --as, else the log-in's name."""
    if editor is None:
        return login_name()
    if not editor.strip():
        raise WrongUsage("--as needs the name of an editor")
    return editor.strip()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the command line: its folder, and how it prints."""

    folder: Path
    json: bool = False
    debug: bool = False

    def settings(self) -> "Settings":
        from emag.settings import load

        return load(self.folder)

    @contextmanager
    def database(self) -> "Iterator[tuple[Settings, Database]]":
        """Opens settings and database, for commands that need neither sources nor transport."""
        from emag import bootstrap

        settings = self.settings()
        database = bootstrap.open_database(settings)
        try:
            yield settings, database
        finally:
            database.close()

    @contextmanager
    def readers(self) -> "Iterator[ReaderDesk]":
        """Opens what an editor can do with readers."""
        from emag import bootstrap

        with self.database() as (settings, database):
            yield bootstrap.readers(settings, database, now)

    @contextmanager
    def newsroom(self) -> "Iterator[Newsroom]":
        """Opens everything: sources, transport and database."""
        from emag import logbook

        with self.live() as live:
            logbook.start(live().settings, is_service=False)
            yield live()

    @contextmanager
    def live(self) -> "Iterator[LiveNewsroom]":
        """Opens everything, for a command that runs for long and follows changed settings."""
        from emag import bootstrap

        live = bootstrap.open_live(self.folder, now=now)
        try:
            yield live
        finally:
            live().transport.close()
            live().database.close()

    def output(self, data: Mapping[str, Any], *parts: Any) -> None:
        """Prints `data` as JSON where --json is given, else the `parts` for a person."""
        if self.json:
            document = json.dumps(data, ensure_ascii=False, indent=2, default=_plain)
            print(document, flush=True)  # noqa: T201 - the output; whoever reads “serve” waits for it
            return
        for part in parts:
            output.print_part(part, sys.stdout)

    def note(self, text: str) -> None:
        """Prints a remark on standard error, beside the output."""
        output.print_part(text, sys.stderr)

    def confirm(self, question: str) -> bool:
        """Asks the person at the terminal. The answer is no where there is no terminal."""
        return sys.stdin.isatty() and typer.confirm(question, err=True)


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Gives a command its `call`, the options that all share, and errors as sentences."""

    @functools.wraps(function)
    def run(
        ctx: typer.Context, *, _dir: Path | None, _json: bool, _debug: bool, **arguments: Any
    ) -> None:
        call = _merge_options(ctx, _dir, json=_json, debug=_debug)
        with _errors_as_sentences(call):
            function(call, **_signed(call, arguments))

    parameters = list(inspect.signature(function).parameters.values())[1:]
    shared = [_option("_dir", FolderOption, None), _option("_json", JsonOption, False)]
    shared.append(_option("_debug", DebugOption, False))
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    run.__signature__ = inspect.Signature([context, *parameters, *shared])  # type: ignore[attr-defined]
    return run


def _signed(call: Call, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the name that acts of the editor given with --as carry."""
    name = arguments.get("editor")
    if not name or not name.strip():
        return arguments
    from emag.editors import people

    with call.database() as (_, database):
        return arguments | {"editor": people.acting(database, name.strip())}


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
            help="The publication's folder. Default: the current folder.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
    version: Annotated[  # noqa: ARG001 - the callback prints it
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=print_version),
    ] = False,
) -> None:
    """The same options before the command's name. Those after it win."""
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
    """Ends with exit code 1 and one sentence. A traceback is printed with --debug only."""
    from emag.database_faults import explain
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
        if sentence := explain(error):
            _fail(call, sentence)
        if call.debug:
            traceback.print_exc()
        # The text of an unknown error may hold an address, so it is printed with --debug only.
        name = type(error).__name__
        _fail(call, f"An error in emag itself ({name}): run it again with --debug to see it")


def _fail(call: Call, *sentences: str) -> None:
    if call.json:
        call.output({"error": "; ".join(sentences)})
    for sentence in sentences:
        call.note(sentence)
    raise typer.Exit(1)


def database_number(number: int) -> int:
    """The number, if a database column can hold it; for a callback of an argument."""
    if not 0 <= number <= LARGEST_NUMBER:
        raise WrongUsage(f"There is no number {number}")
    return number


def parse_time(text: str, zone: "ZoneInfo") -> datetime:
    """Parses an ISO time; without an offset it is in the publication's zone. Returns UTC."""
    at: datetime | None
    try:
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        at = None
    if at is None or not _FIRST_YEAR < at.year < _LAST_YEAR:
        raise WrongUsage(f"“{text}” is not a time: write it like 2026-03-06T07:30")
    return at


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
