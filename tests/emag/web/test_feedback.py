"""What providers report: verified first, stored once, applied by others."""

import json

from sqlalchemy import select

from emag.mailing.tables import EVENTS
from emag.web.bodies import LARGEST
from tests.emag.web.conftest import signed

HOOK = "/hooks/feedback/sendgrid"
BOUNCE = {
    "email": "ben@example.org",
    "event": "bounce",
    "sg_event_id": "one",
    "timestamp": 1772700000,
    "status": "5.1.1",
    "reason": "550 5.1.1 no such user",
}


def events(press):
    with press.newsroom.database.reading() as conn:
        return [tuple(row) for row in conn.execute(select(EVENTS.c.event_id, EVENTS.c.kind))]


def test_a_signed_report_is_stored_once_and_nudges(press, client):
    body = json.dumps([BOUNCE, BOUNCE | {"event": "click", "sg_event_id": "two"}]).encode()
    first = client.post(HOOK, content=body, headers=signed(body))
    again = client.post(HOOK, content=body, headers=signed(body))
    assert (first.status_code, first.json()) == (200, {"events": 1})
    assert (again.status_code, again.json()) == (200, {"events": 0})
    assert events(press) == [("one", "hard")]
    assert press.nudges == ["nudge"]


def test_a_forged_report_is_refused_and_leaves_nothing(press, client):
    body = json.dumps([BOUNCE]).encode()
    before = press.dump()
    for headers in (
        {},
        signed(body + b" "),
        signed(body, stamp="1") | {"X-Twilio-Email-Event-Webhook-Timestamp": "2"},
        signed(body) | {"X-Twilio-Email-Event-Webhook-Signature": "not base64"},
    ):
        answer = client.post(HOOK, content=body, headers=headers)
        assert answer.status_code in {401, 403}
        assert answer.json()["error"]
    assert press.dump() == before
    assert press.nudges == []


def test_a_provider_without_a_key_is_refused(client):
    assert client.post("/hooks/feedback/nobody", content=b"[]").status_code == 403


def test_a_signed_but_unreadable_report_is_accepted_so_that_it_is_not_sent_again(client):
    body = b"{nothing"
    answer = client.post(HOOK, content=body, headers=signed(body))
    assert (answer.status_code, answer.json()) == (200, {"events": 0})


def test_one_odd_event_does_not_cost_the_others(press, client):
    body = json.dumps([17, {"event": "sneeze"}, BOUNCE]).encode()
    assert client.post(HOOK, content=body, headers=signed(body)).json() == {"events": 1}
    assert events(press) == [("one", "hard")]


def test_a_body_beyond_the_bound_is_not_read(press, client):
    body = b" " * (LARGEST + 1)
    assert client.post(HOOK, content=body, headers=signed(body)).status_code == 413
    assert events(press) == []
