"""The table of the timetable's runs."""

from datetime import datetime

from sqlalchemy import Table, UniqueConstraint
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


RUNS: Table = RunRow.__table__  # type: ignore[attr-defined]
