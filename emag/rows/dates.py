"""The table of what editors changed about dates."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class DateChangeRow(SQLModel, table=True):
    """One change of one date. No row is ever changed: the newest of a date counts.

    `usual` is the local date of the rhythm, in ISO form. `kind` is skip, move or keep.
    """

    __tablename__ = "date_changes"

    id: int | None = Field(default=None, primary_key=True)
    usual: str = Field(index=True)
    kind: str
    to: datetime | None = None  # where a date was moved
    by: str
    at: datetime
