"""The tables about readers: how they sign up, and how long what is kept of them is kept."""

from datetime import timedelta

from pydantic import Field, field_validator

from emag.settings.kinds import Duration, Name, Table, nearest

# What the sign-up webhook takes; [signup.fields] says where a service puts it.
HOOK_FIELDS = ("email", "name", "topics", "source", "wording", "ip", "user_agent", "at")


class Signup(Table):
    wording: str = ""  # exactly what a reader agrees to; a default is made from the title
    privacy_url: str = ""
    topics: tuple[Name, ...] = ("posts", "jobs", "events")
    confirm_within: Duration = timedelta(days=7)
    fields: dict[str, str] = Field(default_factory=dict)
    disposable: str = ""  # a file of domains, one a line
    proof_of_work: int = Field(default=0, ge=0, le=5_000_000)  # hashes a sign-up may cost
    per_network: int = Field(default=30, ge=0)  # attempts an hour; 0 is no limit
    per_domain: int = Field(default=500, ge=0)  # confirmations an hour
    per_hour: int = Field(default=2_000, ge=0)
    flood: int = Field(default=500, ge=0)  # in ten minutes

    @field_validator("fields")
    @classmethod
    def _known(cls, fields: dict[str, str]) -> dict[str, str]:
        for name in fields:
            if name not in HOOK_FIELDS:
                hint = nearest(name, [*HOOK_FIELDS])
                raise ValueError(f"the webhook takes nothing called “{name}”{hint}")
        return fields


class Privacy(Table):
    """How long it is kept; then the schedule forgets it."""

    evidence: Duration = timedelta(days=2190)  # of a consent, after somebody left: six years
    network_addresses: Duration = timedelta(days=90)
    unconfirmed: Duration = timedelta(days=30)
