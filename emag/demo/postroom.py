"""Sends the list's letters as soon as one is queued, as the schedule does in `emag serve`."""

import threading
from types import TracebackType
from typing import Self

from emag.errors import TransportError
from emag.mailing.letters import confirm
from emag.newsroom import Newsroom


class PostRoom:
    """A thread that waits for a nudge; between `with` and its end."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._wanted = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="postroom", daemon=True)

    def nudge(self) -> None:
        self._wanted.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._over = True
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        while self._wanted.wait() and not self._over:
            self._wanted.clear()
            self._post()

    def _post(self) -> None:
        room = self._newsroom
        try:
            while confirm.confirm(
                room.database,
                transport=room.transport,
                settings=room.settings,
                keys=room.keys,
                now=room.now(),
            ):
                pass
        except TransportError:
            return  # the letters stay queued; the next nudge tries again
