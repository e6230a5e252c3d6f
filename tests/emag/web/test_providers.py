"""Tests the hooks of other providers: verified reports are stored, others are sent again."""

import json
from dataclasses import replace

import httpx
import pytest

from emag.demo import hosting
from emag.errors import Unreachable
from emag.mailing.returns.webhooks.postmark import PostmarkFeedback
from emag.web import app as web

BOUNCE = {
    "RecordType": "Bounce",
    "ID": 7,
    "Type": "HardBounce",
    "Email": "ben@example.org",
    "BouncedAt": "2026-03-05T08:30:00Z",
}


class Away:
    """A provider whose signature cannot be verified now."""

    name = "away"

    def read(self, headers, body):
        raise Unreachable("its certificate cannot be fetched")


@pytest.fixture
def client(press):
    feedback = {"postmark": PostmarkFeedback("emag", "secret", now=press.newsroom.now)}
    newsroom = replace(press.newsroom, feedback={**feedback, "away": Away()})
    app = web.create(newsroom, nudge=lambda: press.nudges.append("nudge"))
    with (
        hosting.listen(0) as listener,
        hosting.serving(app, listener) as base,
        httpx.Client(base_url=base, timeout=10) as client,
    ):
        yield client


def test_the_name_and_password_of_the_hook_are_verified(client, press):
    answers = [
        client.post("/hooks/feedback/postmark", content=json.dumps(BOUNCE), auth=auth)
        for auth in (("emag", "secret"), ("emag", "secret"), ("emag", "wrong"), None)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 403, 403]
    assert [answer.json().get("events") for answer in answers] == [1, 0, None, None]
    assert press.nudges == ["nudge"]


def test_a_report_that_cannot_be_verified_now_is_answered_with_503(client, press):
    assert client.post("/hooks/feedback/away", content=b"{}").status_code == 503
    assert press.nudges == []
