"""Prints a story as JSON: the same fields for every command that shows one."""

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emag.content.story import Story
    from emag.desk.records import Explanation


def story_data(story: "Story") -> dict[str, Any]:
    """What the source says of a story; None where it does not say."""
    picture, job = story.picture, story.vacancy
    return {
        "title": story.title,
        "url": story.link,
        "published": _iso(story.published),
        "summary": story.summary or None,
        "by": story.author or None,
        "kicker": story.kicker or None,
        "picture": picture.url if picture else None,
        "alt": (picture.alt or None) if picture else None,
        "role": job.role or None if job else None,
        "employer": job.employer or None if job else None,
        "place": (job.place if job else story.where) or None,
        "places": job.places if job else None,
        "closes": _iso(job.closing) if job else None,
        "salary": job.salary or None if job else None,
        "working": job.working or None if job else None,
        "hours": job.hours or None if job else None,
        "contract": job.contract or None if job else None,
        "starts": _iso(story.starts),
        "ends": _iso(story.ends),
    }


def explanation_data(row: "Explanation") -> dict[str, Any]:
    """A story of the pool, and why it is in an issue or not."""
    candidate, story = row.candidate, row.candidate.story
    return story_data(story) | {
        "id": candidate.id,
        "story": candidate.id,
        "kind": str(story.kind),
        "source": story.source,
        "section": row.verdict.section,
        "in": row.verdict.chosen,
        "reason": row.verdict.reason,
        "gathered_at": _iso(candidate.gathered_at),
        "added_by": candidate.added_by or None,
    }


def _iso(at: date | None) -> str | None:
    return at.isoformat() if at else None
