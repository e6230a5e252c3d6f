"""How patient: how long to wait for a server that is away."""

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0


def backoff_seconds(failures: int, *, asked: float = 0.0) -> float:
    """Seconds to wait after so many failures in a row: doubling, unless the server named a time."""
    doubled = _FIRST_WAIT * float(2 ** min(failures - 1, 10))
    return max(asked, min(_LONGEST_WAIT, doubled))
