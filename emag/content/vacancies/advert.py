"""Reads a vacancy from its advert: role, employer, place, terms, and when it closes."""

from datetime import date, tzinfo

from emag.content.vacancies import deadline, headline, labels, terms
from emag.content.vacancies.pay import salary
from emag.content.vacancies.vacancy import Vacancy
from emag.content.when.zone import BRITAIN


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
