"""Tests standard reports: delivery status notifications and complaints."""

import pytest

from emag.mailing.event import EventKind
from emag.mailing.returns.bounces.classify import classify

HARD, SOFT, POLICY = EventKind.HARD, EventKind.SOFT, EventKind.POLICY


@pytest.mark.parametrize(
    ("action", "status", "words", "outcome", "code"),
    [
        ("failed", "5.1.1", "550 5.1.1 No such user here", HARD, "5.1.1"),
        ("failed", "5.0.0", "550 5.1.1 User unknown", HARD, "5.1.1"),
        ("failed", "5.1.2", "no such domain", HARD, "5.1.2"),
        ("failed", "5.1.10", "550 5.1.10 Recipient not found by lookup", HARD, "5.1.10"),
        ("failed", "5.0.0", "550 User unknown", HARD, "5.0.0"),
        ("failed", "5.2.2", "552 5.2.2 Mailbox full", SOFT, "5.2.2"),
        ("failed", "4.2.2", "452 4.2.2 Over quota", SOFT, "4.2.2"),
        ("failed", "4.4.7", "delivery time expired", SOFT, "4.4.7"),
        ("failed", "4.1.1", "450 4.1.1 User unknown", SOFT, "4.1.1"),
        ("failed", "5.2.1", "550 5.2.1 mailbox disabled", SOFT, "5.2.1"),
        ("failed", "5.0.0", "", SOFT, "5.0.0"),
        ("failed", "5.7.1", "550 5.7.1 rejected as spam", POLICY, "5.7.1"),
        ("failed", "5.7.26", "550 5.7.26 unauthenticated mail", POLICY, "5.7.26"),
        ("failed", "5.7.1", "554 5.7.1 client host blocked by a list", POLICY, "5.7.1"),
        ("failed", "4.7.0", "421 4.7.0 unusual rate from your address", POLICY, "4.7.0"),
        ("failed", "5.1.8", "553 5.1.8 sender domain does not exist", POLICY, "5.1.8"),
        ("failed", "5.3.4", "552 5.3.4 message too big", POLICY, "5.3.4"),
        ("failed", "5.1.1", "550 5.7.1 your address is on a blocklist", POLICY, "5.7.1"),
        ("delayed", "4.4.1", "connection timed out", EventKind.DELAYED, "4.4.1"),
        ("delivered", "2.0.0", "250 ok", EventKind.DELIVERED, "2.0.0"),
        ("relayed", "2.0.0", "250 ok", EventKind.DELIVERED, "2.0.0"),
        ("expanded", "2.0.0", "250 ok", EventKind.DELIVERED, "2.0.0"),
    ],
)
def test_each_group_of_a_delivery_status_is_judged(report, action, status, words, outcome, code):
    [failure] = classify(report(("ann@example.net", action, status, words))).failures
    assert (failure.address, failure.outcome, failure.status) == ("ann@example.net", outcome, code)


def test_each_recipient_has_its_own_outcome(report):
    finding = classify(
        report(
            ("ann@example.net", "failed", "5.1.1", "550 5.1.1 unknown user"),
            ("ben@example.net", "failed", "5.2.2", "552 5.2.2 mailbox full"),
            ("cat@example.net", "delayed", "4.4.1", "no answer"),
            ("ann@example.net", "delayed", "4.4.1", "no answer"),
        )
    )
    assert [(f.address[:3], f.outcome) for f in finding.failures] == [
        ("ann", HARD),
        ("ben", SOFT),
        ("cat", EventKind.DELAYED),
    ]
    assert finding.outcome is HARD


def test_international_addresses_are_read(report):
    mail = report(("änn@exämple.net", "failed", "5.1.1", "550 5.1.1 unknown user"))
    mail = mail.replace(b"message/delivery-status", b"message/global-delivery-status")
    mail = mail.replace(b"Final-Recipient: rfc822;", b"Final-Recipient: utf-8;")
    [failure] = classify(mail).failures
    assert (failure.address, failure.outcome) == ("änn@exämple.net", HARD)


def test_an_alias_in_the_same_domain_is_replaced_by_the_original_recipient(report):
    mail = report(("mbox17@example.net", "failed", "5.2.2", "full"))
    alias = b"Original-Recipient: rfc822;ann@example.net\nFinal-Recipient:"
    [failure] = classify(mail.replace(b"Final-Recipient:", alias)).failures
    assert failure.address == "ann@example.net"


def test_an_incomplete_recipient_is_completed_from_the_notice(report):
    mail = report(("@example.net", "failed", "5.1.2", "no such host"))
    mail = mail.replace(b"The reason is below.", b"The reason is below.\n\n<ann@example.net>: lost")
    [failure] = classify(mail).failures
    assert (failure.address, failure.outcome) == ("ann@example.net", HARD)


def test_a_report_that_was_forwarded_as_an_attachment_is_read(report):
    inner = report(("ann@example.net", "failed", "5.1.1", "550 5.1.1 unknown user")).decode()
    outer = f"""From: Postmaster <postmaster@example.org>
To: crier@example.org
Subject: This came to me
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outside"

--outside
Content-Type: text/plain

See the attached.
--outside
Content-Type: message/rfc822

{inner}
--outside--
"""
    finding = classify(outer.encode())
    assert [(f.address, f.outcome) for f in finding.failures] == [("ann@example.net", HARD)]


COMPLAINT = """From: <fbl@example.net>
To: bounces@example.org
Subject: FW: The Town Crier
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: text/plain

This is a report on a mail that a reader objects to.
--cut
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Somebody/1.0
Version: 1
{recipients}
--cut
Content-Type: message/rfc822

{returned}
--cut--
"""


def complaint(returned: str, kind: str = "abuse", recipients: str = "") -> bytes:
    return COMPLAINT.format(kind=kind, recipients=recipients, returned=returned).encode()


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("abuse", EventKind.COMPLAINT),
        ("fraud", EventKind.COMPLAINT),
        ("virus", EventKind.COMPLAINT),
        ("other", EventKind.COMPLAINT),
        ("opt-out", EventKind.COMPLAINT),
        ("something-new", EventKind.COMPLAINT),
        ("Abuse", EventKind.COMPLAINT),
        ("not-spam", EventKind.NONE),
        ("auth-failure", EventKind.NONE),
    ],
)
def test_each_feedback_type_is_judged(returned, kind, outcome):
    finding = classify(complaint(returned, kind, "Original-Rcpt-To: ann@example.net"))
    assert finding.outcome is outcome
    assert [f.address for f in finding.failures] == ["ann@example.net"]


def test_a_complaint_may_name_several_addresses(returned):
    named = "Original-Rcpt-To: <ann@example.net>\nOriginal-Rcpt-To: <ben@example.net>"
    finding = classify(complaint(returned, recipients=named))
    assert [f.address for f in finding.failures] == ["ann@example.net", "ben@example.net"]


@pytest.mark.parametrize("named", ["", "Original-Rcpt-To: redacted-123@example.net"])
def test_a_complaint_may_name_no_address(returned, mark, named):
    hidden = returned.replace("To: ann@example.net", "To: redacted@redacted.invalid")
    finding = classify(complaint(hidden, recipients=named))
    assert finding.outcome is EventKind.COMPLAINT
    assert not any(f.address for f in finding.failures)
    assert mark in finding.marks


def test_a_complaint_without_a_feedback_report_is_read():
    mail = b"""From: staff@example.com
To: abuse@example.org
Subject: complaint about message from 192.0.2.7
Content-Type: multipart/mixed; boundary="cut"

--cut
Content-Type: message/rfc822

X-OriginalRecipient: ann@example.net
From: crier@example.org
To: ann@example.net
Subject: News

Hello
--cut--
"""
    finding = classify(mail)
    assert finding.outcome is EventKind.COMPLAINT
    assert [f.address for f in finding.failures] == ["ann@example.net"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("4.7.1", "451 4.7.1 greylisted, try again later"),
        ("4.7.0", "421 4.7.0 your host has a low reputation"),
        ("4.2.2", "452 4.2.2 mailbox full"),
        ("4.0.0", ""),
    ],
)
def test_a_delay_is_a_delay_whatever_its_reason(report, status, words):
    [failure] = classify(report(("ann@example.net", "delayed", status, words))).failures
    assert failure.outcome is EventKind.DELAYED


def forwarded(report, back: str) -> bytes:
    """A report about a message that was forwarded from ann@example.net to another address."""
    group = ("ann.private@mail.example.com", "failed", "5.1.1", "550 5.1.1 user unknown")
    original = b"Original-Recipient: rfc822;ann@example.net\nFinal-Recipient:"
    return report(group, to="nobody", back=back).replace(b"Final-Recipient:", original)


def test_of_our_own_message_the_original_recipient_counts(report, returned):
    [failure] = classify(forwarded(report, returned)).failures
    assert (failure.address, failure.outcome) == ("ann@example.net", HARD)


def test_of_another_message_the_final_recipient_counts(report):
    [failure] = classify(forwarded(report, "Subject: not from us\n\n")).failures
    assert failure.address == "ann.private@mail.example.com"
