"""The event loop: one thread waits for all sockets, and no conversation delays another."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from emag.mailing.transports.event_loop import READABLE, WRITABLE, EventLoop

LONG = 30.0  # seconds: nothing here may take them


@pytest.fixture
def pairs():
    """Three pairs of connected sockets, as (client, server)."""
    pairs = [socket.socketpair() for _ in range(3)]
    for client, _ in pairs:
        client.settimeout(0)
    yield pairs
    for pair in pairs:
        for sock in pair:
            sock.close()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(3) as threads:
        yield threads


def reading(sock, times=1, has_begun=None):
    """Asks for so many octets, each with a dot, and returns them."""
    octets = b""
    for _ in range(times):
        sock.send(b".")
        if has_begun:
            has_begun.set()
        yield READABLE, LONG
        octets += sock.recv(1)
    return octets


def test_each_conversation_gets_its_own_replies(pairs, pool):
    loop = EventLoop()
    runs = [pool.submit(loop.run, client, reading(client, 20)) for client, _ in pairs]
    for _ in range(20):
        for letter, (_, server) in zip(b"abc", pairs, strict=True):
            server.settimeout(LONG)
            assert server.recv(1) == b"."
            server.send(bytes([letter]))
    assert [run.result(LONG) for run in runs] == [b"a" * 20, b"b" * 20, b"c" * 20]


@pytest.mark.parametrize("first", [0, 1])
def test_a_silent_server_delays_nobody(pairs, pool, first):
    """Whether the silent conversation's thread leads or follows."""
    loop, order = EventLoop(), [0, 1] if first == 0 else [1, 0]
    runs = {}
    for place in order:
        has_begun = threading.Event()
        client = pairs[place][0]
        runs[place] = pool.submit(loop.run, client, reading(client, 1, has_begun))
        assert has_begun.wait(LONG)
    pairs[0][1].send(b"a")
    assert runs[0].result(LONG) == b"a"
    assert not runs[1].done()
    client, server = pairs[2]
    server.send(b"c")
    assert pool.submit(loop.run, client, reading(client)).result(LONG) == b"c"
    assert not runs[1].done()
    pairs[1][1].send(b"b")
    assert runs[1].result(LONG) == b"b"


def test_a_wait_that_takes_too_long_raises_and_the_steps_may_go_on(pairs):
    client, server = pairs[0]

    def steps():
        with pytest.raises(TimeoutError):
            yield READABLE, 0.02
        server.send(b"x")
        yield READABLE, LONG
        return client.recv(1)

    assert EventLoop().run(client, steps()) == b"x"


def test_an_error_is_raised_in_its_own_thread_and_the_others_go_on(pairs, pool):
    loop = EventLoop()

    def failing(sock):
        yield READABLE, LONG
        raise ValueError(sock.recv(1))

    runs = [pool.submit(loop.run, client, reading(client, 2)) for client, _ in pairs[:2]]
    runs.append(pool.submit(loop.run, pairs[2][0], failing(pairs[2][0])))
    pairs[2][1].send(b"!")
    with pytest.raises(ValueError, match="!"):
        runs[2].result(LONG)
    for _, server in pairs[:2]:
        server.send(b"ok")
    assert [run.result(LONG) for run in runs[:2]] == [b"ok", b"ok"]


def test_steps_that_never_wait_end_at_once(pairs):
    def steps():
        return "finished"
        yield

    assert EventLoop().run(pairs[0][0], steps()) == "finished"


def test_it_waits_to_write_as_it_waits_to_read(pairs):
    client, server = pairs[0]

    def steps():
        yield WRITABLE, LONG
        client.send(b"hello")
        yield READABLE, LONG
        return client.recv(9)

    server.send(b"welcome")
    assert EventLoop().run(client, steps()) == b"welcome"
    assert server.recv(9) == b"hello"
