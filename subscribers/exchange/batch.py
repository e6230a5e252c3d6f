"""Some rows of an import, judged against the list and written at once."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, update
from sqlmodel import col

from subscribers.address import Address, clean_name, parse
from subscribers.consent import ConsentAct
from subscribers.errors import BadAddress
from subscribers.exchange import hashed, judge
from subscribers.exchange.columns import moment
from subscribers.exchange.evidence import Job, deed
from subscribers.exchange.judge import EVER, GONE_STANDINGS, RowVerdict
from subscribers.exchange.lookup import agreed, barred, people
from subscribers.exchange.row import GONE, BadRow, ImportResult, Row, RowStatus
from subscribers.membership import bulk, ledger, person, removed
from subscribers.membership.ledger import NewEntry
from subscribers.standing import Record, Standing
from subscribers.tables import ImportChange, Subscriber

Memory = dict[int, bool]  # of a key's hash: handled in this import, and whether as gone

_ACTS = {
    RowStatus.READER: ConsentAct.IMPORTED,
    RowStatus.LEFT: ConsentAct.LEFT,
    RowStatus.BOUNCED: ConsentAct.BOUNCED,
    RowStatus.COMPLAINED: ConsentAct.COMPLAINED,
}


class Batch:
    """Opened in a transaction that holds the ledger's lock.

    `memory` is for the dry run, which cannot find in the list what an earlier batch put there.
    """

    def __init__(self, conn: Connection, job: Job, done: ImportResult, memory: Memory) -> None:
        self._conn, self._job, self._done, self._memory = conn, job, done, memory
        self._new: list[tuple[Row, Address, Standing]] = []
        self._changed: list[tuple[Row, Address, Any, dict[str, Any]]] = []
        self._claims: list[tuple[int, dict[str, Any]]] = []
        self._hidden: list[Row] = []

    def take(self, rows: Sequence[Row | BadRow]) -> None:
        """Judges the rows, counts them, and writes."""
        read = self._read(rows)
        read += [(row, parse(row.address)) for row in self._hide()]
        wanted = {address.key for _, address in read}
        known = people(self._conn, wanted, self._job.number or 0)
        bars = barred(self._conn, self._job.keys, wanted)
        confirmed = self._confirmed(read, known)
        verdicts = [self._judge(*found, known, bars, confirmed) for found in read]
        self._count(Counter((verdict.outcome, verdict.why) for verdict in verdicts))
        if self._job.number is not None:
            self._write()

    def _hide(self) -> list[Row]:
        """Keeps the hashes that are nobody's here; gives the rows whose address is."""
        rows = [row for row in self._hidden if hash(row.hidden) not in self._memory]
        found, rest = hashed.named(self._conn, self._job.keys, rows)
        kept = hashed.known(self._conn, rest)
        new = [row for row in rest if row.hidden not in kept]
        again = len(self._hidden) - len(found) - len(new)
        self._count(Counter({judge.HIDDEN[:2]: len(new), judge.HIDDEN_BEFORE[:2]: again}))
        self._memory.update({hash(row.hidden): True for row in (*found, *new)})
        if self._job.number is not None:
            hashed.keep(self._conn, self._job, new)
        return found

    def _judge(
        self,
        row: Row,
        address: Address,
        known: Mapping[str, Any],
        bars: Mapping[str, str],
        confirmed: Mapping[int, datetime],
    ) -> RowVerdict:
        there, why = known.get(address.key), bars.get(address.key, "")
        again = self._again(row, address, there)
        if again:
            return again
        if there is None:
            return self._newcomer(row, address, why)
        return self._known(row, address, there, why, confirmed)

    def _count(self, found: Counter[tuple[str, str]]) -> None:
        done = self._done
        found = +found
        done.why.update(found)
        for (outcome, _), rows in found.items():
            setattr(done, outcome, getattr(done, outcome) + rows)

    def _read(self, rows: Sequence[Row | BadRow]) -> list[tuple[Row, Address]]:
        read = []
        for row in rows:
            if isinstance(row, BadRow):
                self._done.refuse(row.line, row.reason, self._job.label)
                continue
            if row.hidden:
                self._hidden.append(row)
                continue
            try:
                read.append((row, parse(row.address)))
            except BadAddress as error:
                self._done.refuse(row.line, str(error), self._job.label)
        return read

    def _confirmed(
        self, read: Sequence[tuple[Row, Address]], known: dict[str, Any]
    ) -> dict[int, datetime]:
        """When those last agreed here who are said to have left there at a certain time."""
        asked = [
            known[address.key].id
            for row, address in read
            if row.says in GONE and row.at and address.key in known
        ]
        return agreed(self._conn, asked)

    def _again(self, row: Row, address: Address, there: Any) -> RowVerdict | None:
        """The import has named this address before: what it said first counts."""
        gone = self._memory.get(hash(address.key))
        if gone is None and there is not None and self._job.number is not None:
            is_mine = there.import_id == self._job.number or there.is_changed
            gone = Standing(there.status) in GONE_STANDINGS if is_mine else None
        if gone is None:
            return None
        return judge.LEFT_TOO if gone and row.says is RowStatus.READER else judge.TWICE

    def _newcomer(self, row: Row, address: Address, why: str) -> RowVerdict:
        verdict = judge.newcomer(row.says, why)
        standing = verdict.then.standing
        if standing is not Standing.UNKNOWN:
            self._memory[hash(address.key)] = standing in GONE_STANDINGS
            self._new.append((row, address, standing))
        return verdict

    def _known(
        self, row: Row, address: Address, there: Any, why: str, confirmed: Mapping[int, datetime]
    ) -> RowVerdict:
        was = Record(Standing(there.status), barred=why, ask=there.ask, open=there.open)
        verdict = judge.known(
            was,
            row.says,
            gone_at=moment(row.at) if row.says in GONE else None,
            agreed_at=_agreed_at(was, there, confirmed.get(there.id)),
        )
        then, name = verdict.then, there.name
        if row.says is RowStatus.READER and then.standing is Standing.ACTIVE:
            # A name is filled in where there is none; what a reader said is not overwritten.
            name = there.name or clean_name(row.name)
        if then != was or name != there.name:
            self._change(row, address, there, then, name)
            if verdict.outcome == "unchanged":
                verdict = RowVerdict("updated", "gets the name that was missing", then)
        elif _is_by_import(row, was, there):
            # Another import said it first: should that one be undone, this one says it still.
            self._memory[hash(address.key)] = True
            self._claims.append((there.id, _before(there, there.name, was.standing)))
        return verdict

    def _change(self, row: Row, address: Address, there: Any, then: Record, name: str) -> None:
        self._memory[hash(address.key)] = then.standing in GONE_STANDINGS
        moved = then.standing != there.status
        values = {
            "number": there.id,
            "status": then.standing.value,
            "open": then.open,
            "name": name,
            "since": self._job.now if moved else there.since,
        }
        self._changed.append((row, address, there, values))

    def _write(self) -> None:
        deeds = [*self._insert(), *self._update()]
        ledger.append(self._conn, self._job.keys, deeds, now=self._job.now)

    def _insert(self) -> list[NewEntry]:
        job = self._job
        groups: defaultdict[Any, list[tuple[Any, ...]]] = defaultdict(list)
        numbers = bulk.reserve(self._conn, Subscriber, len(self._new)) if self._new else ()
        refs = person.new_refs(len(self._new))
        keys_of = (address.key for _, address, _ in self._new)
        removed.assign_successors(self._conn, job.keys, dict(zip(keys_of, numbers, strict=True)))
        deeds, group = [], None
        some: list[tuple[Any, ...]] = []
        for (row, address, standing), number, ref in zip(self._new, numbers, refs, strict=True):
            name = clean_name(row.name) if row.name else ""
            if (standing, row.topics, row.paused_until) != group:
                group = (standing, row.topics, row.paused_until)
                some = groups[group]
            some.append((number, ref, address.text, address.key, name))
            deeds.append(deed(job, number, row, address.text, _ACTS[row.says]))
        for (standing, topics, paused_until), rows in groups.items():
            bulk.put(
                self._conn,
                Subscriber,
                ("id", "ref", "address", "key", "name"),
                rows,
                status=standing.value,
                topics=list(topics),
                paused_until=paused_until,
                since=job.now,
                joined_at=job.now,
                import_id=job.number,
            )
        return deeds

    def _update(self) -> list[NewEntry]:
        befores = [
            (there.id, _before(there, v["name"], v["status"])) for *_, there, v in self._changed
        ]
        befores += self._claims
        if self._changed:
            names = ("status", "open", "name", "since")
            self._conn.execute(
                update(Subscriber)
                .where(col(Subscriber.id) == bindparam("number"))
                .values({name: bindparam(name) for name in names}),
                [values for *_, values in self._changed],
            )
        if befores:
            self._conn.execute(
                ImportChange.__table__.insert(),  # type: ignore[attr-defined]
                [{"import_id": self._job.number, "subscriber": n, "before": b} for n, b in befores],
            )
        return [
            deed(self._job, there.id, row, address.text, _ACTS[row.says])
            for row, address, there, _ in self._changed
        ]


def _agreed_at(was: Record, there: Any, confirmed: datetime | None) -> datetime:
    """A pending sign-up is as old as its last mail; nothing agreed to is as old as can be."""
    if was.standing is Standing.PENDING:
        asked_at: datetime = there.since
        return asked_at
    return confirmed or EVER


def _is_by_import(row: Row, was: Record, there: Any) -> bool:
    """They are said to have left, and are known to, but only because another import said so."""
    is_imported = there.import_id is not None or there.is_imported
    return row.says in GONE and was.standing in GONE_STANDINGS and is_imported


def _before(there: Any, name: str, status: str) -> dict[str, Any]:
    """How to take it back: what was, and in `set` and `to` what the import made of it."""
    return {
        "status": there.status,
        "open": there.open,
        "since": there.since.isoformat(),
        "name": there.name,
        "set": name,
        "to": str(status),
    }
