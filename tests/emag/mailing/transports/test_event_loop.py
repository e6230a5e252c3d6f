"""One thread listens for all: each gets what is its own, and nobody waits for somebody else."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from emag.mailing.transports.event_loop import READABLE, WRITABLE, EventLoop

LONG = 30.0  # seconds: nothing here may take them


@pytest.fixture
def pairs():
    made = [socket.socketpair() for _ in range(3)]
    for ours, _ in made:
        ours.settimeout(0)
    yield made
    for pair in made:
        for sock in pair:
            sock.close()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(3) as threads:
        yield threads


def hearing(sock, times=1, begun=None):
    """What comes in so many pieces, each asked for with a dot."""
    heard = b""
    for _ in range(times):
        sock.send(b".")
        if begun:
            begun.set()
        yield READABLE, LONG
        heard += sock.recv(1)
    return heard


def test_each_gets_what_is_its_own(pairs, pool):
    wheel = EventLoop()
    runs = [pool.submit(wheel.run, ours, hearing(ours, 20)) for ours, _ in pairs]
    for _ in range(20):
        for letter, (_, theirs) in zip(b"abc", pairs, strict=True):
            theirs.settimeout(LONG)
            assert theirs.recv(1) == b"."
            theirs.send(bytes([letter]))
    assert [run.result(LONG) for run in runs] == [b"a" * 20, b"b" * 20, b"c" * 20]


@pytest.mark.parametrize("first", [0, 1])
def test_who_hears_nothing_holds_nobody_up(pairs, pool, first):
    """Neither where the silent one listens for all, nor where it is listened for."""
    wheel, order = EventLoop(), [0, 1] if first == 0 else [1, 0]
    runs = {}
    for place in order:
        begun = threading.Event()
        ours = pairs[place][0]
        runs[place] = pool.submit(wheel.run, ours, hearing(ours, 1, begun))
        assert begun.wait(LONG)
    pairs[0][1].send(b"a")
    assert runs[0].result(LONG) == b"a"
    assert not runs[1].done()
    ours, theirs = pairs[2]
    theirs.send(b"c")
    assert pool.submit(wheel.run, ours, hearing(ours)).result(LONG) == b"c"
    assert not runs[1].done()
    pairs[1][1].send(b"b")
    assert runs[1].result(LONG) == b"b"


def test_who_waits_too_long_hears_of_it_and_may_go_on(pairs):
    ours, theirs = pairs[0]

    def steps():
        with pytest.raises(TimeoutError):
            yield READABLE, 0.02
        theirs.send(b"x")
        yield READABLE, LONG
        return ours.recv(1)

    assert EventLoop().run(ours, steps()) == b"x"


def test_a_fault_is_raised_where_it_belongs_and_the_others_go_on(pairs, pool):
    wheel = EventLoop()

    def broken(sock):
        yield READABLE, LONG
        raise ValueError(sock.recv(1))

    runs = [pool.submit(wheel.run, ours, hearing(ours, 2)) for ours, _ in pairs[:2]]
    runs.append(pool.submit(wheel.run, pairs[2][0], broken(pairs[2][0])))
    pairs[2][1].send(b"!")
    with pytest.raises(ValueError, match="!"):
        runs[2].result(LONG)
    for _, theirs in pairs[:2]:
        theirs.send(b"ok")
    assert [run.result(LONG) for run in runs[:2]] == [b"ok", b"ok"]


def test_what_never_waits_is_done_at_once(pairs):
    def steps():
        return "done"
        yield

    assert EventLoop().run(pairs[0][0], steps()) == "done"


def test_it_waits_for_room_as_it_waits_for_words(pairs):
    ours, theirs = pairs[0]

    def steps():
        yield WRITABLE, LONG
        ours.send(b"hello")
        yield READABLE, LONG
        return ours.recv(9)

    theirs.send(b"welcome")
    assert EventLoop().run(ours, steps()) == b"welcome"
    assert theirs.recv(9) == b"hello"
