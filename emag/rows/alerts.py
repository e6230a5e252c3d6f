"""The table of alerts that leave by other ways than the relay."""

from datetime import datetime

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class AlertRow(SQLModel, table=True):
    """One alert for one channel. `subject` and `text` are those of the letter to the editors."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("key", "channel"), Index("ix_alerts_due", "ended_at"))

    id: int | None = Field(default=None, primary_key=True)
    key: str
    channel: str
    at: datetime
    subject: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    not_before: datetime
    attempts: int = 0
    ended_at: datetime | None = None  # when it was handed over, or given up
    reason: str = ""  # why the last attempt failed
