"""The evidence that an import keeps of each row."""

from dataclasses import replace
from datetime import datetime
from json.encoder import encode_basestring as quoted
from typing import NamedTuple

from subscribers.consent import ConsentAct, Evidence
from subscribers.exchange.columns import moment
from subscribers.exchange.row import Row, RowStatus
from subscribers.membership.ledger import NewEntry
from subscribers.tokens import Keys


class ImportContext(NamedTuple):
    """What is the same for every row of a file. With `number` None nothing is changed."""

    keys: Keys
    number: int | None
    source: str
    by: str
    now: datetime
    of_reader: Evidence
    of_others: Evidence
    label: str = ""  # comes before the reason of a refused row, where there are several files


def import_context(
    keys: Keys, number: int | None, source: str, *, basis: str, by: str, now: datetime
) -> ImportContext:
    """Makes the context of one file."""
    of_others = Evidence("import", source=source, by=by)
    of_reader = replace(of_others, wording=basis)
    return ImportContext(keys, number, source, by, now, of_reader, of_others)


def entry(context: ImportContext, number: int, row: Row, address: str, act: ConsentAct) -> NewEntry:
    """Makes the consent entry of a row."""
    if row.details or row.at or row.ip:
        return NewEntry(act, number, _evidence(context, row), address)
    shared = context.of_reader if row.status is RowStatus.READER else context.of_others
    # Canonical JSON, written by hand: a large import does this a million times.
    body = (
        f'{{"address":{quoted(address)},"by":{quoted(context.by)},"line":{row.line},'
        f'"source":{quoted(context.source)}}}'
    )
    return NewEntry(act, number, shared, address, body)


def _evidence(context: ImportContext, row: Row) -> Evidence:
    """The file with the line, and what it says about when, from where and why.

    The stated basis is what readers agreed to; it says nothing about those who left.
    """
    details: dict[str, object] = {"line": row.line, **(row.details or {})}
    claimed = moment(row.at) if row.at else None
    if row.at and claimed is None:
        details["at"] = row.at
    shared = context.of_reader if row.status is RowStatus.READER else context.of_others
    return replace(shared, ip=row.ip, claimed_at=claimed, details=details)
