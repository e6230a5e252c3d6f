"""Tests bounces in free text, in the forms that mail systems use."""

import pytest

from emag.mailing.event import EventKind
from emag.mailing.returns.bounces.classify import classify

HEAD = """From: {sender}
To: bounces@example.org
Subject: {subject}

"""
COPY = """Received: from here by there; Thu, 05 Mar 2026 08:00:00 +0000
From: The Town Crier <crier@example.org>
To: ann@example.net
Subject: The Town Crier, no. 1
Message-ID: <x@example.org>

Hello
"""


def mail(
    body: str, subject: str = "Undeliverable mail", sender: str = "MAILER-DAEMON@example.net"
) -> bytes:
    return (HEAD.format(sender=sender, subject=subject) + body).encode()


def outcomes(raw: bytes) -> list[tuple[str, EventKind]]:
    return [(f.address, f.outcome) for f in classify(raw).failures]


HARD, SOFT, POLICY = EventKind.HARD, EventKind.SOFT, EventKind.POLICY
SHAPES = {
    "its own line, then the reason": (
        "Some of your mail did not arrive:\n\n<ann@example.net>:\nNo mailbox here by that name.\n\n"
        "--- A copy of the message is below this line.\n\n" + COPY,
        [("ann@example.net", HARD)],
    ),
    "indented under a sentence": (
        "A mail of yours could not be delivered to this address:\n\n  ann@example.net\n"
        "    refused after RCPT TO:<ann@example.net>:\n    550 unknown user\n\n"
        "------ The message as it was returned ------\n\n" + COPY,
        [("ann@example.net", HARD)],
    ),
    "two of them, each with its own reason": (
        (
            "Your mail was not delivered:\n\n<ann@example.net>: mailbox full\n\n"
            "<ben@example.com>: user unknown\n"
        ),
        [("ann@example.net", SOFT), ("ben@example.com", HARD)],
    ),
    "a dialogue": (
        (
            "While talking to mx.example.net:\n>>> RCPT TO:<ann@example.net>\n"
            "<<< 550 5.1.1 <ann@example.net>... User unknown\n550 the same\n"
        ),
        [("ann@example.net", HARD)],
    ),
    "a sentence": (
        (
            "The mail system is unable to deliver your mail to <ann@example.net> because the "
            "mailbox is full.\nQuestions? Write to help@example.net.\n"
        ),
        [("ann@example.net", SOFT)],
    ),
    "a field": (
        "An error was found.\n\nFailed-Recipient: ann@example.net\nReason: blocked as spam\n",
        [("ann@example.net", POLICY)],
    ),
    "only in what came back": (
        "Your mail could not be delivered: the user is unknown.\n\n"
        "----- Original message follows -----\n" + COPY,
        [("ann@example.net", HARD)],
    ),
    "a policy of the receiver": (
        "Your mail was rejected.\n\n<ann@example.net>: 554 5.7.1 blocked, poor reputation\n",
        [("ann@example.net", POLICY)],
    ),
    "in German": (
        (
            "Ihre Nachricht konnte nicht zugestellt werden:\n\nann@example.net\n"
            "Die Adresse wurde nicht gefunden.\n"
        ),
        [("ann@example.net", HARD)],
    ),
    "in French": (
        "Votre message n'a pas pu être remis à :\n\nann@example.net\nL'adresse n'existe pas.\n",
        [("ann@example.net", HARD)],
    ),
    "generated from another one": (
        (
            "This mail could not be delivered:\n\n  a hidden address\n"
            "    (generated from ann@example.net)\n    550 unknown user\n"
        ),
        [("ann@example.net", HARD)],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_form_is_read(shape):
    body, expected = SHAPES[shape]
    assert outcomes(mail(body)) == expected


@pytest.mark.parametrize("shape", ["its own line, then the reason", "a sentence", "in German"])
def test_a_body_without_a_header_is_read(shape):
    body, expected = SHAPES[shape]
    assert outcomes(body.encode()) == expected


def test_a_warning_is_no_failure():
    body = (
        "Your mail has not yet been delivered to:\n\n  ann@example.net\n\n"
        "No action is required: delivery will continue for two days.\n"
    )
    assert outcomes(mail(body, "Warning: message delayed")) == [
        ("ann@example.net", EventKind.DELAYED)
    ]


def test_a_delay_for_policy_is_a_delay():
    body = (
        "Your mail to ann@example.net has been delayed and will be retried.\n\n"
        "The server answered:\n\n421 4.7.0 this host has a low reputation\n"
    )
    assert outcomes(mail(body, "Delivery delayed")) == [("ann@example.net", EventKind.DELAYED)]


def test_unknown_user_after_data_is_not_hard():
    body = "<ann@example.net>: host mx.example.net said: 550 User unknown (in reply to {})\n"
    at_rcpt, at_data = (mail(body.format(c)) for c in ("RCPT TO command", "end of DATA command"))
    assert outcomes(at_rcpt) == [("ann@example.net", HARD)]
    assert outcomes(at_data) == [("ann@example.net", SOFT)]


def test_senders_and_helpers_are_no_failed_recipients():
    body = (
        "Hello crier@example.org,\n\nyour mail could not be delivered.\n"
        "Please contact support@example.net or postmaster@example.net for help.\n"
    )
    [failure] = classify(mail(body)).failures
    assert failure.address == ""


def test_a_returned_message_with_several_recipients_names_no_address():
    copy = COPY.replace("To: ann@example.net", "To: ann@example.net, ben@example.net")
    body = "Your mail could not be delivered.\n\n----- Original message follows -----\n"
    [failure] = classify(mail(body + copy)).failures
    assert failure.address == ""


def test_a_notice_of_successful_delivery():
    body = "Your mail was successfully delivered to ann@example.net.\n"
    assert classify(mail(body, "Delivery report")).outcome is EventKind.DELIVERED


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: The Town Crier", "My old address will not work soon, so mail could not be sent!"),
        ("Lunch?", "Could you not deliver the flowers to ann@example.net?"),
        ("", ""),
        ("Invoice 550", "The amount of 550 is due."),
    ],
)
def test_mails_of_people_are_no_bounces(subject, body):
    finding = classify(mail(body, subject, "Ann <ann@example.net>"))
    assert (finding.outcome, finding.failures) == (EventKind.NONE, ())


def test_an_answer_that_quotes_a_bounce_is_no_bounce():
    body = "I read: “your mail could not be delivered”. What is that?\n\n> 550 user unknown\n"
    raw = mail(body + COPY, "Re: delivery problem", "Ann <ann@example.net>")
    assert classify(raw).outcome is EventKind.NONE


@pytest.mark.parametrize(
    "extra",
    [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Subject: Out of office: The Town Crier",
        "Subject: Automatic reply: news",
        "Subject: Abwesenheitsnotiz",
    ],
)
def test_an_automatic_answer_is_recognised(extra):
    raw = f"From: Ann <ann@example.net>\nTo: crier@example.org\n{extra}\n\nI am away until May.\n"
    assert classify(raw.encode()).outcome is EventKind.AUTOREPLY


def test_a_challenge_to_the_sender_is_an_automatic_answer():
    body = "Your mail is held. Please click the link to confirm that you are a human.\n"
    raw = mail(body, "Message undelivered: verification", "Guard <guard@example.net>")
    assert classify(raw).outcome is EventKind.AUTOREPLY


def test_a_read_receipt_is_an_automatic_answer():
    raw = b"""From: ann@example.net
Subject: Read: The Town Crier
Content-Type: multipart/report; report-type=disposition-notification; boundary="cut"

--cut
Content-Type: text/plain

It was displayed.
--cut
Content-Type: message/disposition-notification

Final-Recipient: rfc822;ann@example.net
Disposition: manual-action/MDN-sent-manually; displayed
--cut--
"""
    assert classify(raw).outcome is EventKind.AUTOREPLY
