"""Says in one sentence what a database holds, for whoever restores or moves it."""

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Holdings:
    """How many readers get issues, and the number of the issue that left last."""

    readers: int
    last_issue: int | None

    def __str__(self) -> str:
        """Such as “12,345 readers, last issue 81”."""
        noun = "reader" if self.readers == 1 else "readers"
        last = f"last issue {self.last_issue}" if self.last_issue else "no issue has left yet"
        return f"{self.readers:,} {noun}, {last}"


def holdings(conn: Connection) -> Holdings:
    """Counts by plain SQL, so that a database of any revision can be asked."""
    readers = conn.execute(text("SELECT count(*) FROM subscribers WHERE status = 'active'"))
    last = conn.execute(
        text("SELECT number FROM issues WHERE began_at IS NOT NULL ORDER BY began_at DESC LIMIT 1")
    )
    return Holdings(readers.scalar_one(), last.scalar())
