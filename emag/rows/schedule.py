"""The tables of the timetable: its runs, and what stood still."""

from datetime import datetime

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class RunRow(SQLModel, table=True):
    """One run of one schedule on one local date. A run by the hour has no date."""

    __tablename__ = "schedule_runs"
    __table_args__ = (UniqueConstraint("schedule", "local_date"),)

    id: int | None = Field(default=None, primary_key=True)
    schedule: str
    local_date: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = ""


class StandstillRow(SQLModel, table=True):
    """One thing that did not move. `ended_at` is empty while it lasts."""

    __tablename__ = "standstills"
    __table_args__ = (Index("ix_standstills_open", "ended_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str
    sentence: str = Field(sa_column=Column(Text, nullable=False))
    begun_at: datetime
    ended_at: datetime | None = None
    is_quiet: bool = False  # it came back soon: people know
