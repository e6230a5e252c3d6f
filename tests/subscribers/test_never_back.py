"""No order of anything writes to somebody who left, unless they asked and confirmed again."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import insert, select

from emag.database import Database
from emag.issues.tables import ISSUES
from emag.mailing.sending import claims
from emag.mailing.tables import DELIVERIES
from subscribers import exchange, membership, roll
from subscribers.consent import Evidence
from subscribers.growth import growth as growth_of
from subscribers.tables import SUBSCRIBERS
from subscribers.tokens import Keys

KEYS = Keys("a-secret-for-tests-only-0123456789abcdef")
SPELLINGS = ("ann@example.org", "Ann@Example.org", "b.o.b@gmail.com")
PEOPLE = st.sampled_from(SPELLINGS)
WHICH = st.integers(0, 3)
SAYS = st.sampled_from(["reader", "left", "waits"])
# The first line of each, and what it writes of somebody. A plain list has readers alone.
SHAPES_OF = {
    "plain": {"": "email\n", "reader": "{}\n"},
    "beehiiv": {
        "": "email,status,created_at,tier\n",
        "reader": "{},active,2020-01-01,\n",
        "left": "{},inactive,2020-01-01,\n",
        "waits": "{},pending,2020-01-01,\n",
    },
    "keila": {
        "": "Email,First name,Last name,Status\n",
        "reader": "{},,,active\n",
        "left": "{},,,unreachable\n",
        "waits": "{},,,unconfirmed\n",
    },
    "ghost": {
        "": "email,subscribed_to_emails,created_at,deleted_at\n",
        "reader": "{},true,2020-01-01,\n",
        "left": "{},false,2020-01-01,\n",
        "waits": "{},false,2020-01-01,\n",
    },
}
SHAPES = tuple(SHAPES_OF)


class Life(RuleBasedStateMachine):
    """Everything that can happen to some addresses, in any order.

    Beside the list, the test keeps a book of its own, in the plainest words: who has gone, and
    which links were sent after that.
    """

    empty: Path  # a database with every table

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        copy = shutil.copy(self.empty, self.folder.name)  # creating the tables takes longer
        self.database = Database(f"sqlite:///{copy}")
        with self.database.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA synchronous=OFF")
        self.now = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
        self.suppressed: set[str] = set()  # keys that must not be written to
        self.imported: dict[str, set[int]] = {}  # and those that imports say so of
        self.links: list[tuple[str, str, str]] = []  # key, token to confirm, token of not-me
        self.fresh: set[str] = set()  # tokens sent after their key was last gone
        self.imports: list[int] = []
        self.moves: list[tuple[str, str]] = []  # key of the new address, token to confirm it
        self.shelved: dict[int, set[str]] = {}  # links that only an import made worth nothing
        self.issue = 0
        # Whom an issue was sent to once: the mail stays in their inbox, with its links.
        self.mailed: dict[int, tuple[str, str]] = {}  # number → ref, key
        self.signs_up("ann@example.org", 0)  # a life begins as a reader's
        self.confirms(0)

    def teardown(self) -> None:
        with self.database.reading() as conn:
            assert membership.verify(conn, KEYS).ok
        self.database.close()
        self.folder.cleanup()

    def key(self, address: str) -> str:
        return address.lower()

    def has_gone(self, address: str) -> None:
        key = self.key(address)
        self.suppressed.add(key)
        stale = self.links_of(key)
        self.fresh -= stale
        self.shelved = {number: stored - stale for number, stored in self.shelved.items()}

    def links_of(self, key: str) -> set[str]:
        """To confirm: from before somebody had gone they are worth nothing."""
        links = {token for k, token, _ in self.links if k == key}
        return links | {token for k, token in self.moves if k == key}

    def find(self, address: str):
        with self.database.reading() as conn:
            return roll.find(conn, address)

    @rule(person=PEOPLE, days=st.sampled_from([0, 1]))
    def signs_up(self, person: str, days: int) -> None:
        self.now += timedelta(days=days)
        with self.database.transaction() as conn:
            membership.sign_up(conn, KEYS, address=person, evidence=Evidence("form"), now=self.now)
        self.letters_go_out()

    def letters_go_out(self) -> None:
        with self.database.transaction() as conn:
            matches = membership.claim_letters(conn, limit=100, now=self.now)
            for letter in matches:
                membership.record_letter_sent(conn, letter.id, message_id="<x@y>", now=self.now)
        for letter in matches:
            if letter.kind == "confirm":
                expires = self.now + timedelta(days=7)
                token = KEYS.sign("confirm", letter.ref, expires=expires)
                other = KEYS.sign("not_me", letter.ref)
                self.links.append((self.key(letter.address), token, other))
                self.fresh.add(token)
            elif letter.kind == "change":
                token = KEYS.sign("change", letter.ref, expires=self.now + timedelta(days=7))
                self.moves.append((self.key(letter.address), token))
                self.fresh.add(token)

    @precondition(lambda self: self.links)
    @rule(which=WHICH)
    def confirms(self, which: int) -> None:
        key, token, _ = self.links[-1 - which % len(self.links)]
        with self.database.transaction() as conn:
            try:
                matches = membership.confirm(
                    conn, KEYS, token, evidence=Evidence("link"), now=self.now
                )
            except Exception:  # noqa: BLE001 - too old is as good as void here
                return
        if matches.outcome == "confirmed":
            assert token in self.fresh, "a link from before they left"
            self.suppressed.discard(key)
            self.imported.pop(key, None)

    @precondition(lambda self: self.links)
    @rule(which=WHICH)
    def says_not_me(self, which: int) -> None:
        key, _, token = self.links[-1 - which % len(self.links)]
        was = self.find(key)
        with self.database.transaction() as conn:
            membership.reject_signup(conn, KEYS, token, now=self.now)
        now = self.find(key)
        if was and (now is None or now.status != was.status):
            self.has_gone(key)

    @rule(person=PEOPLE)
    def leaves(self, person: str) -> None:
        with self.database.transaction() as conn:
            if (
                membership.unsubscribe(
                    conn, KEYS, address=person, evidence=Evidence("page"), now=self.now
                )
                != "unknown"
            ):
                self.has_gone(person)

    @rule(person=PEOPLE, then=st.sampled_from(["", "complained", "bounced", "left", "erased"]))
    def leaves_and_thinks_better_of_it(self, person: str, then: str) -> None:
        """On the page that said so; unless something else has happened meanwhile."""
        member = self.find(person)
        if member is None or member.status != "active":
            return
        with self.database.transaction() as conn:
            membership.unsubscribe(
                conn, KEYS, ref=member.ref, evidence=Evidence("page"), now=self.now
            )
        left_at = int(self.now.timestamp())
        self.has_gone(person)
        if then == "erased":
            self.is_erased(person)
        elif then:
            self.is_reported(person, then)
        with self.database.transaction() as conn:
            is_back = membership.undo_unsubscribe(
                conn, KEYS, member.ref, left_at=left_at, now=self.now
            )
        assert is_back == (then in {"", "left"})
        if is_back:
            self.suppressed.discard(self.key(person))

    @precondition(lambda self: self.mailed)
    @rule(which=WHICH)
    def opens_an_old_mail_and_leaves(self, which: int) -> None:
        """By a link of any issue that ever came, whoever it is who reads there now."""
        ref, key = [*self.mailed.values()][which % len(self.mailed)]
        with self.database.transaction() as conn:
            membership.unsubscribe(
                conn, KEYS, ref=ref, evidence=Evidence("one-click"), now=self.now
            )
        self.has_gone(key)

    @precondition(lambda self: self.mailed)
    @rule(which=WHICH, report=st.sampled_from(["bounced", "complained", "left"]))
    def is_reported_late(self, which: int, report: str) -> None:
        number = [*self.mailed][which % len(self.mailed)]
        with self.database.transaction() as conn:
            membership.record_report(conn, KEYS, number, report, now=self.now)
        self.has_gone(self.mailed[number][1])

    @rule(person=PEOPLE, to=PEOPLE)
    def wants_to_move(self, person: str, to: str) -> None:
        member = self.find(person)
        if member:
            with self.database.transaction() as conn:
                membership.request_address_change(conn, KEYS, member.ref, address=to, now=self.now)
            self.letters_go_out()

    @precondition(lambda self: self.moves)
    @rule(which=WHICH)
    def moves_in(self, which: int) -> None:
        key, token = self.moves[-1 - which % len(self.moves)]
        with self.database.transaction() as conn:
            try:
                matches = membership.confirm_address_change(
                    conn, KEYS, token, evidence=Evidence("link"), now=self.now
                )
            except Exception:  # noqa: BLE001 - too old is as good as void here
                return
        if matches.outcome == "confirmed":
            assert token in self.fresh, "a link from before they left"
            self.suppressed.discard(key)
            self.imported.pop(key, None)
            with self.database.reading() as conn:
                member = roll.by_ref(conn, matches.ref)
            if member.id in self.mailed:
                self.mailed[member.id] = (member.ref, key)

    @rule(person=PEOPLE, days=st.sampled_from([None, 1, 30]))
    def takes_a_break(self, person: str, days: int | None) -> None:
        member = self.find(person)
        if member:
            until = self.now + timedelta(days=days) if days else None
            with self.database.transaction() as conn:
                membership.set_preferences(conn, KEYS, member.ref, pause_until=until, now=self.now)

    @rule(
        person=PEOPLE,
        report=st.sampled_from(["bounced", "complained", "left", "soft", "delivered"]),
    )
    def is_reported(self, person: str, report: str) -> None:
        member = self.find(person)
        if member:
            with self.database.transaction() as conn:
                standing = membership.record_report(conn, KEYS, member.id, report, now=self.now)
            if report not in {"soft", "delivered"} or standing == "bounced":
                self.has_gone(person)

    @rule(person=PEOPLE)
    def is_erased(self, person: str) -> None:
        with self.database.transaction() as conn:
            if membership.erase(
                conn, KEYS, address=person, evidence=Evidence("page"), now=self.now
            ):
                self.has_gone(person)

    @rule(some=st.lists(st.tuples(PEOPLE, SAYS), max_size=3), shape=st.sampled_from(SHAPES))
    def are_imported(self, some: list[tuple[str, str]], shape: str) -> None:
        """In the shape of several programs; what says that somebody left counts in any order."""
        content = SHAPES_OF[shape]
        rows = [(person, says) for person, says in some if shape != "plain" or says == "reader"]
        file = Path(self.folder.name) / "some.csv"
        file.write_text(
            content[""] + "".join(content[says].format(person) for person, says in rows)
        )
        was = {self.key(person) for person in SPELLINGS if self.find(person)}
        load, more = (
            self.database.transaction,
            {"basis": "the old list", "by": "Ann", "now": self.now},
        )
        result = exchange.import_file(load, KEYS, file, **more)
        off = {"left", "waits"} if shape == "ghost" else {"left"}  # it has no other word
        left = {self.key(person) for person, says in rows if says in off}
        for key in left:
            self.is_said_to_have_left(key, result.id, is_new=key not in was)
        self.imports.append(result.id)

    def is_said_to_have_left(self, key: str, number: int, *, is_new: bool) -> None:
        """The export does not say when, so that it is newer than what was before."""
        erased = self.find(key) is None
        if is_new and erased:
            return  # a hash keeps mail away already
        stale = self.fresh & self.links_of(key)
        self.fresh -= stale
        self.shelved.setdefault(number, set()).update(stale)
        self.imported.setdefault(key, set()).add(number)

    @precondition(lambda self: self.imports)
    @rule(which=WHICH)
    def import_is_undone(self, which: int) -> None:
        number = self.imports.pop(which % len(self.imports))
        exchange.undo_import(self.database.transaction, KEYS, number, by="Ann", now=self.now)
        self.fresh |= self.shelved.pop(number, set())  # as if it had never been said
        for numbers in self.imported.values():
            numbers.discard(number)

    @rule(person=PEOPLE)
    def is_entered_by_an_editor(self, person: str) -> None:
        with self.database.transaction() as conn:
            membership.add_on_basis(
                conn, KEYS, address=person, name="", evidence=Evidence("editor"), now=self.now
            )

    @rule(days=st.sampled_from([1, 40]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        with self.database.transaction() as conn:
            membership.sweep(conn, KEYS, now=self.now)

    @invariant()
    def nobody_who_has_gone_is_written_to(self) -> None:
        """Mail is what is claimed for a delivery, even where everybody was addressed before."""
        with self.database.transaction() as conn:
            self.issue += 1
            issue = {
                "number": self.issue,
                "local_date": f"{self.issue}",
                "headings": [],
                "note": "",
                "mentions": [],
            }
            conn.execute(insert(ISSUES).values(**issue, status="sending", until=self.now))
            everybody = conn.execute(select(SUBSCRIBERS.c.id)).scalars().all()
            queued = {"issue": self.issue, "status": "queued", "not_before": self.now, "reason": ""}
            for number in everybody:
                conn.execute(insert(DELIVERIES).values(**queued, subscriber=number))
            matches = claims.claim(
                conn, self.issue, worker="w", limit=99, lease=timedelta(1), now=self.now
            )
            readers = [item.reader for item in matches]
            audience = {*conn.execute(roll.audience(self.now)).scalars()}
            assert {reader.id for reader in readers} == audience
        for reader in readers:
            self.mailed[reader.id] = (reader.ref, self.key(reader.address))
        written = {self.key(reader.address) for reader in readers}
        assert not written & self.suppressed
        assert not written & {key for key, numbers in self.imported.items() if numbers}

    @invariant()
    def the_growth_of_the_list_adds_up(self) -> None:
        with self.database.reading() as conn:
            growth = growth_of(conn, weeks=3, now=self.now, zone=ZoneInfo("Europe/London"))
            active = roll.counts(conn)["active"]
        weeks, sources = [*growth.weeks.values()], [*growth.by_source.values()]
        assert weeks[-1].active == active == sum(source.active for source in sources)
        assert sum(week.net for week in weeks) == sum(source.net for source in sources)
        for before, week in pairwise(weeks):
            assert week.active == before.active + week.net
        for counts in weeks + sources:
            assert counts.net == counts.confirmed + counts.imported + counts.returned - counts.lost
            ended = counts.left + counts.bounced + counts.complained + counts.undone
            assert counts.lost == ended


Life.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


@pytest.fixture(autouse=True, scope="module")
def tables(empty_database):
    Life.empty = empty_database


@pytest.mark.timeout(600)  # forty lives; the limit is for a machine with much else to do
class TestLife(Life.TestCase):
    """In any order."""
