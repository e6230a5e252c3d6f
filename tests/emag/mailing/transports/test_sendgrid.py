"""The SendGrid transport against a local server that answers like it."""

import json
import re
import time

import pytest

from emag.errors import SenderRefused, Unreachable
from emag.mailing.copy.message import EncodedDocument
from emag.mailing.delivery import Outcome
from emag.mailing.transports.sendgrid import SendGridTransport
from emag.mailing.transports.sendgrid_request import SendGridAccount, request
from emag.press.document import Document, fill
from tests.emag.mailing.conftest import Answer

A, R, U, Q = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.UNSENT, Outcome.DOUBTFUL
RESERVED = {
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "to", "from", "cc", "bcc",
    "content-transfer-encoding", "subject", "reply-to",
}  # fmt: skip


@pytest.fixture
def sendgrid(provider):
    def make(timeout=5.0, **options):
        account = SendGridAccount(**options)
        return SendGridTransport("SG.key", provider.host + "/", timeout, account)

    return make


def outcomes(receipts):
    return [receipt.outcome for receipt in receipts]


def addresses(body):
    return [personal["to"][0]["email"] for personal in body["personalizations"]]


def test_a_thousand_readers_are_one_request(provider, sendgrid, message):
    mail = [message(n, name=f"Reader {n}") for n in range(1, 1001)]
    got = sendgrid().send(mail)
    assert outcomes(got) == [A] * 1000
    assert {receipt.reference for receipt in got} == {"sg-1"}
    [body] = provider.requests
    assert len(set(addresses(body))) == 1000
    assert len(json.dumps(body)) < 30_000_000 / 10
    assert provider.keys == ["Bearer SG.key"]


def test_more_than_a_thousand_are_more_requests(provider, sendgrid, message):
    assert outcomes(sendgrid().send([message(n) for n in range(1, 1202)])) == [A] * 1201
    assert [len(body["personalizations"]) for body in provider.requests] == [1000, 201]


def test_every_reader_has_headers_and_a_mark_of_their_own(provider, sendgrid, message):
    mail = [message(n) for n in (1, 2)]
    sendgrid().send(mail)
    for personal, sent in zip(provider.requests[0]["personalizations"], mail, strict=True):
        headers = personal["headers"]
        assert headers["List-Unsubscribe"] == f"<{sent.values['unsubscribe_url']}>"
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert headers["List-Id"] == "The Town Crier <emag.example.org>"
        assert headers["Feedback-ID"] == "issue1:emag:list:exampleorg"
        assert headers["Message-ID"] == sent.message_id
        assert not RESERVED & {name.lower() for name in headers}
        assert not re.search(r"[\r\n]", "".join(headers.values()))
        assert personal["custom_args"] == {"emag_delivery": sent.mark}
        assert "@" not in sent.mark


def test_nothing_is_tracked_and_nothing_bypassed(provider, sendgrid, message):
    sendgrid().send([message(1)])
    [body] = provider.requests
    off = body["tracking_settings"]
    assert off["click_tracking"] == {"enable": False, "enable_text": False}
    for name in ("open_tracking", "subscription_tracking", "ganalytics"):
        assert off[name] == {"enable": False}
    assert "bypass" not in json.dumps(body)
    assert "categories" not in body
    assert body["mail_settings"]["sandbox_mode"]["enable"] is False


def replaced(content, substitutions):
    """As SendGrid does it: one tag after the other, wherever it stands."""
    for tag, value in substitutions.items():
        content = content.replace(tag, value)
    return content


@pytest.mark.parametrize("name", ["Ann", "O'Neil & <b>Söhne</b>", "“Zo”, Ltd; & co"])
def test_text_comes_first_and_says_what_smtp_would(provider, sendgrid, message, encoded, name):
    mail = message(1, name=name)
    sendgrid().send([mail])
    [body] = provider.requests
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    substitutions = body["personalizations"][0]["substitutions"]
    expected = fill(encoded.document, mail.values)
    text, html = (replaced(part["value"], substitutions) for part in body["content"])
    assert (text, html) == (expected.text, expected.html)
    assert not set(";,") & set(body["personalizations"][0]["to"][0]["name"])


def test_a_name_that_looks_like_a_tag_pulls_nothing_in(message, encoded):
    body = request(encoded, [message(1, name="[[unsubscribe_url]]")])
    substitutions = body["personalizations"][0]["substitutions"]
    html = replaced(body["content"][1]["value"], substitutions)
    assert html.count("https://mail.example.org/unsubscribe/") == 1


def test_the_sender_and_where_answers_go(provider, sendgrid, message):
    sendgrid().send([message(1)])
    [body] = provider.requests
    assert body["from"] == {"email": "crier@example.org", "name": "The Town Crier"}
    assert body["reply_to"] == {"email": "ann@example.org", "name": "Ann"}
    assert body["subject"] == "Märkte and news – no. 1"


def test_an_address_comes_once_in_a_request(provider, sendgrid, message):
    mail = [message(1, "A@example.net"), message(2, "a@example.net"), message(3)]
    assert outcomes(sendgrid().send(mail)) == [A] * 3
    assert [addresses(body) for body in provider.requests] == [
        ["A@example.net", "reader3@example.net"],
        ["a@example.net"],
    ]


def test_encodings_do_not_share_a_request(provider, sendgrid, message, encoded):
    other = EncodedDocument(Document("Other", "", "<p>x</p>", "x"), encoded.letterhead, label="x")
    mail = [message(1), message(2, encoded=other), message(3)]
    assert outcomes(sendgrid().send(mail)) == [A] * 3
    assert [(b["subject"][:5], len(b["personalizations"])) for b in provider.requests] == [
        ("Märkt", 2),
        ("Other", 1),
    ]


def test_letters_of_the_world_are_refused_before_a_request(provider, sendgrid, message):
    assert outcomes(sendgrid().send([message(1, "жена@example.net"), message(2)])) == [R, A]
    assert addresses(provider.requests[0]) == ["reader2@example.net"]


# --- What it answers -----------------------------------------------------------------------------


def test_400_that_names_the_bad_ones(provider, sendgrid, message):
    def fault(n):
        return {"message": "Does not contain a valid address.", "field": f"personalizations.{n}.to"}

    provider.answers.append(Answer(400, [fault(1), fault(3)]))
    got = sendgrid().send([message(n) for n in range(1, 6)])
    assert outcomes(got) == [A, R, A, R, A]
    assert not got[1].sender_fault
    assert len(provider.requests) == 2


def test_400_that_names_nobody_is_halved(provider, sendgrid, message):
    def picky(body):
        bad = "reader6@example.net" in addresses(body)
        return Answer(400, [{"message": "bad", "field": None}]) if bad else Answer()

    provider.answers += [picky] * 20
    got = sendgrid().send([message(n) for n in range(1, 9)])
    assert outcomes(got) == [A] * 5 + [R] + [A] * 2
    posted = [tuple(addresses(body)) for body in provider.requests]
    assert len(posted) == len(set(posted)), "a refused request was repeated"


def test_400_that_is_about_the_request_is_about_us(provider, sendgrid, message):
    errors = [{"message": "The from address does not match a verified Sender", "field": "from"}]
    provider.answers.append(Answer(400, errors))
    got = sendgrid().send([message(1), message(2)])
    assert [(r.outcome, r.sender_fault) for r in got] == [(R, True)] * 2
    assert len(provider.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_401_and_403_stop_the_run(provider, sendgrid, message, status):
    provider.answers.append(Answer(status, [{"message": "access forbidden", "field": None}]))
    with pytest.raises(SenderRefused, match=str(status)):
        sendgrid().send([message(1)])


@pytest.mark.parametrize("status", [404, 405, 415, 451])
def test_what_no_waiting_cures_stops_the_run(provider, sendgrid, message, status):
    provider.answers.append(Answer(status))
    with pytest.raises(SenderRefused, match=str(status)):
        sendgrid().send([message(1)])


def test_413_is_split(provider, sendgrid, message):
    def limited(body):
        return Answer(413) if len(body["personalizations"]) > 3 else Answer()

    provider.answers += [limited] * 20
    assert outcomes(sendgrid().send([message(n) for n in range(1, 11)])) == [A] * 10
    assert sorted(map(len, map(addresses, provider.requests)))[:4] == [2, 2, 3, 3]


def test_413_for_one_is_about_us(provider, sendgrid, message):
    provider.answers += [Answer(413)] * 9
    assert {(r.outcome, r.sender_fault) for r in sendgrid().send([message(1), message(2)])} == {
        (R, True)
    }


def test_429_names_the_time_to_wait(provider, sendgrid, message):
    reset = {"X-RateLimit-Reset": str(int(time.time()) + 40)}
    provider.answers.append(Answer(429, headers=reset))
    with pytest.raises(Unreachable) as caught:
        sendgrid().send([message(1)])
    assert 35 < caught.value.retry_after <= 41


def test_a_limit_that_is_used_up_is_waited_for_before_it_is_broken(provider, sendgrid, message):
    used_up = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 40)}
    provider.answers += [Answer(headers={"X-RateLimit-Remaining": "1"}), Answer(headers=used_up)]
    transport = sendgrid()
    assert outcomes(transport.send([message(1)])) == [A]
    assert outcomes(transport.send([message(2)])) == [A]
    with pytest.raises(Unreachable) as caught:
        transport.send([message(3)])
    assert 30 < caught.value.retry_after <= 40
    assert len(provider.requests) == 2


@pytest.mark.parametrize("header", [{}, {"X-RateLimit-Reset": "soon"}])
def test_429_that_names_no_time(provider, sendgrid, message, header):
    provider.answers.append(Answer(429, headers=header))
    with pytest.raises(Unreachable) as caught:
        sendgrid().send([message(1)])
    assert caught.value.retry_after == 0


def test_429_for_the_second_half_leaves_it_unsent(provider, sendgrid, message):
    reset = {"X-RateLimit-Reset": str(int(time.time()) + 40)}
    provider.answers += [Answer(413), Answer(), Answer(429, headers=reset)]
    got = sendgrid().send([message(n) for n in range(1, 5)])
    assert outcomes(got) == [A, A, U, U]
    assert got[3].retry_after > 35


@pytest.mark.parametrize("status", [500, 502, 503])
def test_5xx_is_waited_for(provider, sendgrid, message, status):
    provider.answers.append(Answer(status))
    with pytest.raises(Unreachable, match=str(status)):
        sendgrid().send([message(1)])


def test_504_leaves_doubt(provider, sendgrid, message):
    provider.answers.append(Answer(504))
    assert outcomes(sendgrid().send([message(1), message(2)])) == [Q, Q]


def test_a_time_out_after_sending_leaves_doubt(provider, sendgrid, message):
    provider.answers.append(Answer(delay=0.6))
    assert outcomes(sendgrid(timeout=0.2).send([message(1)])) == [Q]
    assert len(provider.requests) == 1


def test_an_answer_from_somebody_else_leaves_doubt(provider, sendgrid, message):
    provider.answers.append(Answer(200))
    assert outcomes(sendgrid().send([message(1)])) == [Q]


def test_the_sandbox_answers_200(provider, sendgrid, message):
    provider.answers.append(Answer(200))
    assert outcomes(sendgrid(sandbox=True).send([message(1)])) == [A]
    assert provider.requests[0]["mail_settings"]["sandbox_mode"]["enable"] is True


def test_no_address_and_no_key_reaches_the_log(provider, sendgrid, message, caplog):
    caplog.set_level("DEBUG")
    provider.answers.append(Answer(400, [{"message": "reader1@example.net is bad", "field": None}]))
    sendgrid().send([message(1)])
    assert "@example.net" not in caplog.text
    assert "SG.key" not in caplog.text


# --- The provider's own description --------------------------------------------------------------


def valid(value, schema, whole, where="request"):
    """As much of JSON Schema as the description uses."""
    while "$ref" in schema:
        subschema = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            subschema = subschema[part]
        schema = subschema
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    if kind := schema.get("type"):
        assert isinstance(value, kinds[kind]), f"{where} is no {kind}"
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        assert set(schema.get("required", ())) <= set(value), f"{where} lacks something"
        assert len(value) <= schema.get("maxProperties", 10_000), where
        for name, inner in value.items():
            assert not properties or name in properties, f"{where}.{name} is not described"
            described = properties.get(name) or schema.get("additionalProperties") or {}
            valid(inner, described, whole, f"{where}.{name}")
    elif isinstance(value, list):
        assert len(value) <= schema.get("maxItems", 10_000), where
        for n, inner in enumerate(value):
            valid(inner, schema.get("items", {}), whole, f"{where}.{n}")
    elif isinstance(value, str):
        assert len(value) >= schema.get("minLength", 0), f"{where} is empty"
        if schema.get("format") == "email":
            assert re.fullmatch(r"[!-~]+@[!-~]+", value), f"{where} is no address"


def test_every_request_is_valid_against_the_description(corpus, provider, sendgrid, message):
    whole = json.loads((corpus / "sendgrid/openapi/tsg_mail_v3.json").read_text())
    body = whole["components"]["requestBodies"]["PostMailSend"]
    schema = body["content"]["application/json"]["schema"]
    provider.validate = lambda mail: valid(mail, schema, whole)
    provider.answers += [
        Answer(413),
        Answer(400, [{"message": "?", "field": "personalizations.0"}]),
    ]
    mail = [message(n, name=name) for n, name in enumerate(["", "Ann", "Ж", "a;b"] * 5, 1)]
    got = outcomes(sendgrid().send(mail))
    assert (got.count(A), got.count(R)) == (19, 1)
    assert len(provider.requests) == 4
    assert provider.wrong == []


def test_an_account_as_its_customers_use_it(corpus, provider, sendgrid, message):
    whole = json.loads((corpus / "sendgrid/openapi/tsg_mail_v3.json").read_text())
    body = whole["components"]["requestBodies"]["PostMailSend"]
    provider.validate = lambda mail: valid(
        mail, body["content"]["application/json"]["schema"], whole
    )
    account = {"categories": ("newsletter", "crier"), "ip_pool": "weekly", "subuser": "crier"}
    transport = sendgrid(**account, unsubscribe_group=77)
    assert transport.name == "sendgrid"
    assert outcomes(transport.send([message(1), message(2)])) == [A, A]
    assert provider.wrong == []
    [sent] = provider.requests
    assert sent["categories"] == ["newsletter", "crier"]
    assert sent["ip_pool_name"] == "weekly"
    assert sent["asm"] == {"group_id": 77, "groups_to_display": [77]}
    assert provider.subusers == ["crier"]
    assert "one-click" in sent["personalizations"][0]["headers"]["List-Unsubscribe-Post"].lower()


def test_the_check_of_the_description_can_fail(corpus):
    whole = json.loads((corpus / "sendgrid/openapi/tsg_mail_v3.json").read_text())
    schema = whole["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]
    for wrong in ({}, {"personalizations": [{}], "from": {"email": "a@b.c"}}, {"from": "a@b.c"}):
        with pytest.raises(AssertionError):
            valid(wrong, schema["schema"], whole)
