"""A warm-up: how many messages may leave a day while a sending domain is new."""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import Connection, func, select, update

from emag.mailing.tables import DAYS
from subscribers import dialect


class WarmUp:
    """`plan` holds the limit of the first day of sending, of the second, and so on.

    After the last one there is no limit. Days on which nothing left do not count, so a weekly
    issue does not outgrow its plan unused. All senders on the database share the day's limit.
    """

    def __init__(self, plan: Sequence[int], today: Callable[[], date]) -> None:
        self._plan, self._today = plan, today
        self.is_used_up = False  # today's limit

    def grant(self, conn: Connection, wanted: int) -> int:
        """How many of `wanted` may leave. Other senders wait for the commit before they ask."""
        if not self._plan or not wanted:
            return wanted
        day = self._today().isoformat()
        conn.execute(dialect.insert(conn, DAYS).values(day=day, sent=0).on_conflict_do_nothing())
        locked = select(DAYS.c.sent).where(DAYS.c.day == day).with_for_update()
        sent: int = conn.execute(locked).scalar_one()
        earlier = select(func.count()).where(DAYS.c.day < day, DAYS.c.sent > 0)
        nth = conn.execute(earlier).scalar_one()
        if nth >= len(self._plan):
            self._plan = ()
            return wanted
        self.is_used_up = sent >= self._plan[nth]
        return min(wanted, max(0, self._plan[nth] - sent))

    def is_over(self, conn: Connection) -> bool:
        """True if today's limit is reached, as the last message that left has recorded it."""
        day = self._today().isoformat()
        earlier = select(func.count()).where(DAYS.c.day < day, DAYS.c.sent > 0)
        nth = conn.execute(earlier).scalar_one()
        sent: int = conn.execute(select(DAYS.c.sent).where(DAYS.c.day == day)).scalar() or 0
        return nth < len(self._plan) and sent >= self._plan[nth]

    def count(self, conn: Connection, messages: int) -> None:
        """Adds to today's messages; a negative number takes back those that did not leave."""
        if self._plan and messages:
            today = DAYS.c.day == self._today().isoformat()
            conn.execute(update(DAYS).where(today).values(sent=DAYS.c.sent + messages))
