"""How long a run waits for a mail server that cannot be reached."""

from emag.mailing.sending.backoff import backoff_seconds


def test_the_wait_doubles_up_to_a_minute():
    assert [backoff_seconds(n) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff_seconds(1000) == 60


def test_it_is_never_shorter_than_the_server_asked_for():
    assert backoff_seconds(1, retry_after=300) == 300
    assert backoff_seconds(3, retry_after=2) == 4
