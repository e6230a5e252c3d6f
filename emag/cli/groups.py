"""Groups of commands that are called or listed in a way of their own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emag.cli.call import Call
from emag.cli.strict import StrictGroup


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

    order: tuple[str, ...] = ()
    wants_json = False

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx), key=self.order.index)

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
            _use_plain_words(error)
            # The class of a usage error differs between versions of typer. Its method does not.
            if self.wants_json and hasattr(error, "format_message"):
                Call(Path(), json=True).output({"error": error.format_message()})
            raise


def _use_plain_words(error: Any) -> None:
    """Replaces pydantic's words for a wrong value, which newer versions of typer pass on."""
    faults = getattr(error.__cause__, "errors", None)
    if callable(faults) and hasattr(error, "format_message"):
        error.message = "; ".join(_sentence(fault) for fault in faults())


def _sentence(fault: Mapping[str, Any]) -> str:
    from emag.settings import sentences

    if fault["type"] == "value_error":
        return str(fault["msg"]).removeprefix("Value error, ")
    return sentences.of_kind(fault["type"], fault.get("ctx", {}))
