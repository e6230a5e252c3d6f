"""A vacancy: role, employer, place, terms, and when it closes."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Vacancy:
    """One advertised post. A field is empty where the board does not say.

    `closes` is the last day for applications. `closes_at` is the moment on it, aware and with the
    board's own offset, where the board names a time.
    """

    role: str
    employer: str = ""
    place: str = ""
    places: int = 1
    closes: date | None = None
    salary: str = ""
    job_of_the_week: bool = False
    closes_at: datetime | None = None
    working: str = ""  # hybrid, remote
    hours: str = ""
    contract: str = ""

    def closed(self, at: date) -> bool:
        """True if it is closed by `at`: a day, or a moment in the publication's time zone.

        Where no time is named, the job is still open on its last day.
        """
        if self.closes_at and isinstance(at, datetime):
            return self.closes_at <= at
        day = at.date() if isinstance(at, datetime) else at
        return self.closes is not None and self.closes < day

    @property
    def closing(self) -> date | None:
        """The moment where one is named, or else the day."""
        return self.closes_at or self.closes
