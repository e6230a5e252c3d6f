"""Some rows of an import, judged against the list and written at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select, update
from sqlmodel import col

from subscribers import standing
from subscribers.address import Address, clean_name, parse
from subscribers.consent import Act, Evidence
from subscribers.errors import BadAddress
from subscribers.exchange.row import Bad, Loaded, Row
from subscribers.membership import ledger, person
from subscribers.membership.ledger import Deed
from subscribers.standing import Fact, Record, Standing
from subscribers.tables import ImportChange, Subscriber, Suppression
from subscribers.tokens import Keys


class Batch:
    """Opened in a transaction that holds the ledger's lock; `number` None changes nothing."""

    def __init__(
        self,
        conn: Connection,
        keys: Keys,
        *,
        number: int | None,
        file: str,
        basis: str,
        now: datetime,
    ) -> None:
        self._conn, self._keys, self._number, self._now = conn, keys, number, now
        self._evidence = Evidence("import", wording=basis, source=file)
        self._new: dict[str, tuple[Row, Address]] = {}
        self._changed: dict[int, tuple[Deed, dict[str, Any], dict[str, Any]]] = {}

    def take(self, rows: Sequence[Row | Bad], done: Loaded, seen: set[int]) -> None:
        """Judges the rows, counts them in `done`, and writes.

        `seen` is for the dry run, which cannot find in the list what an earlier batch put there.
        """
        read = self._read(rows, done)
        known, barred = self._known(read)
        for row, address in read:
            if self._is_repeated(address, known.get(address.key), seen):
                done.unchanged += 1
            elif address.key in known:
                self._judge_known(row, address, known[address.key], barred[address.key], done)
            else:
                self._judge_new(row, address, barred[address.key], done)
            if self._number is None:
                seen.add(hash(address.key))
        if self._number is not None:
            self._write()

    def _is_repeated(self, address: Address, known: Any, seen: set[int]) -> bool:
        """The file has named this address before: its first row counts."""
        if self._number is None:
            return hash(address.key) in seen
        if known is None:
            return address.key in self._new
        return known.import_id == self._number or known.id in self._changed or known.is_changed

    def _read(self, rows: Sequence[Row | Bad], done: Loaded) -> list[tuple[Row, Address]]:
        read = []
        for row in rows:
            if isinstance(row, Bad):
                done.refused.append((row.line, row.reason))
                continue
            try:
                read.append((row, parse(row.address)))
            except BadAddress as error:
                done.refused.append((row.line, str(error)))
        return read

    def _known(self, read: Sequence[tuple[Row, Address]]) -> tuple[dict[str, Any], dict[str, str]]:
        keys = {address.key for _, address in read}
        names = ("id", "key", "name", "status", "ask", "open", "since", "import_id")
        query = (
            select(
                *(getattr(Subscriber, name) for name in names),
                col(ImportChange.subscriber).is_not(None).label("is_changed"),
            )
            .outerjoin(
                ImportChange,
                and_(
                    col(ImportChange.import_id) == (self._number or 0),
                    col(ImportChange.subscriber) == col(Subscriber.id),
                ),
            )
            .where(col(Subscriber.key).in_(keys))
        )
        rows = self._conn.execute(query)
        known = {row.key: row for row in rows}
        prints = {self._keys.fingerprint(key): key for key in keys}
        barred = dict.fromkeys(keys, "")
        column = col(Suppression.fingerprint)
        reasons = select(column, col(Suppression.reason)).where(column.in_(prints))
        barred |= {prints[row.fingerprint]: row.reason for row in self._conn.execute(reasons)}
        return known, barred

    def _judge_new(self, row: Row, address: Address, barred: str, done: Loaded) -> None:
        then = standing.after(Record(barred=barred), Fact.IMPORTED)
        if then.standing is Standing.ACTIVE:
            self._new[address.key] = (row, address)
            done.added += 1
        else:
            done.suppressed += 1

    def _judge_known(
        self, row: Row, address: Address, known: Any, barred: str, done: Loaded
    ) -> None:
        record = Record(Standing(known.status), barred=barred, ask=known.ask, open=known.open)
        then = standing.after(record, Fact.IMPORTED)
        if then.standing is not Standing.ACTIVE:
            done.suppressed += 1
            return
        # A name is filled in where there is none; what a reader said is not overwritten.
        name = known.name or clean_name(row.name)
        if then == record and name == known.name:
            done.unchanged += 1
            return
        after = {"number": known.id, "status": then.standing.value, "open": then.open, "name": name}
        after["since"] = known.since if then == record else self._now
        before = {"status": known.status, "open": known.open, "name": known.name, "set": name}
        before["since"] = known.since.isoformat()
        self._changed[known.id] = (self._deed(known.id, row, address), before, after)
        done.updated += 1

    def _write(self) -> None:
        deeds = [
            *(self._deed(number, *self._new[key]) for key, number in self._insert().items()),
            *self._update(),
        ]
        ledger.append(self._conn, self._keys, deeds, now=self._now)

    def _deed(self, number: int, row: Row, address: Address) -> Deed:
        proof = replace(self._evidence, details={"line": row.line, **row.details})
        return Deed(Act.IMPORTED, number, proof, address.text)

    def _insert(self) -> dict[str, int]:
        """The new readers; gives the number of each by key, in the order of the file."""
        if not self._new:
            return {}
        same = {"status": Standing.ACTIVE.value, "since": self._now, "joined_at": self._now}
        values = [
            {
                "ref": person.new_ref(),
                "address": address.text,
                "key": key,
                "name": clean_name(row.name),
                "topics": [],
                "import_id": self._number,
                **same,
            }
            for key, (row, address) in self._new.items()
        ]
        number, key_column = col(Subscriber.id), col(Subscriber.key)
        found = self._conn.execute(insert(Subscriber).returning(number, key_column), values)
        numbers: Mapping[str, int] = {row.key: row.id or 0 for row in found}
        return {key: numbers[key] for key in self._new}

    def _update(self) -> list[Deed]:
        if not self._changed:
            return []
        changes = [after for _, _, after in self._changed.values()]
        befores = [
            {"import_id": self._number, "subscriber": number, "before": before}
            for number, (_, before, _) in self._changed.items()
        ]
        self._conn.execute(
            update(Subscriber)
            .where(col(Subscriber.id) == bindparam("number"))
            .values({name: bindparam(name) for name in ("status", "open", "name", "since")}),
            changes,
        )
        self._conn.execute(insert(ImportChange), befores)
        return [deed for deed, _, _ in self._changed.values()]
