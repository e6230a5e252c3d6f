"""The functions that read and write why each story is in or out of an issue."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, delete, func, insert, or_, select

from emag.content import store as pool
from emag.content.pool import Candidate
from emag.issues.recipe import Because, Earlier, Verdict
from emag.issues.tables import VERDICTS

# An editor's own decisions count in later issues too.
_LASTING = (Because.DROPPED, Because.HELD, Because.PICKED)


def add(conn: Connection, number: int, verdicts: Iterable[Verdict]) -> None:
    """Writes the verdicts of a new issue, one for each candidate."""
    rows = [
        {
            "issue": number,
            "candidate": verdict.candidate,
            "section": verdict.section,
            "chosen": verdict.chosen,
            "because": verdict.because.value,
            "reason": verdict.reason,
            "final": verdict.final,
        }
        for verdict in verdicts
    ]
    if rows:
        conn.execute(insert(VERDICTS), rows)


def overrule(conn: Connection, number: int, verdict: Verdict) -> None:
    """Replaces the recipe's verdict on a candidate by the editor's."""
    earlier_verdict = VERDICTS.c.candidate == verdict.candidate
    conn.execute(delete(VERDICTS).where(VERDICTS.c.issue == number, earlier_verdict))
    add(conn, number, [verdict])


def forget(conn: Connection, number: int, candidate: int) -> None:
    """Takes away the verdict on a candidate, as if it had never been considered."""
    same = VERDICTS.c.candidate == candidate
    conn.execute(delete(VERDICTS).where(VERDICTS.c.issue == number, same))


def listing(conn: Connection, number: int) -> list[tuple[Verdict, Candidate]]:
    """Every verdict of an issue with its candidate, in the order in which they were gathered."""
    names = ("candidate", "section", "chosen", "reason", "because", "final")
    query = select(*(VERDICTS.c[name] for name in names)).where(VERDICTS.c.issue == number)
    rows = conn.execute(query.order_by(VERDICTS.c.candidate)).all()
    verdicts = [
        Verdict(candidate, section, chosen, reason, Because(because), final)
        for candidate, section, chosen, reason, because, final in rows
    ]
    candidates = pool.by_ids(conn, [verdict.candidate for verdict in verdicts])
    return [(verdict, candidates[verdict.candidate]) for verdict in verdicts]


def judged(conn: Connection, number: int) -> set[int]:
    """The candidates that were considered for an issue."""
    query = select(VERDICTS.c.candidate).where(VERDICTS.c.issue == number)
    return set(conn.execute(query).scalars())


def earlier(conn: Connection, *, also: Collection[int] = ()) -> dict[int, Earlier]:
    """The last verdict on each open candidate, and on those of `also`.

    An editor's own decision counts before others.
    """
    of_open = VERDICTS.c.candidate.in_(pool.open_ids())
    is_open = or_(of_open, VERDICTS.c.candidate.in_(list(also)))
    judged = select(VERDICTS.c.candidate, func.max(VERDICTS.c.issue)).where(is_open)
    judged = judged.group_by(VERDICTS.c.candidate)
    last = {c: Earlier(number, Because.NEWEST) for c, number in conn.execute(judged)}
    lasting = (
        select(VERDICTS.c.candidate, VERDICTS.c.issue, VERDICTS.c.because)
        .where(VERDICTS.c.because.in_(_LASTING), is_open)
        .order_by(VERDICTS.c.issue)
    )
    for candidate, number, because in conn.execute(lasting):
        last[candidate] = Earlier(number, Because(because))
    return last
