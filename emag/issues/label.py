"""The label “job of the week”: exactly one job of an issue has it, or none."""

from collections.abc import Sequence
from dataclasses import replace

from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Pick, Section


def one_label(sections: Sequence[Section], featured: int | None) -> tuple[Section, ...]:
    """The sections with the label on the featured job, else on the first that its source marks."""
    picks = [pick for section in sections for pick in section.picks]
    chosen = next((p for p in picks if p.candidate == featured and _is_job(p.story)), None)
    chosen = chosen or next((p for p in picks if _is_labelled(p.story)), None)
    return tuple(
        replace(section, picks=tuple(_labelled(pick, chosen=chosen) for pick in section.picks))
        for section in sections
    )


def _is_job(story: Story) -> bool:
    return story.kind is Kind.JOB


def _is_labelled(story: Story) -> bool:
    return _is_job(story) and story.vacancy is not None and story.vacancy.job_of_the_week


def _labelled(pick: Pick, *, chosen: Pick | None) -> Pick:
    is_it = pick is chosen
    if not _is_job(pick.story) or is_it == _is_labelled(pick.story):
        return pick
    vacancy = pick.story.vacancy or Vacancy(role=pick.story.title)
    return replace(pick, story=replace(pick.story, vacancy=replace(vacancy, job_of_the_week=is_it)))
