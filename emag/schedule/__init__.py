"""Runs the timetable. The port: an `Engine` runs it until it is stopped."""

from typing import Protocol


class Engine(Protocol):
    """Runs every lane again and again. The next round does what a stop or a crash left undone."""

    def start(self) -> None:
        """Starts the lanes in the background, and returns at once."""
        ...

    def nudge(self) -> None:
        """Asks for a round of the post soon. A nudge that is lost or repeated does no harm."""
        ...

    def wind_down(self) -> None:
        """Begins nothing new, and returns at once: for a signal handler, before `stop`."""
        ...

    def stop(self) -> None:
        """Ends after the messages under way, and returns when they are recorded."""
        ...
