"""Back-off: how long a run waits for a mail server that cannot be reached."""

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0


def backoff_seconds(failures: int, *, retry_after: float = 0.0) -> float:
    """Seconds to wait after so many failures in a row: doubles from 1 to 60.

    `retry_after` is what the server asked for, in seconds; the wait is never shorter.
    """
    doubled = _FIRST_WAIT * float(2 ** min(failures - 1, 10))
    return max(retry_after, min(_LONGEST_WAIT, doubled))
