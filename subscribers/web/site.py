"""Everything that the list's pages need from the program that serves them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from subscribers.consent import Evidence
from subscribers.firewall import SignupLimits
from subscribers.self_service import Storage
from subscribers.tokens import Keys


def _no_nudge() -> None:
    """Does nothing: without a schedule nobody waits for queued letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The settings and ports of the public pages.

    `page(template, **context)` renders a template of `templates/` as HTML. It adds the theme, the
    title, the language and the words itself. `wording` is the text that a reader agrees to and
    `wording_version` identifies it. `base_url` has no slash at its end. `nudge` is called after a
    commit that queued a letter. `fields` maps our field names to the paths that a webhook's service
    uses. `disposable` lists domains to flag. `work` is the largest number of hashes that the proof
    of work may cost a visitor; 0 switches it off.
    """

    storage: Storage
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
    nudge: Callable[[], None] = _no_nudge
    limits: SignupLimits = field(default_factory=SignupLimits)
    fields: Mapping[str, str] = field(default_factory=dict)
    disposable: Collection[str] = frozenset()
    work: int = 0
    # People take longer than this to fill in the form; programs do not.
    least_fill: timedelta = timedelta(milliseconds=200)
    # Every answer to a sign-up takes this long, so that its time reveals nothing about the address.
    pace: timedelta = timedelta(milliseconds=60)
    # The same for the webhook. It is shorter, because visitors may wait for its caller.
    hook_pace: timedelta = timedelta(milliseconds=10)

    def evidence(self, how: str, *, source: str, ip: str = "", user_agent: str = "") -> Evidence:
        """The record of somebody who agreed to the wording on one of our pages."""
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

    def signed_link(self, purpose: Literal["preferences", "unsubscribe"], ref: str) -> str:
        """A link to a reader's own page, good for as long as the keys are."""
        return self.link(purpose, self.keys.sign(purpose, ref))
