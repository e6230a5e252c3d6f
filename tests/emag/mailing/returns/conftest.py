"""Shared by the tests of reports: our marks, bounces, and providers' payloads."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emag import bootstrap
from emag.mailing.event import Event
from emag.mailing.returns.bounces.bounce_mail import BounceMail
from subscribers.tokens import Keys

PAYLOADS = Path(__file__).parent / "webhooks" / "payloads"

RETURNED = """Return-Path: <bounces+{mark}@example.org>
Date: Thu, 05 Mar 2026 08:00:00 +0000
From: The Town Crier <crier@example.org>
To: ann@example.net
Message-ID: <{mark}@example.org>
List-Unsubscribe: <https://mail.example.org/unsubscribe/{link}>
Subject: The Town Crier, no. 1
MIME-Version: 1.0

News from the market.
"""
REPORT = """From: Mail Delivery System <MAILER-DAEMON@relay.example.net>
To: bounces+{mark}@example.org
Date: Thu, 05 Mar 2026 08:30:00 +0000
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain; charset=us-ascii

This relay could not deliver your mail. The reason is below.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.net

{groups}
--cut
Content-Type: message/rfc822

{returned}
--cut--
"""
GROUP = """Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}
"""


def events_of(reader: BounceMail, raw: bytes) -> list[Event]:
    """The events that a mail leads to."""
    return reader.events(reader.examine(raw))


@pytest.fixture
def reader(keys: Keys, clock) -> BounceMail:
    return bootstrap.bounces(keys, clock)


@pytest.fixture
def mark(keys: Keys) -> str:
    return keys.short("bounce", 7)


@pytest.fixture
def returned(keys: Keys, mark: str) -> str:
    """The header of a mail of ours, as a bounce returns it."""
    return RETURNED.format(mark=mark, link=keys.sign("unsubscribe", "reader-ref-000001"))


@pytest.fixture
def report(mark: str, returned: str) -> Callable[..., bytes]:
    """A standard report; each group is (address, action, status, words)."""

    def make(*groups: tuple[str, str, str, str], to: str = mark, back: str = returned) -> bytes:
        names = ("address", "action", "status", "words")
        text = "\n".join(GROUP.format(**dict(zip(names, g, strict=True))) for g in groups)
        return REPORT.format(mark=to, groups=text, returned=back).encode()

    return make


@pytest.fixture(scope="session")
def payload() -> Callable[..., dict]:
    """A provider's post, by its file; “MARK” in it becomes the mark."""

    def load(name: str, mark: str = "") -> dict:
        return json.loads((PAYLOADS / f"{name}.json").read_text().replace("MARK", mark))

    return load
