"""The table [schedule]: when issues are drafted and sent, and on which dates."""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from emag.settings import holidays
from emag.settings.kinds import Duration, Slots, TomlTable

MOST_WEEKS = 52


def _date(value: object) -> date:
    """A date of TOML, or a text such as “2026-12-25”. Raises ValueError with a sentence."""
    if isinstance(value, date) and type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(f"“{value}” is not a date: write it like 2026-12-25") from None


def _first_date(value: object) -> date | None:
    return None if value == "" else _date(value)


def _dates(value: object) -> object:
    """A list of dates. A text may hold several, with commas between them."""
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if not isinstance(value, (list, tuple)):
        raise ValueError('write a list of dates, such as ["2026-12-25"]')  # noqa: TRY004 - pydantic turns only ValueError into a fault
    return tuple(_date(entry) for entry in value)


def _weeks(value: object) -> object:
    """A number of weeks; a text in a variable of the environment counts too."""
    text = str(value).strip()
    if isinstance(value, bool) or not text.isdigit() or not 1 <= int(text) <= MOST_WEEKS:
        raise ValueError(f"“{value}” is not a number of weeks from 1 to {MOST_WEEKS}")
    return int(text)


def _region(value: str) -> str:
    """The code of a region whose holidays are known. Raises ValueError with a sentence."""
    region = value.strip()
    country, dash, subdivision = region.partition("-")
    region = f"{country.upper()}{dash}{subdivision.upper()}"
    holidays.names(region)
    return region


class Schedule(TomlTable):
    """`every` counts weeks from the week of `start`, which emag.toml calls `from`."""

    gather: Duration = timedelta(hours=1)
    draft: Slots = ()
    send: Slots = ()
    every: Annotated[int, BeforeValidator(_weeks)] = 1
    start: Annotated[date | None, BeforeValidator(_first_date)] = Field(default=None, alias="from")
    holidays: Annotated[str, AfterValidator(_region)] = ""
    on_holiday: Literal["before", "after", "skip", "send"] = "before"
    skip: Annotated[tuple[date, ...], BeforeValidator(_dates)] = ()
    approval: Literal["required", "automatic"] = "required"
    if_unapproved: Literal["hold", "skip"] = "hold"
    max_lateness: Duration = timedelta(hours=2)
    minimum_stories: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _counts_weeks(self) -> "Schedule":
        if self.every == 1:
            return self
        if self.start is None:
            raise ValueError(
                f"schedule.every: every {self.every} weeks needs a first date: "
                "write it like from = 2026-12-04"
            )
        monthly = next((slot for slot in self.send if slot.nth), None)
        if monthly:
            raise ValueError(
                f"schedule.every: “{monthly}” comes once a month, so it cannot come every "
                f"{self.every} weeks too: remove every, or write a weekly time"
            )
        return self
