"""Reads emag.toml, .env and the environment into Settings, and names every fault at once."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from emag.errors import SettingsError
from emag.settings import sentences, themes
from emag.settings.environment import Environment
from emag.settings.kinds import TomlTable, nearest
from emag.settings.secret_files import with_files
from emag.settings.tables import Settings

# Variables that the command line and the tests read. They are no settings of the publication.
_OTHER_VARIABLES = frozenset({"EMAG_DIR", "EMAG_CORPUS"})


def load(folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Reads emag.toml, then .env, then the environment. Later values win.

    Raises SettingsError with all faults, one sentence each. No sentence holds a secret.
    """
    folder = folder.resolve()
    return parse(read_text(folder), folder, environ)


def parse(text: str, folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Reads `text` as the emag.toml of a folder, as `load` does. Raises SettingsError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([sentences.of_toml(text, error)]) from None
    faults = _add_variables(data, _variables(folder, environ), folder)
    faults += _add_theme(data, folder / "templates")
    try:
        settings = Settings(folder=folder, **data)
    except ValidationError as error:
        faults += [sentence for detail in error.errors() for sentence in _sentences(detail)]
    if faults:
        raise SettingsError(faults)
    return settings


def read_text(folder: Path) -> str:
    """The text of emag.toml with the ends of its lines as they are. Raises SettingsError."""
    file = folder / "emag.toml"
    if not file.is_file():
        advice = f"run “emag init {folder}”, or name the publication's folder with --dir"
        raise SettingsError([f"There is no emag.toml in {folder}: {advice}"])
    try:
        return file.read_bytes().decode("utf-8-sig")  # Windows writes such a mark at the start
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fault = f"emag.toml is not text in UTF-8, in line {line}: save it as UTF-8"
        raise SettingsError([fault]) from None
    except OSError:
        raise SettingsError([f"{file} cannot be read: let this user read it"]) from None


def overrides(folder: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The keys of emag.toml that a variable decides, each with the variable's name."""
    return {
        ".".join(variable.removeprefix("EMAG_").lower().split("__", 1)): variable
        for variable in _variables(folder, environ)
        if variable.startswith("EMAG_") and "__" in variable
    }


def _variables(folder: Path, environ: Mapping[str, str] | None) -> dict[str, str]:
    outer = dict(os.environ if environ is None else environ)  # noqa: TID251 - the only place
    return _read_dotenv(folder / ".env") | outer


def _read_dotenv(file: Path) -> dict[str, str]:
    from dotenv import dotenv_values  # noqa: PLC0415 - only where there is an .env

    if not file.is_file():
        return {}
    try:
        values = dotenv_values(file, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError([f"{file} is not text in UTF-8: save it as UTF-8"]) from None
    except OSError:
        raise SettingsError([f"{file} cannot be read: let this user read it"]) from None
    return {name: value for name, value in values.items() if value is not None}


def _add_variables(data: dict[str, Any], variables: Mapping[str, str], folder: Path) -> list[str]:
    """Adds the EMAG_… variables to the data of emag.toml. Returns the faults.

    A plain name goes into `environment`, and EMAG_A__B into table a as key b.
    """
    environment: dict[str, str] = {}
    names = [f"EMAG_{name.upper()}" for name in Environment.model_fields]
    variables, faults = with_files(variables, names, folder)
    for variable, value in sorted(variables.items()):
        if not variable.startswith("EMAG_") or variable in _OTHER_VARIABLES:
            continue
        table, *key = variable.removeprefix("EMAG_").lower().split("__")
        if not key:
            if variable in names:
                environment[table] = value
            else:
                faults.append(f"{variable} is not a setting{nearest(variable, names)}")
        elif table in _tables() and isinstance(data.setdefault(table, {}), dict):
            data[table]["__".join(key)] = value
        else:
            hint = nearest(table, [*_tables()])
            faults.append(f"{variable} names no table of emag.toml{hint}")
    if "environment" in data:
        faults.append("[environment] does not belong in emag.toml: put EMAG_… variables into .env")
    data["environment"] = {name: value for name, value in environment.items() if value}
    return faults


def _add_theme(data: dict[str, Any], templates: Path) -> list[str]:
    """Adds what the theme sets to the data of emag.toml, which wins. Returns the faults."""
    wanted = data.get("theme", {})
    if not isinstance(wanted, dict):
        return []  # named with all other faults
    try:
        data["theme"] = themes.with_theme(wanted, templates)
    except SettingsError as error:
        return list(error.faults)
    except ValidationError:
        pass  # named with all other faults
    return []


def _tables() -> dict[str, type[BaseModel]]:
    """Returns the tables of emag.toml that are written once, such as [schedule]."""
    return {
        name: model
        for name, model in _models(Settings)
        if name != "environment" and Settings.model_fields[name].annotation is model
    }


def _models(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yields the keys that hold a table, or a list of tables, with the table's model."""
    for name, field in model.model_fields.items():
        inner = next(iter(get_args(field.annotation)), field.annotation)
        if isinstance(inner, type) and issubclass(inner, TomlTable):
            yield name, inner


def _sentences(detail: ErrorDetails) -> list[str]:
    location, kind = detail["loc"], detail["type"]
    where = ".".join(str(part) for part in location)
    if kind == "extra_forbidden":
        return [f"{where} is not a setting{_hint(location)}"]
    if kind == "missing":
        return [f"{where} is missing in emag.toml"]
    message = detail["msg"].removeprefix("Value error, ")
    if kind != "value_error":
        message = sentences.of_kind(kind, detail.get("ctx", {}))
    if location[0] == "environment":
        where = f"EMAG_{str(location[-1]).upper()}"
    if kind == "value_error" and (where == "sections" or message.startswith(where)):
        return [str(line) for line in message.split("\n")]  # each line is a whole sentence
    return [f"{where}: {message}"]


def _hint(location: tuple[int | str, ...]) -> str:
    """Names the nearest key: the same key in another table, or else the most similar one here."""
    *parents, key = [str(part) for part in location if isinstance(part, str)]
    homes = [table for table, model in _models(Settings) if key in _keys(model)]
    if homes and homes != ["environment"]:
        return f"; did you mean {homes[0]}.{key}?"
    model: type[BaseModel] = Settings
    for parent in parents:
        model = dict(_models(model)).get(parent, model)
    return nearest(key, [name for name in _keys(model) if name not in {"folder", "environment"}])


def _keys(model: type[BaseModel]) -> list[str]:
    """The keys of a table as emag.toml writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]
