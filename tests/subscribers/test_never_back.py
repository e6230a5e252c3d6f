"""No order of anything writes to somebody who left, unless they asked and confirmed again."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlmodel import SQLModel

from emag.database import Database
from subscribers import exchange, membership, roll
from subscribers.consent import Evidence
from subscribers.membership import ledger
from subscribers.tokens import Keys

KEYS = Keys("a-secret-for-tests-only-0123456789abcdef")
SPELLINGS = ("ann@example.org", "Ann@Example.org", "b.o.b@gmail.com")
WHO = st.sampled_from(SPELLINGS)
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

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{self.folder.name}/life.db")
        with self.database.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA synchronous=OFF")
            SQLModel.metadata.create_all(conn)
        self.now = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
        self.gone: set[str] = set()  # keys that must not be written to
        self.said: dict[str, set[int]] = {}  # and those that imports say so of
        self.links: list[tuple[str, str, str]] = []  # key, token to confirm, token of not-me
        self.fresh: set[str] = set()  # tokens sent after their key was last gone
        self.imports: list[int] = []
        self.signs_up("ann@example.org", 0)  # a life begins as a reader's
        self.confirms(0)

    def teardown(self) -> None:
        with self.database.reading() as conn:
            assert ledger.verify(conn, KEYS).ok
        self.database.close()
        self.folder.cleanup()

    def key(self, address: str) -> str:
        return address.lower()

    def has_gone(self, address: str) -> None:
        key = self.key(address)
        self.gone.add(key)
        self.fresh -= {token for k, token, _ in self.links if k == key}

    def find(self, address: str):
        with self.database.reading() as conn:
            return roll.find(conn, address)

    @rule(who=WHO, days=st.sampled_from([0, 1]))
    def signs_up(self, who: str, days: int) -> None:
        self.now += timedelta(days=days)
        with self.database.transaction() as conn:
            membership.join(conn, KEYS, address=who, evidence=Evidence("form"), now=self.now)
        self.letters_go_out()

    def letters_go_out(self) -> None:
        with self.database.transaction() as conn:
            found = membership.letters(conn, limit=100, now=self.now)
            for letter in found:
                membership.letter_sent(conn, letter.id, message_id="<x@y>", now=self.now)
        for letter in found:
            if letter.kind == "confirm":
                expires = self.now + timedelta(days=7)
                token = KEYS.sign("confirm", letter.ref, expires=expires)
                other = KEYS.sign("not_me", letter.ref)
                self.links.append((self.key(letter.address), token, other))
                self.fresh.add(token)

    @precondition(lambda self: self.links)
    @rule(which=WHICH)
    def confirms(self, which: int) -> None:
        key, token, _ = self.links[-1 - which % len(self.links)]
        with self.database.transaction() as conn:
            try:
                found = membership.confirm(
                    conn, KEYS, token, evidence=Evidence("link"), now=self.now
                )
            except Exception:  # noqa: BLE001 - too old is as good as void here
                return
        if found.outcome == "confirmed":
            assert token in self.fresh, "a link from before they left"
            self.gone.discard(key)
            self.said.pop(key, None)

    @precondition(lambda self: self.links)
    @rule(which=WHICH)
    def says_not_me(self, which: int) -> None:
        key, _, token = self.links[-1 - which % len(self.links)]
        was = self.find(key)
        with self.database.transaction() as conn:
            membership.disown(conn, KEYS, token, now=self.now)
        now = self.find(key)
        if was and (now is None or now.status != was.status):
            self.has_gone(key)

    @rule(who=WHO)
    def leaves(self, who: str) -> None:
        with self.database.transaction() as conn:
            if membership.leave(conn, KEYS, address=who, how="page", now=self.now) != "unknown":
                self.has_gone(who)

    @rule(who=WHO, what=st.sampled_from(["bounced", "complained", "left", "soft", "delivered"]))
    def is_reported(self, who: str, what: str) -> None:
        member = self.find(who)
        if member:
            with self.database.transaction() as conn:
                standing = membership.heard(conn, KEYS, member.id, what, now=self.now)
            if what not in {"soft", "delivered"} or standing == "bounced":
                self.has_gone(who)

    @rule(who=WHO)
    def is_erased(self, who: str) -> None:
        with self.database.transaction() as conn:
            if membership.erase(conn, KEYS, address=who, how="page", now=self.now):
                self.has_gone(who)

    @rule(some=st.lists(st.tuples(WHO, SAYS), max_size=3), shape=st.sampled_from(SHAPES))
    def are_imported(self, some: list[tuple[str, str]], shape: str) -> None:
        """In the shape of several programs; what says that somebody left counts in any order."""
        content = SHAPES_OF[shape]
        rows = [(who, says) for who, says in some if shape != "plain" or says == "reader"]
        file = Path(self.folder.name) / "some.csv"
        file.write_text(content[""] + "".join(content[says].format(who) for who, says in rows))
        was = {self.key(who) for who in SPELLINGS if self.find(who)}
        load, more = self.database.transaction, {"basis": "the old list", "now": self.now}
        done = exchange.load(load, KEYS, file, **more)
        off = {"left", "waits"} if shape == "ghost" else {"left"}  # it has no other word
        left = {self.key(who) for who, says in rows if says in off}
        for key in left:
            self.is_said_to_have_left(key, done.id, is_new=key not in was)
        self.imports.append(done.id)

    def is_said_to_have_left(self, key: str, number: int, *, is_new: bool) -> None:
        """The export does not say when, so that it is newer than what was before."""
        erased = self.find(key) is None
        if is_new and erased:
            return  # a hash keeps mail away already
        self.fresh -= {token for k, token, _ in self.links if k == key}
        self.said.setdefault(key, set()).add(number)

    @precondition(lambda self: self.imports)
    @rule(which=WHICH)
    def import_is_undone(self, which: int) -> None:
        number = self.imports.pop(which % len(self.imports))
        exchange.undo(self.database.transaction, KEYS, number, now=self.now)
        for numbers in self.said.values():
            numbers.discard(number)

    @rule(who=WHO)
    def is_entered_by_an_editor(self, who: str) -> None:
        with self.database.transaction() as conn:
            membership.admit(
                conn, KEYS, address=who, name="", evidence=Evidence("editor"), now=self.now
            )

    @rule(days=st.sampled_from([1, 40]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        with self.database.transaction() as conn:
            membership.sweep(conn, KEYS, now=self.now)

    @invariant()
    def nobody_who_has_gone_is_written_to(self) -> None:
        with self.database.reading() as conn:
            ids = list(conn.execute(roll.audience(self.now)).scalars())
            written = {self.key(r.address) for r in roll.writable(conn, ids, now=self.now).values()}
            assert not written & self.gone
            assert not written & {key for key, numbers in self.said.items() if numbers}


Life.TestCase.settings = settings(max_examples=90, stateful_step_count=20, deadline=None)


@pytest.mark.usefixtures("empty_database")  # it brings the tables
class TestLife(Life.TestCase):
    """In any order."""
