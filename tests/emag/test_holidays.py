"""Public holidays by region."""

from datetime import date

import pytest

from emag.settings.holidays import FAMILIAR, names


@pytest.mark.parametrize(
    ("region", "day", "name"),
    [
        ("GB-ENG", date(2026, 4, 3), "Good Friday"),
        ("GB-ENG", date(2026, 4, 6), "Easter Monday"),
        ("GB-SCT", date(2026, 4, 6), ""),
        ("GB-SCT", date(2026, 11, 30), "Saint Andrew's Day"),
        ("GB-NIR", date(2026, 3, 17), "Saint Patrick's Day"),
        ("GB-WLS", date(2026, 8, 31), "Late Summer Bank Holiday"),
        ("GB-ENG", date(2026, 4, 7), ""),
        ("", date(2026, 12, 25), ""),
    ],
)
def test_each_region_has_its_own_holidays(region, day, name):
    assert names(region)(day) == name


@pytest.mark.parametrize("region", ["GB-XXX", "ZZ", "England"])
def test_a_region_that_is_not_known_is_refused(region):
    with pytest.raises(ValueError, match=f"“{region}” is not a region"):
        names(region)


def test_the_regions_that_are_not_looked_up_are_known():
    days = {region: names(region)(date(2026, 12, 25)) for region in FAMILIAR}
    assert all(days.values()), days
