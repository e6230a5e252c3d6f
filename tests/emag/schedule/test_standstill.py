"""One verb knows why nothing moves; editors and operators are told once, by every way."""

import json
import socket
import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller

from emag import instance
from emag.alerts import Alert
from emag.alerts.second_mail import SecondMail, SecondServer
from emag.alerts.webhook import Webhook
from emag.condition import Condition
from emag.desk import approve, dispatch
from emag.desk.progress import progress
from emag.editors import people
from emag.editors.role import Role
from emag.errors import DatabaseError, Unreachable
from emag.issues import store
from emag.issues.issue import Status
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.event import Event, EventKind
from emag.mailing.letters import notice
from emag.mailing.returns import reports
from emag.mailing.sending import address, claims
from emag.network import NetworkAccess
from emag.schedule import runs
from emag.schedule.sending import sends
from emag.schedule.standstill import Obstacle, standstills
from emag.schedule.tick import DESK, POST, tick
from subscribers import membership
from tests.emag.schedule.test_tick import DRAFT_AT, SEND_AT

UTC = ZoneInfo("UTC")
AWAY = "The mail server relay.example.org does not answer (connection refused)"


class Refusing:
    """A transport that gives the same receipt for each message, or raises."""

    name, batch = "refusing", 5

    def __init__(self, outcome):
        self.outcome = outcome

    def send(self, messages):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return [self.outcome] * len(messages)

    def close(self):
        pass


@pytest.fixture
def leaving(newsroom, database, settings, clock, shelf):
    """Issue 1 has begun to leave to three readers, and the schedule is alive."""
    shelf.put("Lanterns in the fog")
    clock.at = DRAFT_AT
    tick(newsroom, stages=DESK)
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    clock.at = SEND_AT
    address.address(database, 1, now=clock(), by="ann")
    tick(newsroom, stages=POST)
    return newsroom


@pytest.fixture
def causes(database, settings, clock):
    def causes(changed=None):
        lasting = standstills(database, changed or settings, now=clock())
        return {cause.obstacle: cause.sentence(UTC) for cause in lasting}

    return causes


def using(room, outcome):
    return replace(room, sender=room.sender.using(Refusing(outcome)))


@pytest.fixture
def subjects(mail):
    return lambda: [subject for _, subject in mail("ann@")]


def alive(room, clock, **delta):
    """Time passes in steps in which the schedule runs."""
    clock.forward(**delta)
    runs.claim_every(room.database, runs.BEAT, timedelta(0), now=clock())
    return tick(room, stages=POST)


def test_a_relay_that_is_away(leaving, causes, clock, subjects, texts, caplog):
    room = using(leaving, Unreachable(AWAY))
    caplog.set_level("INFO", "emag.sending")
    list(sends(room))
    list(sends(room))
    assert caplog.messages == [f"Issue 1 waits: {AWAY}"]  # whatever the threads and rounds
    assert causes() == {}  # for less than five minutes
    clock.forward(minutes=4)
    list(sends(room))  # another attempt is no outcome
    alive(room, clock, minutes=2)
    [(obstacle, sentence)] = causes().items()
    assert obstacle is Obstacle.RELAY
    assert sentence == (
        f"Issue 1 cannot leave since Friday 6 March at 07:30: {AWAY}. emag tries again by itself."
    )
    alive(leaving, clock, minutes=3)
    assert "Mail cannot leave" in subjects()
    list(sends(leaving))
    assert caplog.messages[-1] == "Issue 1 goes on: the mail server answers again"
    alive(leaving, clock, minutes=1)
    assert causes() == {}
    assert subjects().count("Mail cannot leave") == 1
    assert [text for text in texts() if AWAY in text and "It is over" in text]


def test_a_server_that_refuses_us_and_its_own_words(leaving, causes, clock, database, settings):
    words = "550 5.7.1 Your domain is blocked, see https://example.net/why"
    room = using(leaving, Receipt(Outcome.REFUSED, words, sender_fault=True))
    list(sends(room))
    [(obstacle, sentence)] = causes().items()
    assert obstacle is Obstacle.SERVER
    assert words in sentence
    assert "emag issue resume 1" in sentence
    assert progress(database, settings, 1).waits == words
    dispatch.resume(database, 1, now=clock(), by="Ann")
    dispatch.pause(database, 1, now=clock(), by="Ben")
    [(obstacle, sentence)] = causes().items()
    assert obstacle is Obstacle.PERSON
    assert "paused by Ben" in sentence


def test_nothing_takes_the_messages_out_of_the_queue(leaving, causes, clock, settings, database):
    alive(leaving, clock, minutes=6)
    assert "Nothing of issue 1 has left since" in causes()[Obstacle.STUCK]
    slow = settings.transport.model_copy(update={"warm_up": (3,)})
    warm = settings.model_copy(update={"transport": slow})
    assert Obstacle.STUCK in causes(warm)
    with database.transaction() as conn:
        conn.exec_driver_sql("INSERT INTO warm_up_days VALUES ('2026-03-06', 3)")
    assert list(causes(warm)) == [Obstacle.WARM_UP]


def test_what_is_wrong_with_the_whole_publication(leaving, causes, clock, settings, database):
    list(sends(leaving))
    box = settings.mailbox.model_copy(update={"kind": "imap"})
    with_mailbox = settings.model_copy(update={"mailbox": box})
    runs.claim_every(database, runs.MAILBOX, timedelta(0), now=clock())
    runs.finish(database, runs.MAILBOX, "The mailbox refuses the password", now=clock())
    instance.hold(database, "This database is a copy of another")
    clock.forward(minutes=30)
    sentences = causes(with_mailbox)
    assert list(sentences) == [Obstacle.HELD_COPY, Obstacle.SCHEDULE, Obstacle.MAILBOX]
    assert "emag db release" in sentences[Obstacle.HELD_COPY]
    assert "for 30 minutes" in sentences[Obstacle.SCHEDULE]
    assert "refuses the password" in sentences[Obstacle.MAILBOX]
    condition = Condition()
    with pytest.raises(DatabaseError) as refusal:
        instance.check(database)
    condition.refused("sending", str(refusal.value), now=clock())
    lasting = standstills(database, settings, now=clock(), condition=condition)
    assert Obstacle.DATABASE not in [cause.obstacle for cause in lasting]


def test_an_issue_that_has_not_begun(newsroom, causes, clock, shelf, database, settings):
    shelf.put("Lanterns in the fog")
    clock.at = DRAFT_AT
    tick(newsroom, stages=DESK)
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    clock.at = SEND_AT + timedelta(minutes=6)
    shelf.trouble = "it answers 500"
    assert Obstacle.OVERDUE in causes()
    clock.at = SEND_AT + timedelta(hours=4)
    assert Obstacle.OVERDUE not in causes()  # the schedule holds it


def test_a_letter_that_its_own_server_puts_off_is_no_outage(newsroom, causes, clock):
    with newsroom.database.transaction() as conn:
        notice.notify(
            conn, key="k", recipients=[("", "ann@example.org")], subject="S", text="T", now=clock()
        )
    for reason, obstacles in (("451 4.7.1 come back later", []), (AWAY, [Obstacle.RELAY])):
        with newsroom.database.transaction() as conn:
            for letter in membership.claim_letters(conn, limit=5, now=clock()):
                membership.record_letter_failed(
                    conn, letter.id, reason=reason, permanent=False, now=clock()
                )
        clock.forward(minutes=8)
        assert list(causes()) == obstacles


@pytest.fixture
def complaint(database, keys, clock):
    def complaint(*deliveries, kind=EventKind.COMPLAINT, detail=""):
        events = [
            Event(f"{n}-{kind}", "ses", kind, clock(), keys.short("bounce", n), detail=detail)
            for n in deliveries
        ]
        reports.receive(database, events)

    return complaint


@pytest.fixture
def keys(newsroom):
    return newsroom.keys


def test_complaints_pause_a_sending_once(leaving, complaint, clock, mail, texts, database):
    olu = "Olu <olu@example.org>"
    people.invite(database, leaving.settings, olu, [Role.OPERATOR], now=clock(), by="Ann")
    with database.transaction() as conn:
        held = claims.claim(
            conn, 1, worker="me", limit=2, lease=timedelta(minutes=2), now=clock(),
            throttle=leaving.sender.throttle,
        )  # fmt: skip
        pairs = [(claim, Receipt(Outcome.ACCEPTED)) for claim in held]
        claims.record(conn, pairs, worker="me", now=clock())
        first = held[0].delivery
    complaint(first)
    lines = alive(leaving, clock, minutes=1)
    sentence = "1 of 2 readers who got issue 1 have called it spam: 50 %"
    assert f"Issue 1 is paused: {sentence}" in lines
    with database.reading() as conn:
        assert store.get(conn, 1).status is Status.PAUSED
    assert progress(database, leaving.settings, 1).waits == sentence
    dispatch.resume(database, 1, now=clock(), by="Ann")
    alive(leaving, clock, minutes=1)
    with database.reading() as conn:
        assert store.get(conn, 1).status is Status.SENDING
    letters = mail("olu@") + mail("ann@")
    assert [subject for _, subject in letters].count("Readers complain of issue 1") == 2
    assert [text for text in texts() if "emag issue resume 1" in text]


def test_refusals_for_policy_are_told_in_the_servers_words(leaving, complaint, clock, texts):
    list(sends(leaving))
    complaint(1, kind=EventKind.POLICY, detail="550 5.7.26 This mail is unauthenticated")
    complaint(2, kind=EventKind.SOFT, detail="452 4.2.2 mailbox full")
    for _ in range(2):
        alive(leaving, clock, minutes=1)
    [text] = [text for text in texts() if "for policy" in text]
    assert "1 × 550 5.7.26 This mail is unauthenticated" in text
    assert "4.2.2" not in text


@pytest.fixture
def hook():
    """A web server that keeps what is posted, and the address of its hook."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.path, self.headers["Host"], json.loads(body)))
            self.send_response(204 if len(posted) > 1 else 500)
            self.end_headers()

        def log_message(self, *_):
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook?key=s3cret", posted
        server.shutdown()
        thread.join()


def test_trouble_leaves_by_a_second_way_until_it_is_taken(leaving, hook, clock, settings):
    url, posted = hook
    alerts = settings.alerts.model_copy(update={"webhook": url})
    room = replace(leaving, settings=settings.model_copy(update={"alerts": alerts}))
    guarded = Webhook(url, network=NetworkAccess(), base_url="https://mail.crier.example.org")
    room = replace(room, alerts=(guarded,))
    instance.hold(room.database, "This database is a copy of another")
    alive(room, clock, minutes=1)
    assert posted == []  # this machine is a private network
    open_way = Webhook(url, network=NetworkAccess(allow_private=True), base_url="https://m.example")
    room = replace(room, alerts=(open_way,))
    for _ in range(8):
        alive(room, clock, minutes=2)
    assert [status[:1] for status, _, _ in posted] == ["/", "/"]  # the first one failed
    path, host, document = posted[1]
    assert path == "/hook?key=s3cret"
    assert host in url
    assert document["publication"] == "The Town Crier"
    assert document["subject"] == "Nothing is sent: this database is held"
    assert "emag db release" in document["message"]
    assert document["text"].startswith("The Town Crier: Nothing is sent")
    assert "s3cret" not in json.dumps(document)


class Keeper:
    """A mail server that keeps what it is handed."""

    def __init__(self):
        self.texts = []

    async def handle_DATA(self, server, session, envelope):
        if len(self.texts) > 1:
            return "550 5.7.1 not from <crier@example.org>"
        self.texts.append(envelope.content.decode())
        return "250 OK"


def test_a_second_mail_server():
    keeper = Keeper()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(keeper, hostname="127.0.0.1", port=port)
    controller.start()
    second = SecondMail(
        SecondServer("127.0.0.1", port, "none", "", ""),
        sender="The Town Crier <crier@example.org>",
        recipients=["Ann <ann@example.org>", "ops@example.org"],
    )
    alert = Alert(7, SEND_AT, "key", "The Town Crier", "Mail cannot leave", "It is away: ü")
    second.send(alert)
    assert "Subject: The Town Crier: Mail cannot leave" in keeper.texts[0]
    assert "Auto-Submitted: auto-generated" in keeper.texts[0]
    second.send(alert)
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 did not take the alert: 550$"):
        second.send(alert)
    controller.stop()
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 did not take the alert: "):
        second.send(alert)
