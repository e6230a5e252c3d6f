"""What editors ask about the list: one reader, a page of them, how it grew, past imports."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from subscribers import exchange, growth, matching, membership, replies, roll
from subscribers.address import parse
from subscribers.errors import UnknownReader
from subscribers.exchange import PastImport
from subscribers.growth import ListGrowth
from subscribers.replies import HeldSignups, ReaderList, ReaderPage, ReaderRecord, ReceivedIssue
from subscribers.roll import Member
from subscribers.standing import Standing
from subscribers.tokens import Keys

Transaction = Callable[[], AbstractContextManager[Connection]]
AT_ONCE = 25  # readers of one page


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSearch:
    """Everything that an editor can ask about readers. Nothing here changes anything.

    `latest_reason` says why the latest mail to a reader, by number, did not arrive, or nothing.
    `issues_of` gives the issues that were made out to a reader, the oldest first.
    """

    reading: Transaction
    keys: Keys
    now: Callable[[], datetime]
    latest_reason: Callable[[Connection, int], str] = lambda _conn, _number: ""
    issues_of: Callable[[Connection, int], Sequence[ReceivedIssue]] = lambda _conn, _number: ()
    growth_cache: growth.GrowthCache = field(default_factory=growth.GrowthCache)

    def find(self, address: str) -> ReaderRecord:
        """Raises UnknownReader and BadAddress."""
        with self.reading() as conn:
            return self._find(conn, address)

    def by_number(self, number: int) -> ReaderRecord:
        """The reader of that number. Raises UnknownReader, for somebody who was erased too."""
        with self.reading() as conn:
            member = roll.by_number(conn, number)
            if member is None:
                raise UnknownReader(f"There is no reader {number} on the list.")
            return self._record(conn, member)

    def _find(self, conn: Connection, address: str) -> ReaderRecord:
        member = roll.find(conn, address)
        if member:
            return self._record(conn, member)
        parsed = parse(address)
        suppressed = self._suppressed(conn, parsed.key, parsed.text)
        if suppressed is None:
            raise UnknownReader(f"{parsed.text} is not on the list.")
        return suppressed

    def _record(self, conn: Connection, member: Member) -> ReaderRecord:
        reason = roll.reason(conn, member) or self.latest_reason(conn, member.id)
        return replies.of_member(member, reason, self.issues_of(conn, member.id))

    def _suppressed(self, conn: Connection, key: str, text: str) -> ReaderRecord | None:
        suppression = roll.suppressed(conn, self.keys.fingerprints(key))
        if suppression is None:
            return None
        reason, since = suppression
        return ReaderRecord(text, Standing.SUPPRESSED.value, since, reason=reason)

    def list(self, *, status: str | None = None, search: str = "") -> ReaderList:
        """Gives everybody, or those of one status, or whose address or name holds `search`."""
        with self.reading() as conn:
            members = roll.listing(conn, status=status, search=search)
            return ReaderList([replies.of_member(member) for member in members], roll.counts(conn))

    def search(
        self,
        text: str = "",
        *,
        status: str | None = None,
        before: int | None = None,
        limit: int = AT_ONCE,
    ) -> ReaderPage:
        """Gives a page of readers, the newest first: those who match `text` and have that status.

        `before` is `older` of the page before.
        """
        text = text.replace("\0", "").strip()
        with self.reading() as conn:
            page = matching.page(conn, text, status=status, before=before, limit=limit)
            key = "" if page.count else matching.address_of(text)
            suppressed = self._suppressed(conn, key, text) if key else None
        readers = [replies.of_member(member) for member in page.members]
        return ReaderPage(readers, page.count, page.has_more, page.older, suppressed)

    def counts(self) -> dict[str, int]:
        """Counts readers by status; `suppressed` are addresses known by their hash."""
        with self.reading() as conn:
            return roll.counts(conn)

    def growth(self, *, weeks: int, zone: ZoneInfo) -> ListGrowth:
        """Gives how the list grew in so many weeks, up to now, in the weeks of a time zone.

        The figures of a large list may be some seconds old.
        """
        with self.reading() as conn:
            return self.growth_cache.growth(conn, weeks=weeks, now=self.now(), zone=zone)

    def held_signups(self) -> HeldSignups:
        """Says what a flood of sign-ups holds back."""
        with self.reading() as conn:
            flood = membership.find_flood(conn)
        return HeldSignups(flood.held, flood.since) if flood else HeldSignups()

    def past_imports(self) -> Sequence[PastImport]:
        """Gives the newest imports, the newest first."""
        with self.reading() as conn:
            return exchange.past_imports(conn)

    def past_import(self, number: int) -> PastImport:
        """Gives one import. Raises NoSuchImport."""
        with self.reading() as conn:
            return exchange.past_import(conn, number)
