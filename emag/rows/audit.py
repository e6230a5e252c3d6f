"""The tables of the audit record."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel


class AuditRow(SQLModel, table=True):
    """One entry of the audit record. Rows are only ever added."""

    __tablename__ = "audit"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(index=True)
    by: str
    kind: str
    subject: str = Field(default="", index=True)
    detail: str = Field(default="", sa_column=Column(Text, nullable=False))
    network: str = ""  # a salted hash of it: the network itself is in `audit_networks`
    hash: str


class AuditNetworkRow(SQLModel, table=True):
    """From which network somebody came, for 30 days."""

    __tablename__ = "audit_networks"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    network: str
    salt: str


class SealRow(SQLModel, table=True):
    """The newest sealed record of one chain: `audit`, or `acts` of issues."""

    __tablename__ = "audit_seals"

    chain: str = Field(primary_key=True)
    number: int
    hash: str
    seal: str
