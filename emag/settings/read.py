"""Reads emag.toml, .env and the environment into Settings, and names every fault at once."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from emag.errors import SettingsError
from emag.settings.kinds import nearest
from emag.settings.tables import Environment, Settings


def load(folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Reads emag.toml, then .env, then the environment; later ones win.

    Raises SettingsError with every fault found, each one sentence. No secret is in a sentence.
    """
    folder = folder.resolve()
    toml = folder / "emag.toml"
    if not toml.is_file():
        how = f"run “emag init {folder}”, or name the publication's folder with --dir"
        raise SettingsError([f"There is no emag.toml in {folder}: {how}"])
    try:
        data = tomllib.loads(toml.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"emag.toml cannot be read: {error}"]) from error
    variables = _dotenv(folder / ".env") | dict(os.environ if environ is None else environ)  # noqa: TID251 - the one door
    faults = _overlay(data, variables)
    try:
        settings = Settings(folder=folder, **data)
    except ValidationError as error:
        faults += [sentence for fault in error.errors() for sentence in _sentences(fault)]
    if faults:
        raise SettingsError(faults)
    return settings


def _dotenv(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values  # noqa: PLC0415 - only where there is an .env

    return {k: v for k, v in dotenv_values(path).items() if v is not None} if path.is_file() else {}


# Read by the doors, not settings of the publication.
_DOOR_VARIABLES = frozenset({"EMAG_DIR", "EMAG_CORPUS"})


def _overlay(data: dict[str, Any], variables: Mapping[str, str]) -> list[str]:
    """Puts EMAG_… into `data`: plain names into [environment], A__B into table a, key b."""
    faults = []
    environment: dict[str, str] = {}
    known = [f"EMAG_{name.upper()}" for name in Environment.model_fields]
    for variable, value in sorted(variables.items()):
        if not variable.startswith("EMAG_") or variable in _DOOR_VARIABLES:
            continue
        path = variable.removeprefix("EMAG_").lower().split("__")
        if len(path) == 1:
            if variable in known:
                environment[path[0]] = value
            else:
                faults.append(f"{variable} is not a setting{nearest(variable, known)}")
        elif path[0] in _tables() and isinstance(data.setdefault(path[0], {}), dict):
            data[path[0]]["__".join(path[1:])] = value
        else:
            faults.append(f"{variable} names no table of emag.toml{nearest(path[0], _tables())}")
    if "environment" in data:
        faults.append("[environment] does not belong in emag.toml: put EMAG_… variables into .env")
    data["environment"] = {k: v for k, v in environment.items() if v != ""}
    return faults


def _tables() -> list[str]:
    return [
        "publication",
        "schedule",
        "transport",
        "mailbox",
        "feedback",
        "network",
        "theme",
        "signup",
        "privacy",
    ]


def _sentences(fault: Any) -> list[str]:
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return [f"{where} is not a setting{nearest(str(fault['loc'][-1]), _keys(fault['loc']))}"]
    if fault["type"] == "missing":
        return [f"{where} is missing in emag.toml"]
    message = fault["msg"].removeprefix("Value error, ")
    if fault["loc"][0] == "environment":
        where = f"EMAG_{str(fault['loc'][-1]).upper()}"
    if fault["type"] == "value_error" and (where == "sections" or message.startswith(where)):
        return [str(line) for line in message.split("\n")]  # whole sentences
    return [f"{where}: {message}"]


def _keys(location: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in location[:-1]:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            inner = getattr(annotation, "__args__", (annotation,))[0]
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                model = inner
    return [key for key in model.model_fields if key not in {"folder", "environment"}]
