"""How patient."""

from emag.mailing.sending.backoff import backoff_seconds


def test_patience_doubles_to_a_minute():
    assert [backoff_seconds(n) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff_seconds(1000) == 60


def test_a_time_that_was_named_is_kept():
    assert backoff_seconds(1, asked=300) == 300
    assert backoff_seconds(3, asked=2) == 4
