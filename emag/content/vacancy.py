"""A job's own facts: role, employer, places, closing date, JOB OF THE WEEK."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Vacancy:
    """One advertised post, read from a board's title and body; empty where the board is silent."""

    role: str
    employer: str = ""
    place: str = ""
    places: int = 1
    closes: date | None = None
    salary: str = ""
    job_of_the_week: bool = False

    def closed(self, today: date) -> bool:
        """True once the closing date lies before `today` (the day itself is still open)."""
        return self.closes is not None and self.closes < today
