"""The list's face for editors: finds, adds, removes, imports, exports and proves readers.

Each verb opens its own transaction and commits it. Whoever changes something says who they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TextIO

from sqlalchemy import Connection

from subscribers import adding, exchange, membership, roll
from subscribers.address import parse
from subscribers.anchor import Anchor, Position
from subscribers.consent import Evidence
from subscribers.errors import BrokenAnchor, UnknownReader, UnknownTopic
from subscribers.exchange import ExportFormat, ImportResult, PastImport, UndoResult
from subscribers.growth import GrowthCounts, ListGrowth
from subscribers.import_tasks import ImportStage, ImportTask, ImportTasks
from subscribers.membership import Verification, verification
from subscribers.reader_search import ReaderSearch, Transaction
from subscribers.replies import (
    AddResult,
    ConsentReceipt,
    HeldSignups,
    LegacyLinksResult,
    LetterRecord,
    ReaderList,
    ReaderPage,
    ReaderRecord,
    ReceivedIssue,
)
from subscribers.roll import ConsentEvent

__all__ = [
    "IMPORT_FORMATS",
    "AddResult",
    "ConsentEvent",
    "ConsentReceipt",
    "DataAct",
    "ExportFormat",
    "GrowthCounts",
    "HeldSignups",
    "ImportResult",
    "ImportStage",
    "ImportTask",
    "ImportTasks",
    "LegacyLinksResult",
    "LetterRecord",
    "ListGrowth",
    "PastImport",
    "Position",
    "ReaderDesk",
    "ReaderList",
    "ReaderPage",
    "ReaderRecord",
    "ReceivedIssue",
    "UndoResult",
    "Verification",
]


IMPORT_FORMATS = exchange.FORMAT_NAMES  # what a file may be; it is recognised by itself


class DataAct(StrEnum):
    """What an editor did with the data of readers, beside what the consent record says."""

    EXPORTED = "exported"
    IMPORTED = "imported"
    IMPORT_UNDONE = "import-undone"
    ERASED = "erased"


class Audit(Protocol):
    """Records such an act in the transaction of `conn`."""

    def __call__(
        self, conn: Connection, act: DataAct, /, *, by: str, subject: str, detail: str = ""
    ) -> None: ...


def _no_audit(
    _conn: Connection, _act: DataAct, /, *, by: str, subject: str, detail: str = ""
) -> None:
    """Records nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderDesk(ReaderSearch):
    """Everything that an editor can do with readers.

    `scrub` removes deleted data from the database's log. `anchor` is the consent record's.
    `audit` records what was done with the data of readers. `tasks` are imports in the background.
    """

    transaction: Transaction
    scrub: Callable[[], None]
    anchor: Anchor
    topics: Sequence[str] = ()
    audit: Audit = _no_audit
    tasks: ImportTasks = field(default_factory=ImportTasks)

    def add(
        self,
        address: str,
        *,
        by: str,
        name: str = "",
        topics: Sequence[str] = (),
        basis: str = "",
        source: str = "command line",
    ) -> AddResult:
        """Adds a reader: active on a stated basis, or else asked for confirmation by mail.

        `source` is where the editor did it. Raises BadAddress and UnknownTopic.
        """
        self._refuse_unknown(topics)
        evidence = Evidence("editor", wording=_plain(basis), source=source, by=by)
        with self.transaction() as conn:
            note = adding.add(
                conn, self.keys, address, name, topics, evidence=evidence, now=self.now()
            )
            return AddResult(self._find(conn, address), note)

    def edit(
        self,
        address: str,
        *,
        by: str,
        name: str | None = None,
        topics: Sequence[str] | None = None,
        reason: str = "",
    ) -> ReaderRecord:
        """Changes a reader's name or topics, and records who did it and why. No topics means all.

        Raises UnknownReader, BadAddress and UnknownTopic.
        """
        self._refuse_unknown(topics or ())
        evidence = Evidence("editor", by=by).with_details(reason=_plain(reason))
        with self.transaction() as conn:
            is_known = membership.edit(
                conn,
                self.keys,
                address=address,
                name=name,
                topics=topics,
                evidence=evidence,
                now=self.now(),
            )
            if not is_known:
                raise UnknownReader(f"{parse(address).text} is not on the list.")
            return self._find(conn, address)

    def _refuse_unknown(self, topics: Sequence[str]) -> None:
        unknown = set(topics) - set(self.topics)
        if unknown:
            offered = ", ".join(self.topics) or "none"
            raise UnknownTopic(f"There is no topic “{min(unknown)}”; the topics are: {offered}.")

    def unsubscribe(self, address: str, *, by: str, reason: str = "") -> ReaderRecord:
        """Takes a reader off the list. Raises UnknownReader and BadAddress."""
        evidence = Evidence("editor", by=by).with_details(reason=_plain(reason))
        with self.transaction() as conn:
            membership.unsubscribe(
                conn, self.keys, address=address, evidence=evidence, now=self.now()
            )
            return self._find(conn, address)

    def erase(self, address: str, *, by: str) -> ReaderRecord:
        """Removes a person's data but a keyed hash. Raises UnknownReader and BadAddress."""
        evidence = Evidence("editor", by=by)
        with self.transaction() as conn:
            number = self._find(conn, address).number
            membership.erase(conn, self.keys, address=address, evidence=evidence, now=self.now())
            if number:
                self.audit(conn, DataAct.ERASED, by=by, subject=f"reader {number}")
            record = self._find(conn, address)
        self.scrub()
        return record

    def import_file(
        self,
        file: Path,
        *,
        by: str,
        basis: str,
        format: str | None = None,  # noqa: A002 - the word that the command line uses
        mapping: Mapping[str, str] = MappingProxyType({}),
        dry_run: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportResult:
        """Imports a file on a stated basis. Raises WrongFile, and then nothing was imported."""
        result = exchange.import_file(
            self.transaction,
            self.keys,
            file,
            basis=_plain(basis),
            by=by,
            format=format,
            mapping=mapping,
            dry_run=dry_run,
            now=self.now(),
            progress=progress,
        )
        if not dry_run:
            subject, detail = f"import {result.id}", f"{result.added:,} added"
            self._note(DataAct.IMPORTED, by=by, subject=subject, detail=detail)
        return result

    def undo_import(self, number: int, *, by: str) -> UndoResult:
        """Undoes an import. Raises NoSuchImport."""
        result = exchange.undo_import(self.transaction, self.keys, number, by=by, now=self.now())
        self._note(DataAct.IMPORT_UNDONE, by=by, subject=f"import {number}")
        self.scrub()
        return result

    def _note(self, act: DataAct, *, by: str, subject: str, detail: str = "") -> None:
        with self.transaction() as conn:
            self.audit(conn, act, by=by, subject=subject, detail=detail)

    def export(self, out: TextIO, *, by: str, format: ExportFormat = "csv") -> int:  # noqa: A002 - as above
        """Writes everybody to `out`; gives how many they were. It is recorded before."""
        self._note(DataAct.EXPORTED, by=by, subject="readers", detail=format)
        with self.reading() as conn:
            return exchange.export(conn, out, format=format)

    def export_file(self, path: Path, *, by: str, format: ExportFormat = "csv") -> int:  # noqa: A002 - as above
        """Writes everybody to a new file that only its owner can read. Raises WrongFile."""
        self._note(DataAct.EXPORTED, by=by, subject="readers", detail=format)
        with self.reading() as conn:
            return exchange.export_file(conn, path, format=format)

    def receipt(self, address: str, *, with_check: bool = True) -> ConsentReceipt:
        """Gives everything that proves what a reader agreed to.

        `with_check` verifies the whole consent record too, which takes seconds with a large list.
        Raises UnknownReader and BadAddress.
        """
        record = self.verify() if with_check else None
        with self.reading() as conn:
            reader, member = self._find(conn, address), roll.find(conn, address)
            events = roll.history(conn, member.id) if member else []
            letters = membership.letter_history(conn, member.id) if member else []
        sent = [
            LetterRecord(letter.kind, letter.queued_at, letter.sent_at, letter.message_id)
            for letter in letters
        ]
        return ConsentReceipt(reader, self.now(), events, sent, record)

    def verify(self, *, against: Position | None = None) -> Verification:
        """Checks the consent record: its chain, its anchor, and the status of each reader.

        `against` is an entry that it must contain, from a mail to the editors.
        """
        positions, faults = [against] if against else [], []
        try:
            positions.append(self.anchor.read())
        except BrokenAnchor as error:
            faults.append(str(error))
        with self.reading() as conn:
            result = membership.verify(conn, self.keys, positions)
        return verification.with_faults(result, faults)

    def release_signups(self, *, by: str) -> HeldSignups:
        """Sends the confirmations that were held back; gives what was held."""
        held = self.held_signups()
        with self.transaction() as conn:
            membership.release_held(conn, self.keys, by=by, now=self.now())
        return held

    def drop_signups(self, *, by: str) -> HeldSignups:
        """Forgets the sign-ups that were held back; gives what was held."""
        held = self.held_signups()
        with self.transaction() as conn:
            membership.drop_held(conn, self.keys, by=by, now=self.now())
        return held

    def import_legacy_links(self, file: Path, *, by: str) -> LegacyLinksResult:
        """Stores the unsubscribe links of another tool. Raises WrongFile, and then none."""
        rows = [*membership.read_legacy_links(file)]
        lines = {row.key: row.line for row in rows if not row.fault}
        links = [(row.key, row.token) for row in rows if not row.fault]
        with self.transaction() as conn:
            unknown = membership.import_legacy_links(
                conn, self.keys, links, file=file.name, by=by, now=self.now()
            )
        refused = [(row.line, row.fault) for row in rows if row.fault]
        refused += [(lines[key], "Nobody with that address is on the list.") for key in unknown]
        return LegacyLinksResult(len(rows) - len(refused), sorted(refused))


def _plain(text: str) -> str:
    """The text without the one character that PostgreSQL cannot store."""
    return text.replace("\0", "").strip()
