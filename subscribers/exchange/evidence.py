"""What an import keeps as evidence of each row."""

from dataclasses import replace
from datetime import datetime
from json.encoder import encode_basestring as quoted
from typing import NamedTuple

from subscribers.consent import ConsentAct, Evidence
from subscribers.exchange.columns import moment
from subscribers.exchange.row import Row, RowStatus
from subscribers.membership.ledger import NewEntry
from subscribers.tokens import Keys


class Job(NamedTuple):
    """What is the same for every row of a file. `number` None changes nothing."""

    keys: Keys
    number: int | None
    source: str
    basis: str
    now: datetime
    of_reader: Evidence
    of_others: Evidence
    label: str = ""  # before a refused row's reason, where there are several files


def job(keys: Keys, number: int | None, source: str, basis: str, now: datetime) -> Job:
    of_others = Evidence("import", source=source)
    return Job(keys, number, source, basis, now, replace(of_others, wording=basis), of_others)


def deed(job: Job, number: int, row: Row, address: str, act: ConsentAct) -> NewEntry:
    """What the ledger is told of a row."""
    if row.details or row.at or row.ip:
        return NewEntry(act, number, _evidence(job, row), address)
    shared = job.of_reader if row.says is RowStatus.READER else job.of_others
    body = f'{{"address":{quoted(address)},"line":{row.line},"source":{quoted(job.source)}}}'
    return NewEntry(act, number, shared, address, body)


def _evidence(job: Job, row: Row) -> Evidence:
    """The file with the line, and what it says about when, where from and why.

    The stated basis is what readers agreed to; of those who left it says nothing.
    """
    details: dict[str, object] = {"line": row.line, **(row.details or {})}
    claimed = moment(row.at) if row.at else None
    if row.at and claimed is None:
        details["at"] = row.at
    shared = job.of_reader if row.says is RowStatus.READER else job.of_others
    return replace(shared, ip=row.ip, claimed_at=claimed, details=details)
