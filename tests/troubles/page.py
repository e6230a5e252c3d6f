"""Writes what was said of each trouble as a page for operators."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tests.troubles.week import TroubleReport
from tests.troubles.world import Sentence

PLACES = {
    "log": "log",
    "healthz": "`/healthz`",
    "metrics": "`/metrics`",
    "issue status": "`emag issue status`",
    "desk": "This week",
    "send page": "send page",
    "mail": "mail to the editors",
    "second mail": "second mail server",
    "webhook": "webhook",
}
ALERTS = ("mail", "second mail", "webhook")
_NEWS = re.compile(r"It is over|The database works|.* goes on: |.* is held|.*could not be")
_ROUTINE = re.compile(r"(The Town Crier: )?(Issue \d+ is (sent|approved)|Please approve)")


def is_worth_telling(sentence: Sentence) -> bool:
    """Without what is said on any good day."""
    place, text = sentence.place, sentence.text
    if place == "log":
        level, _, words = text.partition(": ")
        return level in {"WARNING", "ERROR"} or bool(_NEWS.match(words))
    return not (place in ALERTS and _ROUTINE.match(text))


def telling(sentences: Sequence[Sentence]) -> list[Sentence]:
    return [sentence for sentence in sentences if is_worth_telling(sentence)]


def section(report: TroubleReport) -> Iterator[str]:
    """The part of the page about one trouble."""
    trouble = report.trouble
    yield f"## {trouble.name}"
    yield ""
    yield trouble.advice
    yield ""
    yield "| where | when | what emag says |"
    yield "|---|---|---|"
    yield from _rows(telling(report.during), trouble.begins)
    yield f"| *it is over* | *{_later(trouble.ends - trouble.begins)}* | |"
    yield from _rows(telling(report.afterwards), trouble.begins)
    yield ""


def overview(reports: Sequence[TroubleReport]) -> str:
    """A table of all troubles: after how long each place spoke of it, and of its end."""
    names = ("log", "healthz", "metrics", "issue status", "desk")
    heads = [
        "trouble",
        *(PLACES[name] for name in names),
        "alerts",
        "its end: log",
        "its end: alerts",
    ]
    rows = [heads, ["---"] * len(heads)]
    for report in reports:
        begins, ends = report.trouble.begins, report.trouble.ends
        places = [_first(report.during, (name,), begins) for name in names]
        alerts = _first(report.during, ALERTS, begins)
        over = [_first(report.afterwards, kinds, ends) for kinds in (("log",), ALERTS)]
        anchor = re.sub(r"[^\w -]", "", report.trouble.name.lower()).replace(" ", "-")
        rows.append([f"[{report.trouble.name}](#{anchor})", *places, alerts, *over])
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        "In minutes after the beginning, and after the end; “–” where a place says nothing. "
        f"The command and the desk were asked once, at the end of each trouble.\n\n{lines}\n\n"
    )


def _first(sentences: Sequence[Sentence], places: Sequence[str], since: datetime) -> str:
    """When one of the places spoke first."""
    looked = {"issue status", "desk"}
    for sentence in telling(sentences):
        if sentence.place in places and _words(sentence) not in {"", "200", "nothing stands still"}:
            return "yes" if sentence.place in looked else _later(sentence.at - since)
    return "–"


def _rows(sentences: Sequence[Sentence], begins: datetime) -> Iterator[str]:
    for sentence in _without_repeats(sentences):
        words = _words(sentence)
        if words:
            when = _later(sentence.at - begins)
            yield f"| {PLACES[sentence.place]} | {when} | {words} |"


def _without_repeats(sentences: Sequence[Sentence]) -> Iterator[Sentence]:
    """Each sentence of a place once, and an alert that left by several ways once."""
    keys = set()
    for sentence in sentences:
        key = (sentence.place, _words(sentence))
        if key not in keys:
            keys.add(key)
            yield sentence


def _words(sentence: Sentence) -> str:
    place, text = sentence.place, sentence.text
    if place in ALERTS:
        subject, _, body = text.removeprefix("The Town Crier: ").partition(" | ")
        text = f"**{subject}**. {_body(subject, body)}"
    elif place == "issue status":
        text = re.sub(r"^.*?Reports on accepted messages: [\w ]*?(?=[A-Z]|$)", "", text)
    elif place in {"desk", "send page"}:
        status, _, text = text.partition(" ")
        text = "" if text in {"This week", "It leaves now"} or text.startswith("Issue") else text
        text = f"({status}) {text}" if text and status != "200" else text
    elif place == "metrics":
        text = " ".join(f"`{name}`" for name in text.split()) or "nothing stands still"
    elif place == "healthz":
        status, _, rest = text.partition(" ")
        text = f"{status}: {rest}" if rest else status
    return _neutral(text)


def _body(subject: str, body: str) -> str:
    body = body.removeprefix(subject).strip().lstrip("=").strip()
    return body.partition(" -- ")[0].partition(" See how it is")[0].partition(" See all sources")[0]


def _neutral(text: str) -> str:
    """Without the addresses of the machine on which the week was lived."""
    text = re.sub(r"http://127\.0\.0\.1:(?!8400)\d+", "https://crier.example.org", text)
    text = text.replace("http://127.0.0.1:8400", "https://mail.crier.example.org")
    return text.replace("127.0.0.1", "relay.example.org").replace("|", "\\|")


def _later(delta: timedelta) -> str:
    minutes = round(delta / timedelta(minutes=1))
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours else f"{minutes} min"
