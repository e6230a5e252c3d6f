"""Tells people from programs: a hidden field, the time taken, a proof of work."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from subscribers import work
from subscribers.errors import BadToken
from subscribers.web.fields import Fields
from subscribers.web.site import Site

HONEYPOT = "website"  # hidden from people; programs fill in whatever they find
STAMP = "shown"  # when the form was shown, signed
WORK = "altcha"  # the name that ALTCHA's own widget gives it
STALE = timedelta(days=1)

Kind = Literal["robot", "hasty", "stale", "unproven", "person"]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a form looks like. `once` identifies the proof of work, which must not count twice."""

    kind: Kind
    once: str = ""


def judge(site: Site, fields: Fields) -> Suspicion:
    """Judges a sign-up form. One on another page of the publication has no stamp.

    Raises BadForm where the proof of work cannot be read.
    """
    if fields.text(HONEYPOT):
        return Suspicion("robot")
    kind = _by_time(site, fields.text(STAMP))
    if kind != "person" or not site.work:
        return Suspicion(kind)
    proof = work.solution(site.keys, fields.text(WORK), now=site.now())
    return Suspicion("person", f"work {proof}") if proof else Suspicion("unproven")


def stamp(site: Site) -> str:
    """The time at which a form is shown, signed."""
    return site.keys.sign("form", str(int(site.now().timestamp() * 1000)))


def _by_time(site: Site, stamp: str) -> Kind:
    if not stamp:
        return "person"
    now = site.now()
    try:
        shown_at = int(site.keys.read("form", stamp, now=now)) / 1000
    except BadToken:
        return "robot"
    age = now.timestamp() - shown_at
    if age < site.least_fill.total_seconds():
        return "hasty"  # perhaps a browser that fills in forms: ask again rather than lose a reader
    return "stale" if age > STALE.total_seconds() else "person"
