"""The tables about readers: sign-up, and how long their data is kept."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from emag.settings.kinds import Duration, Name, TomlTable, duration, nearest

SHORTEST = timedelta(days=30)
# The fields of the sign-up webhook. [signup.fields] maps them to the names that a service uses.
HOOK_FIELDS = ("email", "name", "topics", "source", "wording", "ip", "user_agent", "at")


class Signup(TomlTable):
    wording: str = ""  # what a reader agrees to, word for word; empty: made from the title
    privacy_url: str = ""
    topics: tuple[Name, ...] = ("posts", "jobs", "events")
    confirm_within: Duration = timedelta(days=7)
    fields: dict[str, str] = Field(default_factory=dict)
    disposable: str = ""  # a file of disposable domains, one on each line
    proof_of_work: int = Field(
        default=0, ge=0, le=5_000_000
    )  # average number of hashes a sign-up costs; 0 is off
    per_network: int = Field(default=30, ge=0)  # attempts per hour; 0 is no limit
    per_domain: int = Field(default=500, ge=0)  # confirmation letters per hour
    per_hour: int = Field(default=2_000, ge=0)  # the same for all domains together
    flood: int = Field(default=500, ge=0)  # sign-ups in ten minutes; then letters are held

    @field_validator("fields")
    @classmethod
    def _only_hook_fields(cls, fields: dict[str, str]) -> dict[str, str]:
        for name in fields:
            if name not in HOOK_FIELDS:
                hint = nearest(name, [*HOOK_FIELDS])
                raise ValueError(f"the webhook has no field “{name}”{hint}")
        return fields


def _keeping_period(value: object) -> object:
    """A duration of 30 days or more, or “off”. Raises ValueError with a sentence."""
    if value == "off":
        return None
    period = duration(value)
    if isinstance(period, timedelta) and period < SHORTEST:
        raise ValueError(
            f"“{value}” is too short: reports on an issue arrive for weeks. Write 30d or more"
        )
    return period


class Privacy(TomlTable):
    """How long data is kept. The schedule then deletes it."""

    evidence: Duration = timedelta(
        days=2190
    )  # of consent, after the reader has unsubscribed: six years
    network_addresses: Duration = timedelta(days=90)
    unconfirmed: Duration = timedelta(days=30)
    # Who got an issue, after it was sent. Then only the counts are kept.
    deliveries: Annotated[timedelta | None, BeforeValidator(_keeping_period)] = timedelta(days=365)
