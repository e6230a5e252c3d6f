"""What every transport promises: one receipt a message, in order, and the truth in each."""

import threading
from collections import Counter

import pytest

from emag.errors import SenderRefused, Unreachable
from emag.mailing.delivery import Outcome


def outcomes(receipts):
    return [receipt.outcome for receipt in receipts]


def test_what_is_accepted_has_arrived_once_and_as_it_is(world, message):
    mail = [message(n, name=f"Reader {n}") for n in range(1, 26)]
    assert outcomes(world.transport.send(mail)) == [Outcome.ACCEPTED] * 25
    assert sorted(world.arrived()) == sorted((m.recipient, m.message_id) for m in mail)


def test_nothing_to_send_is_no_fault(world):
    assert world.transport.send([]) == []
    assert world.arrived() == []


def test_an_address_that_cannot_be_written_is_refused_alone(world, message):
    mail = [message(1), message(2, "a@example.net>\r\nRCPT TO:<b@example.net"), message(3)]
    got = world.transport.send(mail)
    assert outcomes(got) == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.ACCEPTED]
    assert not got[1].sender_fault
    assert [to for to, _ in world.arrived()] == ["reader1@example.net", "reader3@example.net"]


def test_a_batch_is_what_one_send_takes(world, message):
    assert 1 <= world.transport.batch <= 1000
    mail = [message(n) for n in range(1, world.transport.batch + 1)]
    assert outcomes(world.transport.send(mail)) == [Outcome.ACCEPTED] * len(mail)


def test_the_other_side_is_away(world, message, secretive):
    with pytest.raises(Unreachable) as caught:
        world.away().send([message(1)])
    secretive(str(caught.value))
    assert not caught.value.permanent
    assert world.arrived() == []


def test_a_wrong_key_is_about_us(world, message, secretive):
    if world.wrong_key is None:
        pytest.skip("a folder asks for no key")
    transport = world.wrong_key()
    with pytest.raises(SenderRefused) as caught:
        transport.send([message(1), message(2)])
    secretive(str(caught.value))
    assert caught.value.permanent
    assert world.arrived() == []


def test_a_lost_answer_leaves_doubt_and_no_second_copy(world, message, secretive):
    if world.lose_answer is None:
        pytest.skip("a folder always answers")
    world.lose_answer()
    got = world.transport.send([message(1)])
    assert outcomes(got) == [Outcome.DOUBTFUL]
    secretive(got[0].reason)
    assert [to for to, _ in world.arrived()] == ["reader1@example.net"]


def test_a_reader_who_is_refused_does_not_hold_up_the_others(world, message, secretive):
    if world.refuse is None:
        pytest.skip("a folder refuses nobody")
    world.refuse("reader2@example.net")
    got = world.transport.send([message(n) for n in (1, 2, 3)])
    assert outcomes(got) == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.ACCEPTED]
    assert got[1].reason
    secretive(got[1].reason)
    assert not got[1].sender_fault
    assert [to for to, _ in world.arrived()] == ["reader1@example.net", "reader3@example.net"]


def test_a_reader_who_is_put_off_comes_later(world, message, secretive):
    if world.defer is None:
        pytest.skip("it puts nobody off")
    world.defer("reader1@example.net")
    got = world.transport.send([message(1), message(2)])
    assert outcomes(got) == [Outcome.DEFERRED, Outcome.ACCEPTED]
    secretive(got[0].reason)


def test_several_threads_share_it(world, message):
    got: list[Outcome] = []

    def work(start: int) -> None:
        for n in range(start, start + 20, 5):
            got.extend(outcomes(world.transport.send([message(k) for k in range(n, n + 5)])))

    threads = [threading.Thread(target=work, args=(start,)) for start in (1, 21, 41, 61)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [Outcome.ACCEPTED] * 80
    assert set(Counter(world.arrived()).values()) == {1}
    assert len(world.arrived()) == 80


def test_it_may_be_used_again_after_close(world, message):
    world.transport.send([message(1)])
    world.transport.close()
    world.transport.close()
    assert outcomes(world.transport.send([message(2)])) == [Outcome.ACCEPTED]
    assert len(world.arrived()) == 2


def test_a_second_copy_is_seen(world, message):
    for _ in range(2):
        assert outcomes(world.transport.send([message(1)])) == [Outcome.ACCEPTED]
    assert Counter(world.arrived()) == {("reader1@example.net", message(1).message_id): 2}
