"""When, and who runs it. The port: an `Engine` runs the timetable until it is stopped."""

from typing import Protocol


class Engine(Protocol):
    """Comes round again and again; what a stop or a crash leaves undone, the next round does."""

    def start(self) -> None:
        """Returns at once; the work goes on beside the caller."""
        ...

    def nudge(self) -> None:
        """Something came in: the post should come round soon. Lost or repeated, it does no harm."""
        ...

    def stop(self) -> None:
        """Returns when what was under way has come to a safe end."""
        ...
