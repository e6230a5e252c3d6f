"""The list's face for editors: finds, adds, removes, imports, exports and proves readers.

Each verb opens its own transaction and commits it. Whoever changes something says who they are.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TextIO
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from subscribers import adding, exchange, growth, membership, replies, roll
from subscribers.address import parse
from subscribers.anchor import Anchor, Position
from subscribers.consent import Evidence
from subscribers.errors import BrokenAnchor, UnknownReader, UnknownTopic
from subscribers.exchange import ExportFormat, ImportResult, UndoResult
from subscribers.growth import GrowthCounts, ListGrowth
from subscribers.membership import Verification, verification
from subscribers.replies import (
    AddResult,
    ConsentReceipt,
    HeldSignups,
    LegacyLinksResult,
    LetterRecord,
    ReaderList,
    ReaderRecord,
    ReceivedIssue,
)
from subscribers.roll import ConsentEvent
from subscribers.standing import Standing
from subscribers.tokens import Keys

__all__ = [
    "AddResult",
    "ConsentEvent",
    "ConsentReceipt",
    "ExportFormat",
    "GrowthCounts",
    "HeldSignups",
    "ImportResult",
    "LegacyLinksResult",
    "LetterRecord",
    "ListGrowth",
    "Position",
    "ReaderDesk",
    "ReaderList",
    "ReaderRecord",
    "ReceivedIssue",
    "UndoResult",
    "Verification",
]
Transaction = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderDesk:
    """Everything that an editor can do with readers.

    `scrub` removes deleted data from the database's log. `anchor` is the consent record's.
    `latest_reason` says why the latest mail to a reader, by number, did not arrive, or nothing.
    `issues_of` gives the issues that were made out to a reader, the oldest first.
    """

    transaction: Transaction
    reading: Transaction
    scrub: Callable[[], None]
    keys: Keys
    anchor: Anchor
    now: Callable[[], datetime]
    topics: Sequence[str] = ()
    latest_reason: Callable[[Connection, int], str] = lambda _conn, _number: ""
    issues_of: Callable[[Connection, int], Sequence[ReceivedIssue]] = lambda _conn, _number: ()

    def find(self, address: str) -> ReaderRecord:
        """Raises UnknownReader and BadAddress."""
        with self.reading() as conn:
            return self._find(conn, address)

    def _find(self, conn: Connection, address: str) -> ReaderRecord:
        member = roll.find(conn, address)
        if member:
            reason = roll.reason(conn, member) or self.latest_reason(conn, member.id)
            return replies.of_member(member, reason, self.issues_of(conn, member.id))
        parsed = parse(address)
        suppression = roll.suppressed(conn, self.keys.fingerprints(parsed.key))
        if suppression is None:
            raise UnknownReader(f"{parsed.text} is not on the list.")
        reason, since = suppression
        status = Standing.SUPPRESSED.value
        return ReaderRecord(parsed.text, status, since, reason=reason)

    def list(self, *, status: str | None = None, search: str = "") -> ReaderList:
        """Gives everybody, or those of one status, or whose address or name holds `search`."""
        with self.reading() as conn:
            members = roll.listing(conn, status=status, search=search)
            return ReaderList([replies.of_member(member) for member in members], roll.counts(conn))

    def growth(self, *, weeks: int, zone: ZoneInfo) -> ListGrowth:
        """Gives how the list grew in so many weeks, up to now, in the weeks of a time zone."""
        with self.reading() as conn:
            return growth.growth(conn, weeks=weeks, now=self.now(), zone=zone)

    def add(
        self,
        address: str,
        *,
        by: str,
        name: str = "",
        topics: Sequence[str] = (),
        basis: str = "",
    ) -> AddResult:
        """Adds a reader: active on a stated basis, or else asked for confirmation by mail.

        Raises BadAddress and UnknownTopic.
        """
        self._refuse_unknown(topics)
        evidence = Evidence("editor", wording=basis.strip(), source="command line", by=by)
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
    ) -> ReaderRecord:
        """Changes a reader's name or topics, and records who did it. No topics means all.

        Raises UnknownReader, BadAddress and UnknownTopic.
        """
        self._refuse_unknown(topics or ())
        evidence = Evidence("editor", by=by)
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

    def unsubscribe(self, address: str, *, by: str) -> ReaderRecord:
        """Takes a reader off the list. Raises UnknownReader and BadAddress."""
        evidence = Evidence("editor", by=by)
        with self.transaction() as conn:
            membership.unsubscribe(
                conn, self.keys, address=address, evidence=evidence, now=self.now()
            )
            return self._find(conn, address)

    def erase(self, address: str, *, by: str) -> ReaderRecord:
        """Removes a person's data but a keyed hash. Raises UnknownReader and BadAddress."""
        evidence = Evidence("editor", by=by)
        with self.transaction() as conn:
            membership.erase(conn, self.keys, address=address, evidence=evidence, now=self.now())
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
        return exchange.import_file(
            self.transaction,
            self.keys,
            file,
            basis=basis,
            by=by,
            format=format,
            mapping=mapping,
            dry_run=dry_run,
            now=self.now(),
            progress=progress,
        )

    def undo_import(self, number: int, *, by: str) -> UndoResult:
        """Undoes an import. Raises NoSuchImport."""
        result = exchange.undo_import(self.transaction, self.keys, number, by=by, now=self.now())
        self.scrub()
        return result

    def export(self, out: TextIO, *, format: ExportFormat = "csv") -> int:  # noqa: A002 - as above
        """Writes everybody to `out`; gives how many they were."""
        with self.reading() as conn:
            return exchange.export(conn, out, format=format)

    def export_file(self, path: Path, *, format: ExportFormat = "csv") -> int:  # noqa: A002 - as above
        """Writes everybody to a new file that only its owner can read. Raises WrongFile."""
        with self.reading() as conn:
            return exchange.export_file(conn, path, format=format)

    def receipt(self, address: str) -> ConsentReceipt:
        """Gives everything that proves what a reader agreed to.

        Raises UnknownReader and BadAddress.
        """
        record = self.verify()
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

    def held_signups(self) -> HeldSignups:
        """Says what a flood of sign-ups holds back."""
        with self.reading() as conn:
            flood = membership.find_flood(conn)
        return HeldSignups(flood.held, flood.since) if flood else HeldSignups()

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
