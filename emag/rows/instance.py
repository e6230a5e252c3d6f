"""The table of the mark by which a copy of the database is recognised."""

from sqlmodel import Field, SQLModel


class InstanceRow(SQLModel, table=True):
    """One row: the mark and the place of the database when it was last known as the original."""

    __tablename__ = "instances"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    mark: str  # a new random one around every sending, so that an older copy is recognised
    following: str  # the next mark, for the file beside the database may be one step ahead
    place: str
    held: str = ""  # why nothing is sent, if sending was turned off
