"""The difference between two states of an issue, as clauses that a person can read."""

from collections.abc import Iterator

from emag.content.story import Story
from emag.issues.issue import Issue, Pick
from emag.issues.words import Field, of_source, spoken

_FIELDS = (Field.SUMMARY, Field.BY, Field.PICTURE, Field.FOCUS, Field.ALT)


def difference(before: Issue, after: Issue) -> list[str]:
    """What is new in `after`: stories, places, words, lines, promos. Empty if both are the same."""
    return [
        *_stories(before, after),
        *_places(before, after),
        *_words(before, after),
        *_lines(before, after),
        *_promos(before, after),
    ]


def _stories(before: Issue, after: Issue) -> Iterator[str]:
    was, now = _picks(before), _picks(after)
    yield from (f"“{was[key].story.title}” is out" for key in was if key not in now)
    yield from (f"“{now[key].story.title}” is in" for key in now if key not in was)


def _places(before: Issue, after: Issue) -> Iterator[str]:
    common = _picks(before).keys() & _picks(after).keys()
    earlier = {section.name: section.picks for section in before.sections}
    for section in after.sections:
        was = [p.candidate for p in earlier.get(section.name, ()) if p.candidate in common]
        now = [pick.candidate for pick in section.picks if pick.candidate in common]
        if was != now:
            yield f"the stories of {section.title or section.name} stand in another order"


def _words(before: Issue, after: Issue) -> Iterator[str]:
    was = _picks(before)
    for key, pick in _picks(after).items():
        if key in was and was[key].story != pick.story:
            yield from _of_story(was[key], pick)


def _of_story(was: Pick, now: Pick) -> Iterator[str]:
    title = f"“{was.story.title}”"
    if now.story.title != was.story.title:
        yield f"the title of {title} is “{now.story.title}” now"
    changed = [f for f in _FIELDS if of_source(was.story, f) != of_source(now.story, f)]
    yield from (f"the {spoken(field)} of {title} is another one" for field in changed)
    if _details(was.story) != _details(now.story):
        yield f"the details of {title} are others"


def _details(story: Story) -> tuple[object, ...]:
    vacancy = story.vacancy
    job = (vacancy.closing, vacancy.salary, vacancy.job_of_the_week) if vacancy else ()
    return (story.link, story.starts, story.place, story.body, *job)


def _lines(before: Issue, after: Issue) -> Iterator[str]:
    if after.subject != before.subject:
        yield f"the subject is “{after.subject}” now"
    if after.preheader != before.preheader:
        yield f"the preheader is “{after.preheader}” now"
    if after.note != before.note:
        yield "the note is another one"


def _promos(before: Issue, after: Issue) -> Iterator[str]:
    was = {promo.id: promo for promo in before.promos}
    now = {promo.id: promo for promo in after.promos}
    yield from (f"the promo “{was[key].title}” is out" for key in was if key not in now)
    yield from (f"the promo “{now[key].title}” is in" for key in now if key not in was)
    common = [key for key in now if key in was and was[key] != now[key]]
    yield from (f"the promo “{now[key].title}” was changed" for key in common)


def _picks(issue: Issue) -> dict[int, Pick]:
    return {pick.candidate: pick for pick in issue.picks}
