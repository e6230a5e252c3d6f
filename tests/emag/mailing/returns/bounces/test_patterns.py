"""Tests every pattern on hostile lines, and reports with random bytes changed."""

import importlib
import pkgutil
import random
import re
import time
import tracemalloc

import pytest

from emag.mailing import refusal
from emag.mailing.refusal.phrases import Phrases
from emag.mailing.returns import bounces, mark, payload
from emag.mailing.returns.bounces.classify import classify
from emag.mailing.returns.finding import Finding

LENGTH = 1_000  # characters: no line that is looked at is longer
SEEDS = [
    *("a", "a ", "a@", "a.", "a@b.", "-", "-.", '"', "'", "<", "<a", "(", " ", "\t", "\n", ":"),
    *("1.", "1) ", "550 ", "5.1.1 ", "a:", "a,", "{", "中a@", "to ", "re:", "fwd: ", "auto "),
    *("user ", "address ", "mailbox full ", "no such ", "not delivered ", "deliver ", "error "),
    *("confirm your ", "click to ", "rcpt to:<", "/rfc822=", "&lt;", "<td", "<style>", "http://"),
    *('boundary="', 'charset="', "--a\ncontent-x: y\n", "=?utf-8?q?", "recipient ", '"a" <'),
    *("your ip ", "sender domain ", "mail from ", "ip address ", "may not be ", "permission "),
    *("domain does not ", "https://a.b", "spf ", "sender ", "invalid ", "1.2.", "dnsbl."),
    *("please write to ", "contact ", "message to ", "the copy of ", "could not ", "was not "),
]
HEADS = ("", "original message", "the copy ", "header of ", "to: ", "a@b.cc ")


def patterns() -> dict[str, re.Pattern]:
    """Every pattern of the modules that read a server's words or a mail."""
    names = [mark.__name__, payload.__name__]
    for package in (bounces, refusal):
        modules = pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        names += [module.name for module in modules]
    by_name = {
        f"{name.rpartition('.')[2]}.{key}": getattr(value, "_pattern", value)
        for name in names
        for key, value in vars(importlib.import_module(name)).items()
        if isinstance(value, re.Pattern | Phrases)
    }
    assert len(by_name) > 55
    return by_name


PATTERNS = patterns()


@pytest.mark.parametrize("name", PATTERNS)
def test_no_pattern_backtracks_for_long(name):
    pattern = PATTERNS[name]
    for head in HEADS:
        for seed in SEEDS:
            text = f"{head}{seed * (LENGTH // len(seed))}x"
            line = text.encode() if isinstance(pattern.pattern, bytes) else text
            began = time.process_time()
            pattern.search(line)
            assert time.process_time() - began < 1.0, (head, seed)


REPORT = b"""From: Mail Delivery System <MAILER-DAEMON@relay.example.net>
To: bounces+7-abcdefghijklmnopqrstuvwxyz@example.org
Subject: =?utf-8?q?Undelivered_M=C3=A4il?=
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<ann@example.net>: host mx.example.net[192.0.2.1] said: 550 5.1.1 M=C3=A4rz

--cut
Content-Type: message/delivery-status
Content-Transfer-Encoding: base64

RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFubkBleGFtcGxlLm5ldApBY3Rpb246IGZhaWxlZApT
dGF0dXM6IDUuMS4xCg==

--cut
Content-Type: message/rfc822

From: crier@example.org
To: ann@example.net
Subject: The Town Crier

News
--cut--
"""
MARKUP = "<p>&lt;ann@example.net&gt;: 不存在 (550 5.1.1)<br>----- Original message -----</p>"
NOTICE = b"""From: MAILER-DAEMON@relay.example.net
Subject: failure notice
Content-Type: text/html; charset=utf-16

""" + MARKUP.encode("utf-16")
OCTETS = [b"\n", b"\r", b"\0", b"-", b"=", b":", b";", b'"', b"<", b"@", b"\xff", b"\xe4", b"--cut"]


def changed(raw: bytes, chance: random.Random) -> bytes:
    body = bytearray(raw)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(body) or 1)
        end = at + chance.choice([0, 1, 1, 8, 60])
        how = chance.randrange(4)
        if how == 0:
            body[at:end] = b""
        elif how == 1:
            body[at:end] = chance.randbytes(end - at or 1)
        elif how == 2:
            body[at:at] = chance.choice(OCTETS) * chance.choice([1, 1, 2, 500])
        else:
            body[at:at] = body[end : end + 80]
    return bytes(body)


def test_two_thousand_changed_reports_are_read_in_bounded_time():
    chance = random.Random(20260305)
    began = time.process_time()
    for n in range(2_000):
        raw = changed(REPORT if n % 2 else NOTICE, chance)
        finding = classify(raw)
        assert isinstance(finding, Finding)
        assert all("\n" not in failure.address for failure in finding.failures)
    assert time.process_time() - began < 60


@pytest.mark.parametrize("filling", [b"a@b.cc\n", b"x" * 70 + b"\n", b"<p>a@b.cc", b"\xff\xfe"])
def test_memory_is_bounded_whatever_the_length(filling):
    raw = b"From: mailer-daemon@x.example\nSubject: failure\n\n" + filling * (
        8_000_000 // len(filling)
    )
    tracemalloc.start()
    classify(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000
