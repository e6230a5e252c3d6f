"""One batch of an import: its rows are judged against the list and written together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from subscribers.address import Address, clean_name, parse
from subscribers.errors import BadAddress
from subscribers.exchange import hashed, judge, lookup, write
from subscribers.exchange.columns import moment
from subscribers.exchange.evidence import ImportContext
from subscribers.exchange.judge import BEGINNING, REMOVED, RowVerdict
from subscribers.exchange.row import REMOVALS, BadRow, ImportResult, Row, RowStatus
from subscribers.exchange.write import Change, NewReader
from subscribers.membership import removed
from subscribers.membership.removed import OldLink
from subscribers.standing import Record, Standing

Memory = dict[int, bool]  # of the hash of a key: is in this import already, and whether as removed


class Batch:
    """Opened in a transaction that holds the lock of the consent ledger.

    `memory` is for the dry run, which cannot find in the list what an earlier batch put there.
    """

    def __init__(
        self, conn: Connection, context: ImportContext, result: ImportResult, memory: Memory
    ) -> None:
        self._conn, self._context, self._result, self._memory = conn, context, result, memory
        self._new: list[NewReader] = []
        self._changes: list[Change] = []
        self._claims: list[tuple[int, dict[str, Any]]] = []
        self._fingerprints: list[Row] = []
        self._old_links: list[Row] = []

    def take(self, rows: Sequence[Row | BadRow]) -> None:
        """Judges the rows, counts them, and writes."""
        readable = self._read(rows)
        readable += [(row, parse(row.address)) for row in self._take_fingerprints()]
        wanted = {address.key for _, address in readable}
        people = lookup.people(self._conn, wanted, self._context.number or 0)
        reasons = lookup.suppressions(self._conn, self._context.keys, wanted)
        confirmed = self._confirmed(readable, people)
        verdicts = [
            self._judge(row, address, people, reasons, confirmed) for row, address in readable
        ]
        outcomes = Counter((verdict.outcome, verdict.reason) for verdict in verdicts)
        outcomes[judge.OLD_LINK[:2]] = len(self._old_links)
        self._result.count(outcomes)
        if self._context.number is not None:
            write.write(self._conn, self._context, self._new, self._changes, self._claims)
            self._lead_links(readable, people)

    def _read(self, rows: Sequence[Row | BadRow]) -> list[tuple[Row, Address]]:
        readable = []
        for row in rows:
            if isinstance(row, BadRow):
                self._result.refuse(row.line, row.reason, self._context.label)
            elif row.old_link:
                self._old_links.append(row)
            elif row.fingerprint:
                self._fingerprints.append(row)
            else:
                try:
                    readable.append((row, parse(row.address)))
                except BadAddress as error:
                    self._result.refuse(row.line, str(error), self._context.label)
        return readable

    def _take_fingerprints(self) -> list[Row]:
        """Keeps the hashes that belong to nobody here; gives the rows of readers."""
        rows = [row for row in self._fingerprints if hash(row.fingerprint) not in self._memory]
        identified, others = hashed.identify(self._conn, self._context.keys, rows)
        stored = hashed.suppressed(self._conn, others)
        new = [row for row in others if row.fingerprint not in stored]
        repeated = len(self._fingerprints) - len(identified) - len(new)
        outcomes = {judge.FINGERPRINT[:2]: len(new), judge.KNOWN_FINGERPRINT[:2]: repeated}
        self._result.count(Counter(outcomes))
        self._memory.update({hash(row.fingerprint): True for row in (*identified, *new)})
        if self._context.number is not None:
            hashed.suppress(self._conn, self._context, new)
        return identified

    def _confirmed(
        self, readable: Sequence[tuple[Row, Address]], people: Mapping[str, Any]
    ) -> dict[int, datetime]:
        """When those last agreed here who are said to have left there at a certain time."""
        numbers = [
            people[address.key].id
            for row, address in readable
            if row.status in REMOVALS and row.at and address.key in people
        ]
        return lookup.confirmed_at(self._conn, numbers)

    def _judge(
        self,
        row: Row,
        address: Address,
        people: Mapping[str, Any],
        reasons: Mapping[str, str],
        confirmed: Mapping[int, datetime],
    ) -> RowVerdict:
        current, reason = people.get(address.key), reasons.get(address.key, "")
        repeated = self._repeated(row, address, current)
        if repeated:
            return repeated
        if current is None:
            return self._judge_new(row, address, reason)
        return self._judge_known(row, address, current, reason, confirmed)

    def _repeated(self, row: Row, address: Address, current: Any) -> RowVerdict | None:
        """The import has named this address before: what it said first counts."""
        was_removed = self._memory.get(hash(address.key))
        if was_removed is None and current is not None and self._context.number is not None:
            is_from_here = current.import_id == self._context.number or current.is_changed
            was_removed = Standing(current.status) in REMOVED if is_from_here else None
        if was_removed is None:
            return None
        is_reader = row.status is RowStatus.READER
        return judge.REMOVED_IN_FILE if was_removed and is_reader else judge.REPEATED

    def _judge_new(self, row: Row, address: Address, reason: str) -> RowVerdict:
        verdict = judge.judge_new(row.status, reason)
        standing = verdict.record.standing
        if standing is not Standing.UNKNOWN:
            self._memory[hash(address.key)] = standing in REMOVED
            self._new.append(NewReader(row, address, standing))
        return verdict

    def _judge_known(
        self,
        row: Row,
        address: Address,
        current: Any,
        reason: str,
        confirmed: Mapping[int, datetime],
    ) -> RowVerdict:
        before = Record(
            Standing(current.status), suppression=reason, ask=current.ask, open=current.open
        )
        verdict = judge.judge_known(
            before,
            row.status,
            removed_at=moment(row.at) if row.status in REMOVALS else None,
            agreed_at=_agreed_at(before, current, confirmed.get(current.id)),
        )
        after, name = verdict.record, current.name
        if row.status is RowStatus.READER and after.standing is Standing.ACTIVE:
            # Only a missing name is filled in: what a reader said is never overwritten.
            name = current.name or clean_name(row.name)
        if after != before or name != current.name:
            self._memory[hash(address.key)] = after.standing in REMOVED
            self._changes.append(Change(row, address, current, after, name))
            if verdict.outcome == "unchanged":
                verdict = RowVerdict("updated", "gets the name that was missing", after)
        elif _is_removed_by_import(row, before, current):
            # If the import that said it first is undone, this one still says it.
            self._memory[hash(address.key)] = True
            claim = write.before_change(current, current.name, before.standing)
            self._claims.append((current.id, claim))
        return verdict

    def _lead_links(
        self, readable: Sequence[tuple[Row, Address]], people: Mapping[str, Any]
    ) -> None:
        """Leads the links in the file to whoever has the address on this list.

        A new reader takes over the ref itself.
        """
        keys, new = self._context.keys, {reader.address.key for reader in self._new}
        links = []
        for row, address in readable:
            current = people.get(address.key)
            is_same = address.key in new or (current is not None and current.ref == row.ref)
            if row.ref and not is_same:
                number = current.id if current else 0
                digest = removed.digest(row.ref)
                links.append(OldLink(digest, keys.fingerprint(address.key), number))
        removed.add_links(self._conn, links, now=self._context.now)
        hashed.add_old_links(self._conn, self._context, self._old_links)


def _agreed_at(record: Record, current: Any, confirmed: datetime | None) -> datetime:
    """A pending sign-up is as old as its last mail; without any agreement it is oldest."""
    if record.standing is Standing.PENDING:
        asked_at: datetime = current.since
        return asked_at
    return confirmed or BEGINNING


def _is_removed_by_import(row: Row, record: Record, current: Any) -> bool:
    """Says whether only an earlier import said what this row says: that they left."""
    is_imported = current.import_id is not None or current.is_imported
    return row.status in REMOVALS and record.standing in REMOVED and is_imported
