"""Writes docs/reference and the manual page from the code: commands, settings, metrics, errors."""

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from enum import EnumType
from pathlib import Path
from typing import Any, get_args

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import typer  # noqa: E402

from emag import __version__, errors  # noqa: E402
from emag.cli import examples  # noqa: E402
from emag.cli.commands import application  # noqa: E402
from emag.schedule import standstill  # noqa: E402
from emag.settings import Environment, defaults  # noqa: E402
from subscribers import errors as list_errors  # noqa: E402

ORIGIN = "This page is made from the code by `make reference`.\n"
WEB = ("web/metrics.py",)


def pages() -> dict[Path, str]:
    """Every page by its path, as it should be."""
    folder = ROOT / "docs" / "reference"
    return {
        folder / "commands.md": _commands(),
        folder / "settings.md": _settings(),
        folder / "metrics.md": _metrics(),
        folder / "errors.md": _errors(),
        ROOT / "deploy" / "emag.1": _manual(),
    }


class Command:
    """One command of the command line, with its options and examples."""

    def __init__(self, path: str, command: Any) -> None:
        self.path, self.command = path, command
        self.text = inspect.cleandoc(command.help or "")
        shared = {"--dir", "--json", "--debug", "--help"}
        self.options = [
            p
            for p in command.params
            if p.param_type_name == "option" and not shared & set(p.opts) and not p.hidden
        ]
        self.arguments = [p for p in command.params if p.param_type_name == "argument"]

    @property
    def usage(self) -> str:
        """Its name and arguments."""
        words = [_argument(argument) for argument in self.arguments]
        return " ".join(["emag", self.path, *words, *(["[OPTIONS]"] if self.options else [])])

    @property
    def examples(self) -> tuple[str, ...]:
        return examples.EXAMPLES.get(self.path, ())


def commands() -> Iterator[Command]:
    """Every command, in the order of the help."""

    def walk(group: Any, path: tuple[str, ...]) -> Iterator[Command]:
        for name in group.list_commands(None):
            inner = group.commands[name]
            if hasattr(inner, "commands"):
                yield from walk(inner, (*path, name))
            else:
                yield Command(" ".join((*path, name)), inner)

    yield from walk(typer.main.get_command(application()), ())


def _argument(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).strip("[].")
    many = "..." if argument.nargs == -1 else ""
    return f"{name}{many}" if argument.required else f"[{name}{many}]"


def _option(option: Any) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    is_flag = getattr(option, "is_flag", False)
    value = "" if is_flag else f" {option.metavar or _kind(option)}"
    return f"{names}{value}"


def _kind(option: Any) -> str:
    kind = option.type_descriptor.annotation
    choices = list(kind) if isinstance(kind, EnumType) else get_args(kind)
    names = [str(getattr(choice, "value", choice)) for choice in choices if choice is not None]
    return "|".join(names) if names and isinstance(choices[0], str) else option.name.upper()


def _plain(text: str) -> str:
    return " ".join(text.split())


def _commands() -> str:
    lines = ["# Commands", "", ORIGIN]
    lines += [
        "Every command also takes `--dir DIR` (or `EMAG_DIR`), `--json`, `--debug`, `--help`.",
        "It ends with 0 if it was done, with 1 if it could not be done or found faults, and with",
        "2 for wrong usage.",
        "",
    ]
    for command in commands():
        lines += [f"## emag {command.path}", "", command.text, "", f"`{command.usage}`", ""]
        described = [(_argument(a), a.help) for a in command.arguments if getattr(a, "help", "")]
        described += [(_option(o), o.help or "") for o in command.options]
        if described:
            lines += ["| | |", "|---|---|"]
            lines += [f"| `{_cell(name)}` | {_cell(_plain(text))} |" for name, text in described]
            lines += [""]
        lines += ["```", *command.examples, "```", ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _settings() -> str:
    sample = defaults.sample()
    lines = ["# Settings", "", ORIGIN, "## emag.toml", ""]
    lines += ["Each can also be set as `EMAG_TABLE__KEY` in `.env` or the environment.", ""]
    table = ""
    for line in sample.splitlines():
        if header := re.match(r"\[+([a-z.]+)\]+$", line.removeprefix("# ")):
            if header[1] != table:
                table = header[1]
                lines += ["", f"### [{table}]", "", "| key | as shipped | |", "|---|---|---|"]
            continue
        entry = re.match(r"#?\s?([a-z_]+)\s*=\s*(.*)$", line)
        if entry and table:
            value, _, remark = _split(entry[2])
            lines.append(f"| `{entry[1]}` | `{_cell(value)}` | {_cell(remark)} |")
    lines += [
        "",
        "## Variables",
        "",
        "`EMAG_NAME_FILE` names a file that holds the value of `EMAG_NAME`.",
        "",
    ]
    lines += ["| variable | default | |", "|---|---|---|"]
    remarks = _remarks()
    for name, field in Environment.model_fields.items():
        variable = f"EMAG_{name.upper()}"
        value = f"`{field.default}`" if field.default else ""
        lines.append(f"| `{variable}` | {value} | {_cell(remarks[variable])} |")
    return "\n".join(lines) + "\n"


def _split(text: str) -> tuple[str, str, str]:
    """A value and the remark behind it; a # inside quotes begins none."""
    quoted = re.match(r"""((?:"[^"]*"|\[[^\]]*\]|\{[^}]*\}|[^#"])*)(#?)\s*(.*)$""", text)
    assert quoted
    return quoted[1].strip(), quoted[2], quoted[3]


def _remarks() -> dict[str, str]:
    """What .env.example says above each variable: the last comment counts for all below it."""
    remarks: dict[str, str] = {}
    block: list[str] = []
    is_open = False
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            block = [*block, line.lstrip("# ")] if is_open else [line.lstrip("# ")]
            is_open = True
        elif match := re.match(r"(EMAG_\w+)=", line):
            remarks[match[1]] = _plain(" ".join(block))
            is_open = False
        else:
            is_open = False
    return remarks


def _metrics() -> str:
    lines = ["# Metrics", "", ORIGIN]
    lines += [
        "`GET /metrics` gives these to this machine and its private networks. All are gauges.",
        "",
    ]
    lines += ["| metric | labels | |", "|---|---|---|"]
    for name, text, labels in metrics():
        lines.append(
            f"| `{name}` | {', '.join(f'`{label}`' for label in labels)} | {_cell(text)} |"
        )
    lines += ["", "## What can stand still", ""]
    lines += [
        "The label `obstacle` of `emag_standstill`; also in `/healthz` and `emag issue status`.",
        "",
    ]
    lines += ["| obstacle | /healthz | what emag says |", "|---|---|---|"]
    for obstacle in standstill.Obstacle:
        code = "503" if obstacle in standstill.IS_DOWN else "200"
        sentence = standstill.SENTENCES[obstacle]
        text = _cell(re.sub(r"\{(.*?)\}", r"*\1*", sentence))
        lines.append(f"| `{obstacle.value}` | {code} | {text} |")
    return "\n".join(lines) + "\n"


def metrics() -> Iterator[tuple[str, str, list[str]]]:
    """Name, help and labels of every metric, in the order of the code."""
    for file in WEB:
        tree = ast.parse((ROOT / "emag" / file).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="Gauge"), args=[name, text, *samples]):
                    yield ast.literal_eval(name), ast.literal_eval(text), _labels(tree, samples)


def _labels(tree: ast.AST, samples: list[ast.expr]) -> list[str]:
    names = {
        node.id for sample in samples for node in ast.walk(sample) if isinstance(node, ast.Name)
    }
    assigned = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in names
    ]
    labels: list[str] = []
    for sample in (*samples, *assigned):
        for node in ast.walk(sample):
            match node:
                case ast.Dict(keys=[ast.Constant(value=str(label))]):
                    labels.append(label)
                case ast.Call(func=ast.Name(id="_by"), args=[ast.Constant(value=str(label)), *_]):
                    labels.append(label)
    return list(dict.fromkeys(labels))


def _errors() -> str:
    lines = ["# Errors", "", ORIGIN]
    lines += [
        "A command that fails prints one sentence and ends with 1. Pages of the desk answer with",
        "this code. The text of an error says what happened and what to do; this is what its",
        "kind means.",
        "",
        "| error | at the desk | |",
        "|---|---|---|",
    ]
    for kind in (*_tree(errors.EmagError), errors.SettingsError, *_tree(list_errors.ListError)):
        text = _plain(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0])
        lines.append(f"| `{kind.__name__}` | {_code(kind)} | {_cell(text)} |")
    return "\n".join(lines) + "\n"


def _tree(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for inner in kind.__subclasses__():
        if inner.__module__ in {errors.__name__, list_errors.__name__}:
            yield from _tree(inner)


def _code(kind: type[Exception]) -> str:
    if issubclass(kind, errors.NotFound):
        return "404"
    conflicts = (errors.WrongMove, errors.DocumentChanged, errors.TextConflict, errors.FileChanged)
    if issubclass(kind, conflicts):
        return "409"
    return "–" if kind is errors.SettingsError else "422"


def _manual() -> str:
    """The manual page, in the language of man(7)."""
    lines = [f'.TH EMAG 1 "" "emag {__version__}" "emag"', ".SH NAME"]
    lines += ["emag \\- make and send an email magazine, from feeds to inboxes", ".SH SYNOPSIS"]
    lines += [".B emag", "[\\-\\-dir DIR] [\\-\\-json] [\\-\\-debug] COMMAND", ".SH DESCRIPTION"]
    lines += [_roff(_plain(application().info.help or "")), ".SH COMMANDS"]
    for command in commands():
        lines += [f'.SS "{_roff(command.usage)}"', _roff(command.text.replace("\n\n", "\n.PP\n"))]
        for option in command.options:
            lines += [".TP", f".B {_roff(_option(option))}", _roff(_plain(option.help or ""))]
        for line in command.examples:
            lines += [".PP", ".EX", f"    {_roff(line)}", ".EE"]
    lines += [".SH ENVIRONMENT", ".TP", ".B EMAG_DIR", "The publication's folder."]
    lines += [".TP", ".B EMAG_LOG, EMAG_LOG_LEVEL", "“text” or “json”; “debug” … “error”."]
    lines += [".SH EXIT STATUS", ".TP", ".B 0", "Done.", ".TP", ".B 1"]
    lines += ["It could not be done, or faults were found.", ".TP", ".B 2", "Wrong usage."]
    return "\n".join(lines) + "\n"


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^(['.])(?!PP)", r"\\&\1", escaped)


def main() -> None:
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
