"""The default of each key of emag.toml, as emag.toml writes it."""

from functools import lru_cache
from typing import get_args

from pydantic import BaseModel

from emag.settings.tables import SectionSettings, Settings, SourceSettings
from emag.settings.themes import shipped_templates
from emag.settings.toml_text import TomlValue, default_in

_LISTS: dict[str, type[BaseModel]] = {"sections": SectionSettings, "sources": SourceSettings}
_SPELLED = {"sections.window": "since-last-issue"}


def sample() -> str:
    """The emag.toml of a new publication, in which a comment shows each default."""
    return (shipped_templates() / "publication" / "emag.toml").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def default(key: str) -> TomlValue | None:
    """What counts where the key is not set; None is nothing at all.

    A value that emag.toml writes in a way of its own, such as “2h”, is the sample's.
    """
    table, _, last = key.partition(".")
    last = last.rpartition(".")[2]
    if f"{table}.{last}" in _SPELLED:
        return _SPELLED[f"{table}.{last}"]
    value = _model_default(table, last)
    if value is None or isinstance(value, (str, int, float)):
        return value
    return default_in(sample(), key)


def _model_default(table: str, name: str) -> object:
    annotation = Settings.model_fields[table].annotation
    model = _LISTS.get(table) or next(iter(get_args(annotation)), annotation)
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    for attribute, field in model.model_fields.items():
        if name in {attribute, field.alias} and not field.is_required():
            return field.get_default(call_default_factory=True)
    return None
