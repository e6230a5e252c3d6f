"""A connection that never waits by itself: long texts and dribbled replies, in clear and by TLS."""

import re
import socket
import threading

import pytest

from emag.mailing.transports.event_loop import EventLoop
from emag.mailing.transports.smtp_channel import Lost, SmtpChannel

LONG = 30.0  # seconds: nothing here may take them
SIZE = 6_000_000  # more than any buffer between two sockets holds


@pytest.fixture(params=["in clear", "by TLS"])
def pair(request, server_tls, trust):
    client_sock, server_sock = socket.socketpair()
    server_sock.settimeout(LONG)
    if request.param == "by TLS":
        both = [server_sock]

        def answer():
            both[0] = server_tls.wrap_socket(server_sock, server_side=True)

        thread = threading.Thread(target=answer)
        thread.start()
        client_sock.settimeout(LONG)
        client_sock = trust.wrap_socket(client_sock, server_hostname="127.0.0.1")
        thread.join()
        server_sock = both[0]
    with client_sock, server_sock:
        yield client_sock, server_sock


def received(sock, size):
    text = b""
    while len(text) < size and (piece := sock.recv(65536)):
        text += piece
    return text


def test_a_long_text_arrives_whole(pair):
    client_sock, server_sock = pair
    pieces = [bytes([65 + n % 26]) * (SIZE // 600) for n in range(600)]
    whole, got = [False], []
    reader = threading.Thread(target=lambda: got.append(received(server_sock, SIZE)))

    def steps():
        writing = SmtpChannel(client_sock).write(pieces, LONG, end=SIZE - 1, whole=whole)
        pause = next(writing)  # there is no room for all of it, and nobody reads yet
        assert whole == [False]
        reader.start()
        yield pause
        yield from writing

    EventLoop().run(client_sock, steps())
    reader.join()
    assert got == [b"".join(pieces)]
    assert whole == [True]


def test_a_text_that_nobody_takes_is_not_whole(pair):
    client_sock, _ = pair
    whole = [False]
    with pytest.raises(Lost, match="in time"):
        EventLoop().run(
            client_sock,
            SmtpChannel(client_sock).write([b"x" * SIZE], 0.05, end=SIZE - 1, whole=whole),
        )
    assert whole == [False]


def test_a_reply_is_read_however_it_is_cut(pair):
    client_sock, server_sock = pair
    octets = b"250-first\r\n250-\r\n250 last\r\n354 go\r\n"

    def dribble():
        for place in range(len(octets)):
            server_sock.send(octets[place : place + 1])

    reader = threading.Thread(target=dribble)
    reader.start()
    line = SmtpChannel(client_sock)

    def steps():
        first = yield from line.read(LONG)
        second = yield from line.read(LONG)
        return first, second

    first, second = EventLoop().run(client_sock, steps())
    reader.join()
    assert (first.code, first.text.split()) == (250, ["first", "last"])
    assert (second.code, second.text) == (354, "go")


def test_what_is_due_is_found_only_as_a_whole(pair):
    client_sock, server_sock = pair
    server_sock.send(b"250 one\r\n354 go\r\n")
    line = SmtpChannel(client_sock)

    def steps():
        match = yield from line.read_expected(re.compile(rb"(250 [^\n]*\n){2}"), LONG)
        assert match is None
        reply = yield from line.read(LONG)
        due = yield from line.read_expected(re.compile(rb"354 ([^\n]*)\n"), LONG)
        return reply, due

    reply, due = EventLoop().run(client_sock, steps())
    assert reply.text == "one"
    assert due[1] == b"go\r"
    line.expect_silence()


@pytest.mark.parametrize(
    "octets", [b"25\r\n", b"hello\r\n", b"2500 ok\r\n", b"\r\n", b"x" * 70_000]
)
def test_what_is_no_reply_ends_it(pair, octets):
    client_sock, server_sock = pair
    server_sock.send(octets)
    line = SmtpChannel(client_sock)
    with pytest.raises(Lost):
        EventLoop().run(client_sock, line.read(LONG))


def test_who_hangs_up_is_lost(pair):
    client_sock, server_sock = pair
    server_sock.close()
    with pytest.raises(Lost):
        EventLoop().run(client_sock, SmtpChannel(client_sock).read(LONG))
