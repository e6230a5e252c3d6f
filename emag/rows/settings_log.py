"""The table of changes of the settings and texts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field, SQLModel


class SettingsChangeRow(SQLModel, table=True):
    """One change of a file of the publication. Rows are only ever added."""

    __tablename__ = "settings_changes"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    file: str  # emag.toml, or a file in templates/words
    changed: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    former: str = Field(sa_column=Column(Text, nullable=False))  # the whole file before the change
    undoes: int | None = Field(default=None, unique=True)  # the change that this one took back
