"""The tables about the approval of an issue, and about what happens between it and the send."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from emag.settings.kinds import TomlTable, duration, mailbox


def _remind(value: object) -> object:
    return timedelta(0) if value == "off" else duration(value)


class ApprovalSettings(TomlTable):
    """`four_eyes`: whoever changed the content last may not approve it."""

    four_eyes: Literal["off", "warn", "required"] = "off"
    # How long before the send the editors are reminded of an issue that waits; 0 is never.
    remind: Annotated[timedelta, BeforeValidator(_remind)] = timedelta(hours=2)
    # Somebody else who is asked when the editors are reminded.
    second: Annotated[str, AfterValidator(lambda value: mailbox(value) if value else value)] = ""


class JobsSettings(TomlTable):
    # What happens to an issue with a job that closed, was filled or is gone after the approval.
    closed: Literal["hold", "drop"] = "hold"
    repeat: int = Field(default=0, ge=0, le=50)  # further issues that an open job may appear in
