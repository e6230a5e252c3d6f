"""The dialogue, byte by byte, against a peer that answers only when it has seen what it expects."""

import socket
import threading

import pytest

from emag.mailing.delivery import Outcome
from emag.mailing.transports.event_loop import EventLoop
from emag.mailing.transports.smtp_dialogue import SmtpDialogue, SmtpTimeouts


@pytest.fixture
def pair():
    client_sock, server_sock = socket.socketpair()
    server_sock.settimeout(3)
    with client_sock, server_sock:
        yield client_sock, server_sock


class Peer:
    """Reads until it has seen what it waits for, then answers; keeps what it saw at each step."""

    def __init__(self, sock, script):
        self.sock, self.script, self.received_commands, self.error = sock, script, [], None
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            for wanted, answer in self.script:
                got = b""
                while not got.endswith(wanted):
                    chunk = self.sock.recv(65536)
                    assert chunk, f"the client left while {wanted!r} was due"
                    got += chunk
                self.received_commands.append(got)
                self.sock.sendall(answer)
        except (OSError, AssertionError) as error:
            self.error = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        assert self.error is None, self.error


def speak(sock, messages, offers):
    dialogue = SmtpDialogue(sock, offers, SmtpTimeouts(0.5))
    return dialogue, EventLoop().run(sock, dialogue.exchange(messages))


GO = b"250 ok\r\n250 ok\r\n354 go\r\n"


def test_the_next_envelope_travels_with_the_text(pair, message):
    """The peer answers a text only after it has seen the envelope that follows it."""
    client_sock, server_sock = pair
    script = [
        (b"DATA\r\n", GO),
        (b"DATA\r\n", b"250 first\r\n" + GO),
        (b"\r\n.\r\n", b"250 second\r\n"),
    ]
    with Peer(server_sock, script) as peer:
        dialogue, got = speak(client_sock, [message(1), message(2)], {"pipelining": ""})
    assert [(r.outcome, r.reference) for r in got] == [
        (Outcome.ACCEPTED, "first"),
        (Outcome.ACCEPTED, "second"),
    ]
    assert peer.received_commands[0].count(b"\r\n") == 3
    assert dialogue.alive


def test_without_pipelining_every_reply_is_waited_for(pair, message):
    client_sock, server_sock = pair
    mail = message(1)
    script = [
        (f"MAIL FROM:<{mail.sender}>\r\n".encode(), b"250-ok\r\n250 ok\r\n"),
        (f"RCPT TO:<{mail.recipient}>\r\n".encode(), b"250 ok\r\n"),
        (b"DATA\r\n", b"354 go\r\n"),
        (b"\r\n.\r\n", b"250 done\r\n"),
    ]
    with Peer(server_sock, script) as peer:
        _, got = speak(client_sock, [mail], {})
    assert [receipt.outcome for receipt in got] == [Outcome.ACCEPTED]
    assert peer.received_commands[3] == mail.wire() + b".\r\n"


def test_every_reply_finds_its_message_however_it_is_cut(pair, message):
    client_sock, server_sock = pair
    answers = b"250 ok\r\n550 5.1.1 first unknown\r\n503 no recipient\r\n"
    script = [
        (b"DATA\r\n", answers[:12]),
        (b"", answers[12:40]),
        (b"", answers[40:]),
        (b"DATA\r\n", b"250 reset\r\n" + GO),
        (b"\r\n.\r\n", b"250 second\r\n"),
    ]
    with Peer(server_sock, script) as peer:
        _, got = speak(client_sock, [message(1), message(2)], {"pipelining": ""})
    assert [(r.outcome, r.reason) for r in got] == [
        (Outcome.REFUSED, "550 5.1.1 first unknown"),
        (Outcome.ACCEPTED, ""),
    ]
    assert peer.received_commands[3].startswith(b"RSET\r\n")


def test_an_empty_text_ends_a_transaction_that_should_not_have_begun(pair, message):
    client_sock, server_sock = pair
    script = [
        (b"DATA\r\n", b"250 ok\r\n550 5.1.1 unknown\r\n354 go\r\n"),
        (b".\r\n", b"554 no recipients\r\n"),
        (b"DATA\r\n", b"250 reset\r\n" + GO),
        (b"\r\n.\r\n", b"250 second\r\n"),
    ]
    with Peer(server_sock, script) as peer:
        _, got = speak(client_sock, [message(1), message(2)], {"pipelining": ""})
    assert [receipt.outcome for receipt in got] == [Outcome.REFUSED, Outcome.ACCEPTED]
    assert peer.received_commands[1] == b".\r\n"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"250 ok\r\n", Outcome.ACCEPTED),
        (b"251 ok\r\n", Outcome.ACCEPTED),
        (b"354 what\r\n", Outcome.DOUBTFUL),
        (b"hello\r\n", Outcome.DOUBTFUL),
        (b"25", Outcome.DOUBTFUL),
        (b"", Outcome.DOUBTFUL),
        (b"450 later\r\n", Outcome.DEFERRED),
        (b"550 never\r\n", Outcome.REFUSED),
    ],
)
def test_what_the_answer_to_a_text_says(pair, message, answer, outcome):
    client_sock, server_sock = pair
    with Peer(server_sock, [(b"DATA\r\n", GO), (b"\r\n.\r\n", answer)]):
        dialogue = SmtpDialogue(client_sock, {"pipelining": ""}, SmtpTimeouts(0.03))
        got = EventLoop().run(client_sock, dialogue.exchange([message(1)]))
    assert [receipt.outcome for receipt in got] == [outcome]
    assert dialogue.alive is (outcome is not Outcome.DOUBTFUL)


def test_an_answer_without_an_end_is_not_read_for_ever(pair, message):
    client_sock, server_sock = pair
    with Peer(server_sock, [(b"DATA\r\n", b"250-" + b"x" * 200_000)]):
        dialogue, got = speak(client_sock, [message(1)], {"pipelining": ""})
    assert [receipt.outcome for receipt in got] == [Outcome.UNSENT]
    assert not dialogue.alive


# --- CHUNKING (RFC 3030) -------------------------------------------------------------------------

CHUNKING = {"pipelining": "", "chunking": ""}


def chunk(mail):
    return b"BDAT %d LAST\r\n%b" % (len(mail.wire()), mail.wire())


def envelope(mail):
    return f"MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.recipient}>\r\n".encode()


def test_a_text_is_one_chunk_where_the_server_takes_chunks(pair, message):
    client_sock, server_sock = pair
    one, two = message(1), message(2)
    script = [
        (envelope(one), b"250 ok\r\n250 ok\r\n"),
        (envelope(two), b"250 first\r\n250 reset\r\n250 ok\r\n250 ok\r\n"),
        (chunk(two), b"250 second\r\n"),
    ]
    with Peer(server_sock, script) as peer:
        _, got = speak(client_sock, [one, two], CHUNKING)
    assert [receipt.reference for receipt in got] == ["first", "second"]
    assert peer.received_commands == [
        envelope(one),
        chunk(one) + b"RSET\r\n" + envelope(two),
        chunk(two),
    ]


def test_a_chunk_for_a_refused_reader_is_not_sent(pair, message):
    client_sock, server_sock = pair
    one, two = message(1), message(2)
    script = [
        (envelope(one), b"250 ok\r\n550 5.1.1 unknown\r\n"),
        (envelope(two), b"250 reset\r\n250 ok\r\n250 ok\r\n"),
        (chunk(two), b"250 second\r\n"),
    ]
    with Peer(server_sock, script) as peer:
        _, got = speak(client_sock, [one, two], CHUNKING)
    assert [receipt.outcome for receipt in got] == [Outcome.REFUSED, Outcome.ACCEPTED]
    assert peer.received_commands[1] == b"RSET\r\n" + envelope(two)


def test_a_refused_chunk_ends_its_transaction(pair, message):
    client_sock, server_sock = pair
    one, two, three = (message(n) for n in (1, 2, 3))
    script = [
        (envelope(one), b"250 ok\r\n250 ok\r\n"),
        (envelope(two), b"552 5.3.4 too big\r\n250 reset\r\n250 ok\r\n250 ok\r\n"),
        (chunk(two), b"451 4.3.0 later\r\n"),
        (envelope(three), b"250 reset\r\n250 ok\r\n250 ok\r\n"),
        (chunk(three), b"250 third\r\n"),
    ]
    with Peer(server_sock, script):
        dialogue, got = speak(client_sock, [one, two], CHUNKING)
        got += EventLoop().run(client_sock, dialogue.exchange([three]))
    assert [receipt.outcome for receipt in got] == [
        Outcome.REFUSED,
        Outcome.DEFERRED,
        Outcome.ACCEPTED,
    ]


def test_chunks_without_pipelining(pair, message):
    client_sock, server_sock = pair
    mail = message(1)
    script = [
        (f"MAIL FROM:<{mail.sender}>\r\n".encode(), b"250 ok\r\n"),
        (f"RCPT TO:<{mail.recipient}>\r\n".encode(), b"250 ok\r\n"),
        (chunk(mail), b"250 done\r\n"),
    ]
    with Peer(server_sock, script):
        _, got = speak(client_sock, [mail], {"chunking": ""})
    assert [receipt.outcome for receipt in got] == [Outcome.ACCEPTED]


def test_a_whole_chunk_without_an_answer_is_in_doubt(pair, message):
    client_sock, server_sock = pair
    mail = message(1)
    with Peer(server_sock, [(envelope(mail), b"250 ok\r\n250 ok\r\n"), (chunk(mail), b"")]):
        dialogue = SmtpDialogue(client_sock, CHUNKING, SmtpTimeouts(0.03))
        got = EventLoop().run(client_sock, dialogue.exchange([mail]))
    assert [receipt.outcome for receipt in got] == [Outcome.DOUBTFUL]


def test_three_refusals_of_us_end_a_group(pair, message):
    """Whoever comes next would be refused as well."""
    client_sock, server_sock = pair
    refused = b"550 5.7.1 who are you\r\n503 no\r\n503 no\r\n"
    script = [(b"DATA\r\n", refused), *[(b"DATA\r\n", b"250 reset\r\n" + refused)] * 2]
    with Peer(server_sock, script):
        dialogue, got = speak(client_sock, [message(n) for n in range(1, 9)], {"pipelining": ""})
    assert [(r.outcome, r.sender_fault) for r in got] == [(Outcome.REFUSED, True)] * 3
    assert dialogue.alive


@pytest.mark.parametrize(("offer", "limit"), [("abc", 0), ("", 0), ("-1", 0), ("1000 ", 1000)])
def test_a_size_that_cannot_be_read_is_no_limit(offer, limit):
    client_sock, server_sock = socket.socketpair()
    with client_sock, server_sock:
        assert SmtpDialogue(client_sock, {"size": offer}, SmtpTimeouts(0.03)).limit == limit
