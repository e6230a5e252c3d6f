"""Names the public holidays of a country or one of its parts."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

# Regions that need no look into the package, which takes longer to load than all settings.
FAMILIAR = frozenset({"GB", "GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS", "IE"})


def names(region: str) -> Callable[[date], str]:
    """A function that gives the name of a day's holiday, or "" for any other day.

    `region` is an ISO code such as “GB”, “GB-ENG” or “DE-BY”, as the package `holidays`
    spells them; "" has no holidays. Raises ValueError with a sentence for an unknown region.
    """
    if not region:
        return lambda _: ""
    if region not in FAMILIAR:
        _of_year(region, 2026)  # an unknown region must not wait until a date is looked up
    return lambda day: _of_year(region, day.year).get(day, "")


@lru_cache(maxsize=256)
def _of_year(region: str, year: int) -> Mapping[date, str]:
    """The holidays of one year. The package's own calendars may not be shared by threads."""
    import holidays  # noqa: PLC0415 - 60 ms that only a publication with holidays needs

    country, _, subdivision = region.partition("-")
    try:
        return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError:
        raise ValueError(
            f"“{region}” is not a region with known holidays; write it like GB-ENG, or leave it "
            'empty ("") for none'
        ) from None
