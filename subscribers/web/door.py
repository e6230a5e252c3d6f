"""What the list's pages need of the program around them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from subscribers.consent import Evidence
from subscribers.firewall import SignupLimits
from subscribers.tokens import Keys


def _nothing() -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Made by whoever serves the pages.

    `page(template, **context)` renders a template of `templates/` as HTML; it brings the theme,
    title, tagline, language and its words itself. `wording` is exactly what a reader agrees to, and
    `wording_version` its name. `base_url` has no slash at its end. `nudge` is called after a commit
    that queued a letter. `fields` says where the webhook's services put what we call otherwise;
    `disposable` are domains that are flagged; `work` is how many hashes a sign-up may cost, or 0.
    """

    transaction: Callable[[], AbstractContextManager[Connection]]
    reading: Callable[[], AbstractContextManager[Connection]]
    keys: Keys
    now: Callable[[], datetime]
    page: Callable[..., str]
    title: str
    wording: str
    base_url: str
    wording_version: str = ""
    language: str = "en-GB"
    privacy_url: str = ""
    topics: Sequence[str] = ()
    signup_secret: str = ""
    signup_token: str = ""
    confirm_within: timedelta = timedelta(days=7)
    nudge: Callable[[], None] = _nothing
    limits: SignupLimits = field(default_factory=SignupLimits)
    fields: Mapping[str, str] = field(default_factory=dict)
    disposable: Collection[str] = frozenset()
    work: int = 0
    # Nobody fills in a form faster; a program does.
    least_fill: timedelta = timedelta(milliseconds=200)
    # Every answer to a sign-up takes as long as this, so that its time tells nothing.
    pace: timedelta = timedelta(milliseconds=60)
    # The same for the webhook, whose caller may let visitors wait for it: about what it takes.
    hook_pace: timedelta = timedelta(milliseconds=10)

    def evidence(self, how: str, *, source: str, ip: str = "", user_agent: str = "") -> Evidence:
        """What is kept of somebody who agreed on one of our pages."""
        return Evidence(
            how,
            wording=self.wording,
            version=self.wording_version,
            language=self.language,
            source=source,
            ip=ip,
            user_agent=user_agent[:300],
        )

    def link(self, purpose: str, token: str) -> str:
        return f"{self.base_url}/{purpose}/{token}"
