"""The table of what DNS last said of the sending domains."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class DomainAnswerRow(SQLModel, table=True):
    """The findings about one domain, sent from in one way."""

    __tablename__ = "domain_answers"

    domain: str = Field(primary_key=True)
    transport: str = Field(primary_key=True)
    asked_at: datetime
    findings: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
