"""The functions that read and write why each story is in or out of an issue."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select

from emag.content import store as pool
from emag.content.pool import Candidate
from emag.issues.recipe import Because, Earlier, Verdict
from emag.issues.tables import VERDICTS

# An editor's own decisions count in later issues too.
_LASTING = (Because.DROPPED, Because.PICKED)


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


def listing(conn: Connection, number: int) -> list[tuple[Verdict, Candidate]]:
    """Every verdict of an issue with its candidate, in the order in which they were gathered."""
    query = (
        select(
            VERDICTS.c.candidate,
            VERDICTS.c.section,
            VERDICTS.c.chosen,
            VERDICTS.c.reason,
            VERDICTS.c.because,
        )
        .where(VERDICTS.c.issue == number)
        .order_by(VERDICTS.c.candidate)
    )
    verdicts = [Verdict(*row[:4], Because(row[4])) for row in conn.execute(query)]
    candidates = pool.by_ids(conn, [verdict.candidate for verdict in verdicts])
    return [(verdict, candidates[verdict.candidate]) for verdict in verdicts]


def earlier(conn: Connection) -> dict[int, Earlier]:
    """The last verdict on each candidate; an editor's own decision counts before any other."""
    judged = select(VERDICTS.c.candidate, func.max(VERDICTS.c.issue)).group_by(VERDICTS.c.candidate)
    last = {c: Earlier(number, Because.NEWEST) for c, number in conn.execute(judged)}
    lasting = (
        select(VERDICTS.c.candidate, VERDICTS.c.issue, VERDICTS.c.because)
        .where(VERDICTS.c.because.in_(_LASTING))
        .order_by(VERDICTS.c.issue)
    )
    for candidate, number, because in conn.execute(lasting):
        last[candidate] = Earlier(number, Because(because))
    return last
