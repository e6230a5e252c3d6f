"""How many may leave today, while a new sending domain earns its name."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from emag.mailing.tables import DAYS


class WarmUp:
    """`plan` says how many on the first day of sending, the second, and so on; then no limit.

    Days on which nothing left do not count: a weekly issue must not outgrow its plan unused. All
    senders on the database share the day. `today` names it, in the publication's zone.
    """

    def __init__(self, plan: Sequence[int], today: Callable[[], str]) -> None:
        self._plan, self._today = plan, today
        self.is_spent = False

    def grant(self, conn: Connection, want: int) -> int:
        """How many of `want` may leave. Until the commit no other sender reads the same number."""
        if not self._plan or not want:
            return want
        day = self._today()
        insert: Any = postgresql if conn.dialect.name == "postgresql" else sqlite
        conn.execute(insert.insert(DAYS).values(day=day, sent=0).on_conflict_do_nothing())
        held = select(DAYS.c.sent).where(DAYS.c.day == day).with_for_update()
        sent: int = conn.execute(held).scalar_one()
        earlier = select(func.count()).where(DAYS.c.day < day, DAYS.c.sent > 0)
        nth = conn.execute(earlier).scalar_one()
        if nth >= len(self._plan):
            self._plan = ()
            return want
        self.is_spent = sent >= self._plan[nth]
        return min(want, max(0, self._plan[nth] - sent))

    def count(self, conn: Connection, many: int) -> None:
        """So many left; less than none if some did not after all."""
        if self._plan and many:
            today = DAYS.c.day == self._today()
            conn.execute(update(DAYS).where(today).values(sent=DAYS.c.sent + many))
