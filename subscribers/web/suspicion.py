"""Is it a person who filled in the form? A field nobody sees, a time nobody beats, a sum."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from starlette.datastructures import FormData

from subscribers import work
from subscribers.errors import BadToken
from subscribers.web import answers
from subscribers.web.door import Door

HONEYPOT = "website"  # no person sees it; programs fill in whatever they find
STAMP = "shown"  # when the form was shown, signed
WORK = "altcha"  # the name that ALTCHA's own widget gives it
STALE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`once` is the sum that was solved, which must not count twice."""

    who: Literal["robot", "hasty", "stale", "unproven", "person"]
    once: str = ""


def judge(door: Door, fields: FormData) -> Verdict:
    """A form on another page of the publication has no stamp."""
    if answers.text(fields, HONEYPOT):
        return Verdict("robot")
    who = _by_time(door, answers.text(fields, STAMP))
    if who != "person" or not door.work:
        return Verdict(who)
    solved = work.solved(door.keys, answers.text(fields, WORK), now=door.now())
    return Verdict("person", f"work {solved}") if solved else Verdict("unproven")


def stamp(door: Door) -> str:
    return door.keys.sign("form", str(int(door.now().timestamp() * 1000)))


def _by_time(door: Door, stamp: str) -> Literal["robot", "hasty", "stale", "person"]:
    if not stamp:
        return "person"
    now = door.now()
    try:
        shown = int(door.keys.read("form", stamp, now=now)) / 1000
    except BadToken:
        return "robot"
    age = now.timestamp() - shown
    if age < door.least_fill.total_seconds():
        return "hasty"  # or a browser that fills in forms by itself: ask, rather than lose a reader
    return "stale" if age > STALE.total_seconds() else "person"
