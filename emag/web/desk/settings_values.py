"""All settings as this process has them, for people to read: values, and where each is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel

from emag.settings import Environment, Settings, overrides

_PLAIN = frozenset({"base_url", "engine", "trusted_proxies"})  # variables that hold no secret
_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One setting. `variable` decides it instead of emag.toml; `is_default`: nobody has set it."""

    key: str
    value: str
    variable: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class ShownTable:
    """The settings of one table of emag.toml."""

    name: str
    settings: tuple[ShownSetting, ...]


def tables(settings: Settings) -> list[ShownTable]:
    """Every table, in the order of the model. No value of a secret is among them."""
    variables = overrides(settings.folder)
    return [
        ShownTable(name, tuple(_rows(name, getattr(settings, name), variables)))
        for name in type(settings).model_fields
        if name != "folder"
    ]


def _rows(name: str, value: object, variables: dict[str, str]) -> Iterator[ShownSetting]:
    if isinstance(value, Environment):
        yield from _environment(value)
    elif isinstance(value, BaseModel):
        for key, field in type(value).model_fields.items():
            dotted = f"{name}.{field.alias or key}"
            written = as_written(getattr(value, key))
            is_default = key not in value.model_fields_set
            yield ShownSetting(dotted, written, variables.get(dotted, ""), is_default)
    elif isinstance(value, tuple):
        for entry in value:
            yield from _rows(f"{name}.{entry.name}", entry, variables)


def _environment(environment: Environment) -> Iterator[ShownSetting]:
    """A secret is only said to be set, or not."""
    for key in Environment.model_fields:
        value = getattr(environment, key)
        written = as_written(value) if key in _PLAIN else "•••••" if value else ""
        is_default = key not in environment.model_fields_set
        yield ShownSetting(f"EMAG_{key.upper()}", written, is_default=is_default)


def as_written(value: Any) -> str:
    """A value as emag.toml writes it, near enough for a person."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return _duration(int(value.total_seconds()))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return ", ".join(f"{key} = {as_written(entry)}" for key, entry in value.items())
    if isinstance(value, (tuple, list)):
        return ", ".join(as_written(entry) for entry in value)
    return "" if value is None else str(value)


def _duration(seconds: int) -> str:
    if not seconds:
        return "0"
    return next(
        f"{seconds // length}{unit}" for unit, length in _UNITS[1:] if seconds % length == 0
    )
