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
    ours, theirs = socket.socketpair()
    theirs.settimeout(LONG)
    if request.param == "by TLS":
        both = [theirs]

        def answer():
            both[0] = server_tls.wrap_socket(theirs, server_side=True)

        thread = threading.Thread(target=answer)
        thread.start()
        ours.settimeout(LONG)
        ours = trust.wrap_socket(ours, server_hostname="127.0.0.1")
        thread.join()
        theirs = both[0]
    with ours, theirs:
        yield ours, theirs


def received(sock, size):
    text = b""
    while len(text) < size and (piece := sock.recv(65536)):
        text += piece
    return text


def test_a_long_text_arrives_whole(pair):
    ours, theirs = pair
    pieces = [bytes([65 + n % 26]) * (SIZE // 600) for n in range(600)]
    whole, got = [False], []
    reader = threading.Thread(target=lambda: got.append(received(theirs, SIZE)))

    def steps():
        writing = SmtpChannel(ours).write(pieces, LONG, end=SIZE - 1, whole=whole)
        pause = next(writing)  # there is no room for all of it, and nobody reads yet
        assert whole == [False]
        reader.start()
        yield pause
        yield from writing

    EventLoop().run(ours, steps())
    reader.join()
    assert got == [b"".join(pieces)]
    assert whole == [True]


def test_a_text_that_nobody_takes_is_not_whole(pair):
    ours, _ = pair
    whole = [False]
    with pytest.raises(Lost, match="in time"):
        EventLoop().run(
            ours, SmtpChannel(ours).write([b"x" * SIZE], 0.05, end=SIZE - 1, whole=whole)
        )
    assert whole == [False]


def test_a_reply_is_read_however_it_is_cut(pair):
    ours, theirs = pair
    said = b"250-first\r\n250-\r\n250 last\r\n354 go\r\n"

    def dribble():
        for place in range(len(said)):
            theirs.send(said[place : place + 1])

    reader = threading.Thread(target=dribble)
    reader.start()
    line = SmtpChannel(ours)

    def steps():
        first = yield from line.read(LONG)
        second = yield from line.read(LONG)
        return first, second

    first, second = EventLoop().run(ours, steps())
    reader.join()
    assert (first.code, first.text.split()) == (250, ["first", "last"])
    assert (second.code, second.text) == (354, "go")


def test_what_is_due_is_found_only_as_a_whole(pair):
    ours, theirs = pair
    theirs.send(b"250 one\r\n354 go\r\n")
    line = SmtpChannel(ours)

    def steps():
        found = yield from line.heard(re.compile(rb"(250 [^\n]*\n){2}"), LONG)
        assert found is None
        reply = yield from line.read(LONG)
        due = yield from line.heard(re.compile(rb"354 ([^\n]*)\n"), LONG)
        return reply, due

    reply, due = EventLoop().run(ours, steps())
    assert reply.text == "one"
    assert due[1] == b"go\r"
    line.expect_silence()


@pytest.mark.parametrize("said", [b"25\r\n", b"hello\r\n", b"2500 ok\r\n", b"\r\n", b"x" * 70_000])
def test_what_is_no_reply_ends_it(pair, said):
    ours, theirs = pair
    theirs.send(said)
    line = SmtpChannel(ours)
    with pytest.raises(Lost):
        EventLoop().run(ours, line.read(LONG))


def test_who_hangs_up_is_lost(pair):
    ours, theirs = pair
    theirs.close()
    with pytest.raises(Lost):
        EventLoop().run(ours, SmtpChannel(ours).read(LONG))
