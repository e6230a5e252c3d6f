"""Where stories stand in an issue: the changes that put them in, move them and take them out."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection

from emag.content import store as pool
from emag.content.pool import Candidate
from emag.errors import NotFound, WrongMove
from emag.issues import approval, state, store
from emag.issues.act import ActKind
from emag.issues.acts import IssueChange
from emag.issues.issue import Issue, Section
from emag.issues.placement import Placement
from emag.issues.rank import between
from emag.issues.recipe import Because


def moved(
    conn: Connection, issue: Issue, story: int, section: str, place: int | None
) -> Iterator[IssueChange]:
    """The change that moves a story, unless it is there already."""
    before = state.read(conn, issue.number, state.story(story))
    was_in = holding(issue, story)
    order_before = [pick.candidate for pick in was_in.picks]
    here = order_before.index(story) + 1
    last = len(order_before)
    if was_in.name == section and here == min(place or last, last):
        return
    assert before is not None
    placement = replace(Placement.read(before), section=section)
    yield put(conn, issue.number, story, placement, kind=ActKind.MOVE, place=place)


def put(
    conn: Connection,
    number: int,
    story: int,
    placement: Placement,
    *,
    kind: ActKind,
    place: int | None,
) -> IssueChange:
    """The change that puts a story into the placement's section, at `place` or at the end."""
    ranks = store.ranks(conn, number, placement.section, without=story)
    at = len(ranks) if place is None else min(max(place - 1, 0), len(ranks))
    before, after = ranks[at - 1] if at else "", ranks[at] if at < len(ranks) else ""
    placement = replace(placement, rank=between(before, after, story))
    return IssueChange(kind, state.story(story), placement.written(), detail=str(at + 1))


def out(kind: ActKind, story: int, section: Section, because: tuple[Because, str]) -> IssueChange:
    """The change that takes a story out of its section."""
    placement = Placement(section.name, "", *because)
    return IssueChange(kind, state.story(story), placement.written())


def sent_before(conn: Connection, story: Candidate, issue: Issue) -> list[int]:
    """The issues by which readers have had a story. Raises WrongMove where it waits in another."""
    claimants = approval.claimants(conn, story.id)
    for number, has_begun in claimants:
        if not has_begun and number != issue.number:
            raise WrongMove(f"“{story.story.title}” is in issue {number} already.")
    return [number for number, has_begun in claimants if has_begun]


def candidate(conn: Connection, story: int) -> Candidate:
    """A story of the pool. Raises NotFound."""
    pooled = pool.by_ids(conn, [story]).get(story)
    if pooled is None:
        raise NotFound(f"There is no story {story}: “emag issue explain” lists them.")
    return pooled


def section(issue: Issue, name: str) -> Section:
    """A section of the issue by its name. Raises NotFound."""
    by_name = {heading.name: heading for heading in issue.sections}
    if name in by_name:
        return by_name[name]
    names = ", ".join(by_name)
    raise NotFound(f"Issue {issue.number} has no section “{name}”; it has {names}.")


def leaving(conn: Connection, issue: Issue, story: int) -> Section:
    """The section that a story is taken out of, in the issue or still in the pool.

    Raises NotFound for a story that does not exist or that belongs to another issue.
    """
    if story in {pick.candidate for pick in issue.picks}:
        return holding(issue, story)
    pooled = candidate(conn, story)
    if approval.claimants(conn, story):
        raise NotFound(f"Story {story} is not in issue {issue.number}.")
    return Section(pooled.section, "")


def holding(issue: Issue, story: int) -> Section:
    """The section that holds a story. Raises NotFound."""
    for heading in issue.sections:
        if story in {pick.candidate for pick in heading.picks}:
            return heading
    raise NotFound(f"Story {story} is not in issue {issue.number}.")
