"""What a sent issue settles: later drafts pass over these stories."""

from sqlalchemy import Connection, select

from emag.content import store as pool
from emag.issues import approval
from emag.issues.tables import VERDICTS


def close(conn: Connection, number: int) -> None:
    """Closes the stories that issues at their end have claimed, and those with a final verdict."""
    final = select(VERDICTS.c.candidate).where(VERDICTS.c.issue == number, VERDICTS.c.final)
    pool.close(conn, final)
    pool.close(conn, approval.claimed_for_good())
