"""Names the public holidays of a country or one of its parts."""

from collections.abc import Callable
from datetime import date


def names(region: str) -> Callable[[date], str]:
    """A function that gives the name of a day's holiday, or "" for any other day.

    `region` is an ISO code such as “GB”, “GB-ENG” or “DE-BY” (https://pypi.org/project/holidays/);
    "" has no holidays. Raises ValueError with a sentence for a region that is not known.
    """
    if not region:
        return lambda _: ""
    import holidays  # noqa: PLC0415 - 60 ms that only a command with dates needs

    country, _, subdivision = region.partition("-")
    try:
        calendar = holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError:
        raise ValueError(
            f"“{region}” is not a region with known holidays; write it like GB-ENG, or leave it "
            'empty ("") for none'
        ) from None
    return lambda day: calendar.get(day) or ""
