"""Read about one reader what the list itself does not know: why mail to them did not arrive."""

from emag.database import Database
from emag.mailing.returns import reports
from subscribers import roll


def latest_reason(database: Database, address: str) -> str:
    """Why the latest message to a reader bounced or was refused, in the server's words.

    “” if there is no such message or no such reader. Raises BadAddress.
    """
    with database.reading() as conn:
        member = roll.find(conn, address)
        return reports.latest_reason(conn, member.id) if member else ""
