from datetime import timedelta

import pytest

from subscribers import membership, roll
from subscribers.consent import Evidence
from subscribers.errors import BadAddress, BadToken, ExpiredToken
from subscribers.firewall import SignupLimits


@pytest.fixture
def member(database):
    def member(address):
        with database.reading() as conn:
            return roll.find(conn, address)

    return member


@pytest.fixture
def status(member):
    return lambda address: matches.status if (matches := member(address)) else None


@pytest.fixture
def audience(database, clock):
    def audience() -> set[str]:
        with database.reading() as conn:
            ids = list(conn.execute(roll.audience(clock())).scalars())
            matches = roll.writable(conn, ids, now=clock())
            assert set(matches) == set(ids)
            return {reader.address for reader in matches.values()}

    return audience


def test_a_reader_is_made_in_two_steps(people, status, audience, clock):
    assert people.ask("Ann@Example.org", name=" Ann ", topics=["posts"]).outcome == "asked"
    assert status("ann@example.org") == "pending"
    assert audience() == set()
    (letter,) = people.letters()
    assert (letter.kind, letter.address, letter.name) == ("confirm", "Ann@example.org", "Ann")
    clock.forward(hours=2)
    assert people.press(people.token(letter)).outcome == "confirmed"
    assert status("ann@example.org") == "active"
    assert audience() == {"Ann@example.org"}
    (welcome,) = people.letters("welcome")
    assert len(welcome.ref) >= 16
    assert welcome.ref != letter.ref


def test_the_second_press_does_nothing(people, dump):
    people.ask("ann@example.org")
    (letter,) = people.letters()
    people.press(people.token(letter))
    before = dump()
    assert people.press(people.token(letter)).outcome == "already"
    assert dump() == before


def test_a_link_of_another_kind_or_too_old_confirms_nobody(people, status, clock):
    people.ask("ann@example.org")
    (letter,) = people.letters()
    for purpose in ("unsubscribe", "not_me", "change"):
        with pytest.raises(BadToken):
            people.press(people.token(letter, purpose))
    late = people.token(letter)
    clock.forward(days=8)
    with pytest.raises(ExpiredToken):
        people.press(late)
    assert status("ann@example.org") == "pending"


def test_a_link_from_before_somebody_left_brings_nobody_back(people, status, clock):
    people.ask("ann@example.org")
    (old,) = people.letters()
    people.press(people.token(old))
    people.leave("ann@example.org")
    assert people.press(people.token(old)).outcome == "void"
    clock.forward(hours=1)
    assert people.ask("ann@example.org").outcome == "asked"  # the holder confirmed: no limit
    assert people.press(people.token(old)).outcome == "void"
    assert status("ann@example.org") == "unsubscribed"
    (new,) = people.letters()
    assert people.press(people.token(new)).outcome == "confirmed"
    assert status("ann@example.org") == "active"


def test_one_confirmation_a_day_and_three_ever(people, clock):
    request = []
    for _ in range(8):
        request.append(people.ask("ann@gmail.com").outcome)
        request.append(people.ask("A.N.N+crier@googlemail.com").outcome)
        clock.forward(hours=24)
    assert request.count("asked") == 3
    assert request[0::4][:2] == ["asked", "asked"]


def test_limits_of_network_domain_and_all(people, clock):
    few = SignupLimits(network=3, domain=None, everything=None)
    answers = [people.ask(f"r{n}@example.org", limits=few).outcome for n in range(5)]
    assert answers == ["asked"] * 3 + ["limited"] * 2
    clock.forward(hours=1)
    for limits in (SignupLimits(network=None, domain=2), SignupLimits(network=None, everything=2)):
        clock.forward(hours=1)
        answers = [
            people.ask(f"s{n}@{clock():%H}.example.org", limits=limits).why for n in range(3)
        ]
        assert answers[:2] == ["", ""]
        assert answers[2] in {"domain", "all"}


def test_a_flood_for_one_address_does_not_shut_its_domain(people):
    limits = SignupLimits(network=None, domain=5, everything=5)
    for _ in range(50):
        people.ask("victim@example.org", limits=limits)
    assert people.ask("ann@example.org", limits=limits).outcome == "asked"


@pytest.mark.parametrize("state", ["active", "complained", "erased after complaint"])
def test_nobody_is_asked_who_must_not_be(people, state):
    people.reader("ann@example.org")
    if state != "active":
        people.report("ann@example.org", "complained")
    if state == "erased after complaint":
        people.erase("ann@example.org")
    assert people.ask("ann@example.org").outcome == "quiet"
    assert people.letters() == []


def test_leaving_is_at_once_and_again_does_nothing(people, audience, dump):
    people.reader("ann@example.org")
    assert people.leave("ann@example.org") == "unsubscribed"
    assert audience() == set()
    before = dump()
    assert people.leave("ann@example.org") == "unsubscribed"
    assert dump() == before
    assert people.leave("nobody@example.org") == "unknown"


def test_a_pause_ends_by_itself(people, audience, database, keys, clock):
    ref = people.reader("ann@example.org")
    with database.transaction() as conn:
        until = clock() + timedelta(days=10)
        membership.set_preferences(conn, keys, ref, pause_until=until, now=clock())
    assert audience() == set()
    clock.forward(days=10)
    assert audience() == {"ann@example.org"}


def test_soft_bounces_are_counted_and_forgiven(people, status, clock):
    people.reader("ann@example.org")
    for _ in range(2):
        people.report("ann@example.org", "soft")
        clock.forward(days=7)
    people.report("ann@example.org", "delivered")
    for _ in range(3):
        assert status("ann@example.org") == "active"
        people.report("ann@example.org", "soft")
        clock.forward(days=7)
    assert status("ann@example.org") == "bounced"


def test_a_report_about_nobody_changes_nothing(database, keys, clock, dump):
    before = dump()
    with database.transaction() as conn:
        for report in ("bounced", "complained", "left", "soft", "delivered"):
            assert membership.record_report(conn, keys, 4711, report, now=clock()) == "unknown"
    assert dump() == before


def test_erasure_leaves_a_keyed_hash_and_a_whole_chain(people, database, keys, clock, dump):
    people.reader("ann.wonderland@example.org", name="Ann Wonderland")
    people.reader("bob@example.org")
    assert people.erase("ann.wonderland@example.org")
    left = repr(dump()).lower()
    assert "wonderland" not in left
    assert left.count("198.51.100.7") == 1  # Bob's own
    assert keys.fingerprint("ann.wonderland@example.org") in left
    with database.reading() as conn:
        assert membership.verify(conn, keys).ok
    assert not people.erase("ann.wonderland@example.org")


@pytest.mark.sqlite
def test_no_byte_of_the_erased_stays_in_the_file(people, database, tmp_path):
    people.reader("zebedee.quux@example.org", name="Zebedee Quux")
    people.erase("zebedee.quux@example.org")
    with database.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        conn.exec_driver_sql("VACUUM")
    database.close()
    for file in tmp_path.glob("emag.db*"):
        assert b"quux" not in file.read_bytes().lower()


def test_numbers_are_never_given_twice(people, database):
    people.reader("ann@example.org")
    first = people.number("ann@example.org")
    people.erase("ann@example.org")
    people.reader("bob@example.org")
    assert people.number("bob@example.org") > first


def test_an_erased_reader_may_come_back_by_confirming(people, status, database, keys, clock):
    people.reader("ann@example.org")
    people.erase("ann@example.org")
    assert people.ask("ann@example.org").outcome == "asked"
    with database.reading() as conn:
        assert roll.suppressed(conn, keys.fingerprints("ann@example.org"))
    (letter,) = people.letters()
    people.press(people.token(letter))
    assert status("ann@example.org") == "active"
    with database.reading() as conn:
        assert roll.suppressed(conn, keys.fingerprints("ann@example.org")) is None
        assert membership.verify(conn, keys).ok


def test_this_was_not_me(people, database, keys, clock, member, dump):
    people.ask("victim@example.org")
    (letter,) = people.letters()
    with database.transaction() as conn:
        membership.reject_signup(conn, keys, people.token(letter, "not_me"), now=clock())
    assert member("victim@example.org") is None
    assert "victim" not in repr(dump())
    before = dump()
    with database.transaction() as conn:
        membership.reject_signup(conn, keys, people.token(letter, "not_me"), now=clock())
    assert dump() == before
    clock.forward(days=30)
    assert people.ask("victim@example.org").outcome == "limited"
    with database.reading() as conn:
        assert membership.verify(conn, keys).ok


def test_not_me_after_a_confirmation_takes_the_reader_off(people, database, keys, clock, status):
    people.ask("victim@example.org")
    (letter,) = people.letters()
    people.press(people.token(letter))
    with database.transaction() as conn:
        membership.reject_signup(conn, keys, people.token(letter, "not_me"), now=clock())
    assert status("victim@example.org") == "unsubscribed"


class Move:
    def __init__(self, database, keys, clock) -> None:
        self.database, self.keys, self.now = database, keys, clock

    def ask(self, ref, address):
        with self.database.transaction() as conn:
            return membership.request_address_change(
                conn, self.keys, ref, address=address, now=self.now()
            )

    def press(self, token):
        with self.database.transaction() as conn:
            return membership.confirm_address_change(
                conn, self.keys, token, evidence=Evidence("link"), now=self.now()
            ).outcome


@pytest.fixture
def move(database, keys, clock) -> Move:
    return Move(database, keys, clock)


def test_an_address_changes_when_the_new_one_agrees(people, move, audience, status, clock):
    ref = people.reader("old@example.org")
    assert move.ask(ref, "old@example.org") == "same"
    assert move.ask(ref, "New@example.org") == "asked"
    assert audience() == {"old@example.org"}
    (letter,) = people.letters("change")
    assert letter.address == "New@example.org"
    token = people.token(letter, "change")
    assert move.press(token) == "confirmed"
    assert audience() == {"New@example.org"}
    assert status("old@example.org") is None
    assert move.press(token) == "already"
    assert move.ask(ref, "old@example.org") == "asked"  # and back again
    (back,) = people.letters("change")
    assert move.press(people.token(back, "change")) == "confirmed"
    assert audience() == {"old@example.org"}
    assert move.press(token) == "void"


def test_an_address_with_a_history_is_not_taken_over(people, move, audience):
    ref = people.reader("ann@example.org")
    people.reader("bob@example.org")
    people.leave("bob@example.org")
    assert move.ask(ref, "bob@example.org") == "asked"
    (letter,) = people.letters("change")
    assert move.press(people.token(letter, "change")) == "void"
    assert audience() == {"ann@example.org"}


def test_a_pending_sign_up_gives_way(people, move, audience, database, keys):
    ref = people.reader("ann@example.org")
    people.ask("new@example.org")
    people.letters()
    assert move.ask(ref, "new@example.org") == "quiet"  # asked today already
    people.now.forward(hours=24)
    assert move.ask(ref, "new@example.org") == "asked"
    (letter,) = people.letters("change")
    assert move.press(people.token(letter, "change")) == "confirmed"
    assert audience() == {"new@example.org"}
    with database.reading() as conn:
        assert membership.verify(conn, keys).ok


def test_a_page_cannot_be_used_to_mail_strangers(people, move):
    ref = people.reader("ann@example.org")
    request = [move.ask(ref, f"stranger{n}@example.org") for n in range(6)]
    assert request == ["asked"] * 3 + ["quiet"] * 3


def test_letters_are_given_out_once_and_again_after_a_failure(people, database, clock):
    people.ask("ann@example.org")

    def take():
        with database.transaction() as conn:
            return membership.claim_letters(conn, limit=10, now=clock())

    (letter,) = take()
    assert take() == []
    for _ in range(6):
        with database.transaction() as conn:
            membership.record_letter_failed(
                conn, letter.id, reason="450 later", permanent=False, now=clock()
            )
        clock.forward(hours=13)
        assert [again.id for again in take()] == [letter.id]
    with database.transaction() as conn:
        membership.record_letter_failed(conn, letter.id, reason="450", permanent=False, now=clock())
    clock.forward(days=9)
    assert take() == []


def test_a_letter_refused_for_good_is_not_tried_again(people, database, clock):
    people.ask("ann@example.org")
    with database.transaction() as conn:
        (letter,) = membership.claim_letters(conn, limit=10, now=clock())
        membership.record_letter_failed(conn, letter.id, reason="550", permanent=True, now=clock())
    clock.forward(days=1)
    assert people.letters() == []


def test_a_letter_without_a_reason_any_more_is_never_given_out(people):
    people.ask("ann@example.org")
    people.leave("ann@example.org")
    assert people.letters() == []


def test_time_takes_away_who_never_confirmed(people, database, keys, clock, dump):
    people.ask("ghost@example.org")
    people.reader("ann@example.org")
    clock.forward(days=10)
    people.ask("late@example.org")
    clock.forward(days=19)
    people.ask("late@example.org")
    clock.forward(days=2)
    with database.transaction() as conn:
        assert membership.sweep(conn, keys, now=clock()).lapsed == 1
    assert "ghost" not in repr(dump())
    with database.reading() as conn:
        assert membership.verify(conn, keys).ok
        assert (roll.counts(conn)["active"], roll.counts(conn)["pending"]) == (1, 1)


def test_counts_name_every_status(people, database):
    for name in ("a", "b", "c", "d", "e"):
        people.reader(f"{name}@example.org")
    people.ask("f@example.org")
    people.leave("b@example.org")
    people.report("c@example.org", "bounced")
    people.report("d@example.org", "complained")
    people.erase("e@example.org")
    with database.reading() as conn:
        assert roll.counts(conn) == {
            "pending": 1,
            "active": 1,
            "unsubscribed": 1,
            "bounced": 1,
            "complained": 1,
            "suppressed": 1,
        }


def test_many_readers_are_found_at_once(people, database, clock):
    people.reader("ann@example.org")
    number = people.number("ann@example.org")
    with database.reading() as conn:
        matches = roll.writable(conn, [*range(-20_000, 0), number], now=clock())
        assert [reader.address for reader in matches.values()] == ["ann@example.org"]
        people.leave("ann@example.org")
    with database.reading() as conn:
        assert roll.writable(conn, [number], now=clock()) == {}
        assert roll.readers(conn, [number])[number].address == "ann@example.org"


def test_no_sign_up_without_an_address(people, dump):
    before = dump()
    with pytest.raises(BadAddress):
        people.ask("not an address")
    assert dump() == before
