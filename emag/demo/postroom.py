"""Sends queued letters (confirmations, welcomes) at once, as the schedule does in `emag serve`."""

import threading
from types import TracebackType
from typing import Self

from emag.errors import TransportError
from emag.mailing.letters import post
from emag.newsroom import Newsroom


class PostRoom:
    """A context manager with a thread that sends the queued letters after each `nudge`."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._nudged = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="postroom", daemon=True)

    def nudge(self) -> None:
        """Asks the thread to send; it may be called from any thread."""
        self._nudged.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stopped = True
        self._nudged.set()
        self._thread.join()

    def _run(self) -> None:
        while self._nudged.wait() and not self._stopped:
            self._nudged.clear()
            self._post()

    def _post(self) -> None:
        room = self._newsroom
        try:
            while post.post_letters(
                room.database,
                transport=room.transport,
                settings=room.settings,
                keys=room.keys,
                now=room.now(),
            ):
                pass
        except TransportError:
            return  # the letters stay queued until the next nudge
