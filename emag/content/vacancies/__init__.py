"""Vacancies: what an advert says of a job, by its headline and its text, as pure rules."""
