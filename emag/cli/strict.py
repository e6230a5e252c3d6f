"""Commands and groups that refuse an option given twice, instead of using only the last one."""

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class WrongUsage(typer.BadParameter):
    """Wrong usage of a command, said in one sentence. It ends with exit code 2."""

    def format_message(self) -> str:
        return self.message


class _OnceOnly:
    """A mix-in: its parser raises a usage error for a single-valued option that is repeated."""

    def make_parser(self, ctx: Any) -> Any:
        parser = super().make_parser(ctx)  # type: ignore[misc]
        parse_args = parser.parse_args

        def parse_once(args: list[str]) -> Any:
            parsed = parse_args(args)
            _refuse_repeated(parsed[2], ctx)
            return parsed

        parser.parse_args = parse_once
        return parser


class StrictCommand(_OnceOnly, TyperCommand):
    """A command that takes each single-valued option once."""


class StrictGroup(_OnceOnly, TyperGroup):
    """A group of commands that takes each of its own options once."""


def _refuse_repeated(parameters: Sequence[Any], ctx: Any) -> None:
    """`parameters` holds the parameter of every word on the command line, in its order."""
    seen_before = []
    for parameter in parameters:
        if parameter in seen_before and _takes_one_value(parameter):
            name = parameter.opts[-1]
            raise WrongUsage(f"{name} may be given only once", ctx=ctx)
        seen_before.append(parameter)


def _takes_one_value(parameter: Any) -> bool:
    if parameter.param_type_name != "option" or parameter.multiple:
        return False
    return not parameter.is_flag or bool(parameter.secondary_opts)  # --yes --yes does no harm
