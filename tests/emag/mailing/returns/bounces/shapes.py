"""Fills notices in many unusual forms with different addresses each time."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NOTICES = Path(__file__).parent / "notices"
RETURNED = """Return-Path: <{ours}>
Received: from out.{home} by {host} for <{a}>; Thu, 05 Mar 2026 08:00:00 +0000
From: The Town Crier <{writer}>
Reply-To: {reply}
To: {a}
Subject: The Town Crier, no. 12
Message-ID: <20260305.77@{home}>
MIME-Version: 1.0

Hello, write to {o} or {reply} if you want to join us.
Our friends {o} could not be delivered a cake.
"""
HEAD = """{path}From: {sender}
To: {ours}
Date: Thu, 5 Mar 2026 09:00:00 +0000
Subject: {subject}
{extra}MIME-Version: 1.0
Content-Type: {kind}

"""
NAMES = [
    *("ann.archer", "ben", "b.carter77", "kate_dawson", "o.young+news", "info", "sales-team"),
    *("x1", "zoe.marie", "m.o.brien", "contact", "hello", "0451234", "anna-lena.m"),
]
DOMAINS = [
    *("example.net", "mail.example.com", "firma.example.de", "corp.example.co.uk"),
    *("example.org", "uni.example.edu", "xn--bcher-kva.example", "post.example.jp"),
]
HOSTS = ["mx1.relay.example.net", "gate.example.org", "srv-04.hosting.example.com"]
HELPERS = ["helpdesk", "it.support", "service", "john.roe", "postmaster", "mailhelp", "office"]
HOME = "crier.example.info"


@dataclass
class Shape:
    """One form. `a` and `b` are recipients, `o` is a helper. `also` may be named or not."""

    body: str
    name: str = ""
    expect: dict[str, str] = field(default_factory=dict)
    also: str = ""
    sender: str = "MAILER-DAEMON@{host}"
    subject: str = ""
    extra: str = ""
    kind: str = "text/plain; charset=utf-8"


def _read(block: str) -> Shape:
    """Reads one form: fields, a blank line, and the notice."""
    head, _, body = block.partition("\n\n")
    shape = Shape(body)
    for line in head.splitlines():
        key, _, value = line.partition(": ")
        if key == "Expect":
            shape.expect = dict(pair.split() for pair in value.split(", "))
        elif key == "Extra":
            shape.extra += f"{value}\n"
        else:
            setattr(shape, key.lower(), value)
    return shape


SHAPES = [
    _read(block)
    for file in sorted(NOTICES.glob("*.txt"))
    for block in file.read_text(encoding="utf-8").split("%%\n")
]


def _fill(text: str, values: dict[str, str]) -> str:
    """Fills in the known names only, because markup has braces of its own."""
    return re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], m[0]), text)


def filled(seed: int) -> Iterator[tuple[Shape, bytes, dict[str, str], set[str]]]:
    """Each form, its mail, the expected outcome by address, and the addresses that may be named."""
    for shape in SHAPES:
        chance = random.Random(f"{shape.name}/{seed}")
        names = chance.sample(NAMES, 2)
        people = {k: f"{n}@{chance.choice(DOMAINS)}" for k, n in zip("ab", names, strict=True)}
        local, _, domain = people["a"].partition("@")
        values = {
            **people,
            "al": local,
            "d": domain,
            "o": f"{chance.choice(HELPERS)}@{chance.choice(DOMAINS + HOSTS)}",
            "host": chance.choice(HOSTS),
            "home": HOME,
            "ours": f"bounces+12-abcdefghijklmnopqrstuvwxyz@{HOME}",
            "writer": f"crier@{HOME}",
            "reply": f"letters@{HOME}",
        }
        values |= {"sd": HOME, "s": values["ours"], "from_": values["writer"]}
        values["copy"] = _fill(RETURNED, values)
        is_person = shape.sender.startswith(("{a}", "Ann", "Support"))
        fields = {"sender": shape.sender, "subject": shape.subject, "extra": shape.extra}
        fields = {key: _fill(text, values) for key, text in fields.items()}
        path = "" if is_person else "Return-Path: <>\n"
        head = HEAD.format(path=path, ours=values["ours"], kind=shape.kind, **fields)
        mail = (head + _fill(shape.body, values)).encode()
        expected = {people[key]: outcome for key, outcome in shape.expect.items()}
        yield shape, mail, expected, {values[key] for key in shape.also.split()}
