"""Decides which settings a running process takes anew, and which ones wait for a restart."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from emag.settings.tables import Settings

# How mail leaves, and everything of the environment: the database, the engine, keys and addresses.
# What is open or promised by them lasts as long as the process.
NEEDS_RESTART = ("transport", "sendgrid", "environment")


def effective(running: Settings, written: Settings) -> Settings:
    """The settings that a process with `running` goes on with after `written` were read."""
    return written.model_copy(update={name: getattr(running, name) for name in NEEDS_RESTART})


def waiting(running: Settings, written: Settings) -> tuple[str, ...]:
    """The names of changed settings that wait for a restart: a key or a variable each."""
    names: list[str] = []
    for table in NEEDS_RESTART:
        before, after = getattr(running, table), getattr(written, table)
        names += (
            f"EMAG_{key.upper()}" if table == "environment" else f"{table}.{key}"
            for key in _different(before, after)
        )
    return tuple(names)


def changed_keys(before: Settings, after: Settings) -> tuple[str, ...]:
    """The keys of emag.toml, or whole lists of tables, with another value."""
    names: list[str] = []
    for name in Settings.model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if isinstance(old, BaseModel) and name != "environment":
            names += (f"{name}.{key}" for key in _different(old, new))
        elif old != new and name not in {"environment", "folder"}:
            names.append(name)
    return tuple(names)


def _different(before: BaseModel, after: BaseModel) -> Iterator[str]:
    fields: dict[str, Any] = dict(type(before).model_fields)
    for name, field in fields.items():
        if getattr(before, name) != getattr(after, name):
            yield field.alias or name
