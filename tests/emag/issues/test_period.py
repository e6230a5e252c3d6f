"""The time of an issue in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from emag.issues.period import in_words


def test_an_editor_reads_local_time():
    at = datetime(2026, 7, 3, 6, 30, tzinfo=UTC)
    assert in_words(at, ZoneInfo("Europe/London")) == "Friday 3 July at 07:30"
