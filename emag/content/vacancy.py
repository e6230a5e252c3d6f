"""A vacancy: role, employer, place, terms, and when it closes."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from emag.content import deadline, headline, labels, terms
from emag.content.pay import salary
from emag.content.when.zone import BRITAIN


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


def from_advert(
    title: str,
    text: str,
    *,
    employer: str = "",
    published: date | None = None,
    zone: tzinfo = BRITAIN,
) -> Vacancy:
    """What an advert says. Where the board names the `employer`, the headline is not asked."""
    facts = headline.read(title, employer=employer)
    text = labels.joined(text)
    closing = deadline.read(text, published=published, zone=zone)
    if closing.day is None:
        closing = deadline.read(title, published=published, zone=zone)
    return Vacancy(
        role=facts.role,
        employer=facts.employer or terms.employer(text),
        place=facts.place or terms.place(text),
        places=facts.places if facts.places > 1 else terms.places(text),
        closes=closing.day,
        closes_at=closing.at,
        salary=salary(text) or salary(title),
        job_of_the_week=facts.job_of_the_week,
        working=terms.working(facts.working) or terms.working(text),
        hours=terms.hours(text) or terms.hours(title),
        contract=terms.contract(text) or terms.contract(title),
    )
