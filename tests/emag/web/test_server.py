"""Deadlines and the limit on connections."""

import socket
import threading
import time

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st

from emag.demo import hosting
from emag.web.bodies import LARGEST, BodySlots
from emag.web.server.connections import LIMITS, Connections, Phase

WAITING = [Phase.HEADERS, Phase.BODY, Phase.NEXT, Phase.DISCARD]


class Peer:
    """A connection as the bookkeeping sees it."""

    def __init__(self, number, network="203.0.113.0/24", phase=Phase.HEADERS, since=0.0):
        self.number, self.network, self.phase, self.since = number, network, phase, since
        self.ended = ""

    @property
    def is_unfinished(self):
        return self.phase in WAITING

    def drop(self):
        self.ended = "dropped"

    def time_out(self):
        self.ended = "timed out"


@given(
    st.integers(1, 30),
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(list(Phase)), st.floats(0, 300)),
        max_size=80,
    ),
)
def test_no_finished_request_suffers_and_the_limit_holds(limit, arrivals):
    peers, connections = [], Connections(limit)
    for number, (network, phase, now) in enumerate(arrivals):
        peer = Peer(number, network, Phase.HEADERS, now)
        peers.append(peer)
        connections.add(peer, now)
        peer.phase = phase  # what becomes of it
        assert len(connections) <= limit
    for peer in peers[:-1]:
        if peer.phase is Phase.ANSWER and peer.ended:
            # Only as a newcomer, when nothing else could make room.
            assert all(
                other.phase in {Phase.ANSWER, Phase.READER} or other.ended
                for other in peers[: peer.number]
            )


def test_a_crowd_from_one_network_costs_no_visitor_from_another():
    connections = Connections(10)
    visitor = Peer(0, "198.51.100.0/24")
    crowd = [Peer(number) for number in range(1, 50)]
    for peer in (visitor, *crowd):
        connections.add(peer, 0.5)
    assert visitor.ended == ""
    assert [peer.number for peer in crowd if not peer.ended] == [*range(41, 50)]


def test_a_request_on_its_way_is_not_dropped_while_there_is_room():
    """However few others wait: answers that nobody reads once cost visitors their connection."""
    connections = Connections(100)
    answering = [Peer(number, phase=Phase.ANSWER) for number in range(70)]
    idle = [Peer(number, phase=Phase.NEXT, since=9.9) for number in range(5)]
    silent = [Peer(number, since=8.0) for number in range(5)]
    arriving = [Peer(number, since=9.99) for number in range(25)]
    for peer in (*answering, *idle, *silent, *arriving):
        connections.add(peer, 10.0)
    assert {peer.ended for peer in (*answering, *arriving)} == {""}
    assert {peer.ended for peer in (*idle, *silent)} == {"dropped"}
    last = [Peer(number, since=10.0) for number in range(10)]
    for peer in last:
        connections.add(peer, 10.0)
    assert len(connections) <= connections.limit
    assert {peer.ended for peer in (*answering, *last)} == {""}
    assert arriving[0].ended == "dropped", "who has waited longest makes room"


def test_a_newcomer_waits_in_the_queue_while_every_request_is_being_answered():
    connections = Connections(100)
    for number in range(95):
        connections.add(Peer(number, phase=Phase.ANSWER), 10.0)
    for number in range(5):
        assert connections.has_room(10.0, coming=0)
        assert not connections.has_room(10.0, coming=5)
        connections.add(Peer(number, since=10.0), 10.0)
    assert not connections.has_room(10.5, coming=0), "these requests are on their way"
    assert connections.has_room(11.0, coming=0), "they have waited for a moment"


def test_a_crowd_that_sends_nothing_keeps_nobody_waiting():
    connections = Connections(100)
    for number in range(200):
        assert connections.has_room(10.0, coming=0)
        connections.add(Peer(number, since=10.0), 10.0)


@pytest.mark.parametrize(("phase", "limit"), LIMITS.items())
def test_a_phase_that_takes_too_long_ends_the_connection(phase, limit):
    connections, peer = Connections(10), Peer(1, phase=phase, since=100.0)
    connections.add(peer, 100.0)
    connections.time_out(100.0 + limit)
    assert peer.ended == ""
    connections.time_out(100.0 + limit + 1)
    assert peer.ended == "timed out"


def test_our_own_work_has_no_limit():
    connections, peer = Connections(10), Peer(1, phase=Phase.ANSWER)
    connections.add(peer, 0.0)
    connections.time_out(10_000.0)
    assert peer.ended == ""


def test_headers_have_30_seconds_and_bodies_120():
    assert (LIMITS[Phase.HEADERS], LIMITS[Phase.BODY]) == (30.0, 120.0)


@pytest.fixture
def app():
    app = FastAPI()
    bodies = BodySlots(slots=1)

    @app.post("/body")
    async def body(request: Request) -> int:
        async with bodies.read(request) as content:
            return len(content)

    @app.get("/slow")
    def slow() -> str:
        time.sleep(1.5)
        return "done"

    return app


@pytest.fixture
def port(app, monkeypatch):
    """A real server whose deadlines are short."""
    for phase in (Phase.HEADERS, Phase.BODY):
        monkeypatch.setitem(LIMITS, phase, 0.5)
    with hosting.listen(0) as listener, hosting.serving(app, listener):
        yield listener.getsockname()[1]


def ask(port, *pieces, pause=0.0):
    """Sends the pieces, and gives everything that came until the server closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        return connection.makefile("rb").read()


@pytest.mark.parametrize("beginning", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\n", b"\r\n"])
def test_headers_that_do_not_end_are_answered_with_408(port, beginning):
    assert ask(port, beginning).startswith(b"HTTP/1.1 408 ")


def test_one_octet_at_a_time_does_not_extend_the_deadline(port):
    head = b"GET /slow HTTP/1.1\r\nHost: x\r\n"
    pieces = [bytes([octet]) for octet in head]
    began = time.monotonic()
    try:
        assert ask(port, *pieces, pause=0.2).startswith(b"HTTP/1.1 408 ")
    except OSError:  # cut off while it was still sending
        assert time.monotonic() - began < len(pieces) * 0.2


def test_a_second_request_has_a_deadline_too(port):
    first = b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = ask(port, first, b"GET / HT", pause=0.1)
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"HTTP/1.1 408 " in answer


def test_a_body_that_does_not_end_is_cut_off(port):
    head = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    assert ask(port, head, b"abc").startswith(b"HTTP/1.1 408 ")


def test_an_answer_that_takes_long_is_not_cut_off(port):
    assert httpx.get(f"http://127.0.0.1:{port}/slow").text == '"done"'


def test_a_keep_alive_connection_is_served_again_and_again(port):
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            assert client.post("/body", content=b"x" * 1_000).json() == 1_000
            assert client.get("/nowhere").status_code == 404


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, LARGEST])
def test_a_body_within_the_bound_is_read(app, size):
    with hosting.listen(0) as listener, hosting.serving(app, listener) as base:
        assert httpx.post(f"{base}/body", content=b"x" * size).json() == size
        chunks = (b"x" * min(50_000, size - at) for at in range(0, size, 50_000))
        assert httpx.post(f"{base}/body", content=chunks).json() == size


def test_a_larger_body_is_refused_and_the_answer_can_be_read(app):
    with hosting.listen(0) as listener, hosting.serving(app, listener) as base:
        assert httpx.post(f"{base}/body", content=b"x" * (LARGEST + 1)).status_code == 413
        chunks = (b"x" * 50_000 for _ in range(LARGEST // 50_000 + 1))
        assert httpx.post(f"{base}/body", content=chunks).status_code == 413


def test_a_stalled_body_makes_room_for_the_next_one(app):
    head = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"
    with hosting.listen(0) as listener, hosting.serving(app, listener) as base:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=20) as stalled:
            stalled.sendall(head + b"x" * 200_000)
            time.sleep(0.2)
            began = time.monotonic()
            assert httpx.post(f"{base}/body", content=b"x" * 400_000, timeout=20).json() == 400_000
            assert time.monotonic() - began < 19
            stalled.sendall(b"x" * 100_000)
            assert stalled.recv(100).startswith(b"HTTP/1.1 503 ")


def test_small_bodies_wait_for_nobody(app):
    head = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"
    with hosting.listen(0) as listener, hosting.serving(app, listener) as base:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=20) as stalled:
            stalled.sendall(head + b"x" * 200_000)
            answers = []

            def post():
                answers.append(httpx.post(f"{base}/body", content=b"x" * 60_000).json())

            threads = [threading.Thread(target=post) for _ in range(5)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert answers == [60_000] * 5
