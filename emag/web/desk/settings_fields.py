"""The settings that pages of the desk let people change, and how a form shows and reads each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from emag.desk.settings_text import SettingsText
from emag.settings.defaults import default
from emag.settings_log.store import LoggedValue

FieldKind = Literal["text", "area", "colour", "choice", "number", "list", "times"]


@dataclass(frozen=True, slots=True)
class SettingField:
    """One key of emag.toml in a form. `label` names its texts where many keys share them."""

    key: str
    kind: FieldKind = "text"
    choices: tuple[str, ...] = ()
    label: str = ""

    @property
    def words_key(self) -> str:
        return self.label or self.key

    def current(self, text: SettingsText) -> str:
        """The value as the form shows it: that of the file, or else the default."""
        value = text.value(self.key)
        return as_text(text.default(self.key) if value is None else value, self.kind)

    def entered(self, value: str) -> LoggedValue:
        """What was typed, as emag.toml holds it. A wrong value is left to the reader to name."""
        value = tidy(value)
        if self.kind == "number":
            return int(value) if value.isascii() and value.isdigit() else value or None
        if self.kind == "list":
            return value.split("\n") if value else []
        if self.kind == "times" and "," in value:
            return [part.strip() for part in value.split(",") if part.strip()]
        return value or _empty(self.key)


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields below one heading."""

    name: str
    fields: tuple[SettingField, ...]


def changes(
    fields: Iterable[SettingField], text: SettingsText, sent: Mapping[str, str]
) -> dict[str, LoggedValue]:
    """The keys that somebody gave another value in the form."""
    return {
        field.key: field.entered(sent[field.key])
        for field in fields
        if field.key in sent and tidy(sent[field.key]) != field.current(text)
    }


def location(key: str, text: SettingsText) -> str:
    """A key as faults name it: “sections.0.limit” for “sections.posts.limit”."""
    table, _, rest = key.partition(".")
    name, _, last = rest.rpartition(".")
    tables = text.values.get(table)
    if not isinstance(tables, list):
        return key
    names = [entry.get("name") for entry in tables]
    return f"{table}.{names.index(name)}.{last}" if name in names else key


def as_text(value: LoggedValue, kind: FieldKind) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return (", " if kind == "times" else "\n").join(value)
    return str(value)


def tidy(value: str) -> str:
    """A field's text without blanks at the ends of lines, or lines without anything at the end."""
    return "\n".join(line.strip() for line in value.splitlines()).strip()


def section_fields(text: SettingsText) -> tuple[SettingField, ...]:
    """The fields of each section of an issue, where emag.toml has sections."""
    sections: Sequence[Mapping[str, object]] = text.values.get("sections") or ()
    parts: tuple[tuple[str, FieldKind, tuple[str, ...]], ...] = (
        ("title", "text", ()),
        ("limit", "number", ()),
        ("order", "choice", ("newest", "featured")),
        ("window", "text", ()),
    )
    return tuple(
        SettingField(f"sections.{section['name']}.{part}", kind, choices, f"sections.{part}")
        for section in sections
        if isinstance(section.get("name"), str)
        for part, kind, choices in parts
    )


def _empty(key: str) -> LoggedValue:
    """An empty field is an empty text where that is the default; else the key is taken away."""
    return "" if default(key) == "" else None
