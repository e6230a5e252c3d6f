"""What became of an issue's copies, counted by the database."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from emag.issues.issue import UNSENT, Status
from emag.issues.tables import CORRECTIONS, ISSUES
from emag.mailing.delivery import DeliveryStatus, Report
from emag.mailing.sending import condensed
from emag.mailing.tables import DELIVERIES, MAILINGS
from subscribers import roll
from subscribers.consent import ConsentAct

FEWEST = 5  # readers of a domain that is named; fewer could show who reads
OTHERS = "others"
LEAVE_WITHIN = timedelta(days=7)
_D = DELIVERIES.c
# Took the copy, or may have taken it.
_RECEIVED = (DeliveryStatus.ACCEPTED.value, DeliveryStatus.DOUBTFUL.value)
# Queue numbers and session marks, which differ from one answer of a server to the next.
_MARK = re.compile(r"(?<![\w@])(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z])[\w.-]{10,}")


@dataclass(frozen=True, slots=True)
class DomainResult:
    """The copies for one receiving domain; `counts` has each status and report, and `planned`."""

    domain: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """A reason in the server's words, and for how many copies it was given."""

    reason: str
    count: int


def by_domain(conn: Connection, number: int) -> list[DomainResult]:
    """An issue's copies by receiving domain, the largest first.

    Domains with fewer than five readers, and readers who were erased, are one entry: the last.
    """
    if old := condensed.find(conn, number):
        return [DomainResult(domain, sums) for domain, sums in old.domains.items()]
    readers = roll.domains(conn).subquery()
    query = (
        select(readers.c.domain, _D.status, _D.report, func.count())
        .outerjoin(readers, readers.c.id == _D.subscriber)
        .where(_D.issue == number)
        .group_by(readers.c.domain, _D.status, _D.report)
    )
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for domain, status, report, copies in conn.execute(query):
        names = [name for name in ("planned", status, report) if name]
        counts[domain or OTHERS].update(dict.fromkeys(names, copies))
    return _folded(counts)


def _folded(counts: Mapping[str, Counter[str]]) -> list[DomainResult]:
    others = Counter(counts.get(OTHERS, {}))
    named = {}
    for domain, sums in counts.items():
        if domain != OTHERS and sums["planned"] >= FEWEST:
            named[domain] = sums
        elif domain != OTHERS:
            others.update(sums)
    results = [DomainResult(domain, _complete(sums)) for domain, sums in named.items()]
    results.sort(key=lambda result: (-result.counts["planned"], result.domain))
    return [*results, *([DomainResult(OTHERS, _complete(others))] if others else [])]


def _complete(sums: Mapping[str, int]) -> dict[str, int]:
    names = ("planned", *DeliveryStatus, *Report)
    return {str(name): sums.get(name, 0) for name in names if name}


def bounces(conn: Connection, number: int) -> list[ReasonCount]:
    """Why accepted copies came back, the most frequent reason first."""
    return _reasons(conn, number, Report.BOUNCED)


def refusals(conn: Connection, number: int) -> list[ReasonCount]:
    """Why servers refused copies, the most frequent reason first."""
    return _reasons(conn, number, DeliveryStatus.REFUSED)


def _reasons(conn: Connection, number: int, kind: DeliveryStatus | Report) -> list[ReasonCount]:
    if old := condensed.find(conn, number):
        pairs = old.bounces if kind == Report.BOUNCED else old.refusals
        return [ReasonCount(reason, count) for reason, count in pairs]
    column = _D.report if isinstance(kind, Report) else _D.status
    query = select(_D.reason, func.count()).where(_D.issue == number, column == kind.value)
    rows = conn.execute(query.group_by(_D.reason))
    return folded_reasons(ReasonCount(reason, count) for reason, count in rows)


def folded_reasons(reasons: Iterable[ReasonCount]) -> list[ReasonCount]:
    """Counts reasons together that differ only in the server's marks of the message."""
    groups: defaultdict[str, list[ReasonCount]] = defaultdict(list)
    for reason in reasons:
        groups[_MARK.sub("…", reason.reason)].append(reason)
    results = [
        ReasonCount(text if len(same) > 1 else same[0].reason, sum(one.count for one in same))
        for text, same in groups.items()
    ]
    return sorted(results, key=lambda result: (-result.count, result.reason))


def count_left(conn: Connection, number: int) -> int:
    """How many readers unsubscribed or had themselves erased within 7 days of their copy.

    Who took it back within minutes does not count.
    """
    if old := condensed.find(conn, number):
        return old.left
    query = select(MAILINGS.c.addressed_at).where(MAILINGS.c.issue == number)
    since = conn.execute(query).scalar()
    if since is None:
        return 0
    departures = roll.departures(since=since).subquery()
    rows = conn.execute(
        select(departures, _D.settled_at)
        .join(DELIVERIES, _D.subscriber == departures.c.subscriber)
        .where(_D.issue == number, _D.status.in_(_RECEIVED), _D.report != Report.BOUNCED.value)
        .order_by(departures.c.sequence)
    )
    left: dict[int, bool] = {}
    for row in rows:
        if _is_soon(row.at, row.settled_at or since):
            left[row.subscriber] = row.act != ConsentAct.RETURNED
    return sum(left.values())


def _is_soon(at: datetime, received_at: datetime) -> bool:
    return received_at <= at <= received_at + LEAVE_WITHIN


@dataclass(frozen=True, slots=True)
class ReaderCopy:
    """One reader's copy of an issue."""

    issue: int
    edition: int | None
    status: str  # what was reported of it, else the outcome
    reason: str
    was_received: bool  # perhaps: a doubtful one counts


def of_reader(conn: Connection, subscriber: int) -> list[ReaderCopy]:
    """Every copy that was made out to a reader, by issue."""
    columns = (_D.issue, ISSUES.c.edition, _D.status, _D.report, _D.reason)
    query = (
        select(*columns)
        .outerjoin(ISSUES, ISSUES.c.number == _D.issue)
        .where(_D.subscriber == subscriber)
        .order_by(_D.issue)
    )
    return [
        ReaderCopy(
            row.issue,
            row.edition,
            row.report or row.status,
            row.reason,
            row.status in _RECEIVED and row.report != Report.BOUNCED,
        )
        for row in conn.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class PastIssue:
    """An issue that has begun to leave, or never will. `at` is when that was decided.

    `planned` counts the readers it was made out to; `corrections` those of the archive's copy.
    """

    number: int
    edition: int | None
    subject: str
    status: Status
    is_special: bool
    at: datetime | None
    planned: int
    corrections: int


def past(conn: Connection, *, limit: int, offset: int) -> list[PastIssue]:
    """A page of the past issues, the newest first."""
    corrections = (
        select(func.count())
        .select_from(CORRECTIONS)
        .where(CORRECTIONS.c.issue == ISSUES.c.number)
        .scalar_subquery()
    )
    at = func.coalesce(ISSUES.c.first_accepted_at, ISSUES.c.began_at, ISSUES.c.closed_at)
    names = ("number", "edition", "subject", "status", "is_special")
    query = (
        select(*(ISSUES.c[name] for name in names), at, MAILINGS.c.planned, corrections)
        .outerjoin(MAILINGS, MAILINGS.c.issue == ISSUES.c.number)
        .where(ISSUES.c.status.not_in(UNSENT))
        .order_by(ISSUES.c.number.desc())
    )
    return [
        PastIssue(*row[:3], Status(row.status), row.is_special, row[5], row[6] or 0, row[7])
        for row in conn.execute(query.limit(limit).offset(offset))
    ]


def count_past(conn: Connection) -> int:
    """How many issues have begun to leave, or never will."""
    query = select(func.count()).select_from(ISSUES).where(ISSUES.c.status.not_in(UNSENT))
    return conn.execute(query).scalar_one()
