"""Reads the bodies of hooks, only a few large ones at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import HTTPException, Request

LARGEST = 5_000_000  # bytes of one body; SendGrid's batches end at 768 KB
SMALL = 64 * 1024  # bytes; the server keeps so much of every connection anyway
SLOTS = 6  # large bodies in memory at the same time
UNDISTURBED = 1.0  # seconds that a body may take while others wait
WAIT = 10.0  # seconds for a slot; providers send again what was answered with 503
_POLL = 0.05  # seconds
_AGAIN = {"Retry-After": "30"}


class _Slot:
    """The right to read one large body, and its content so far."""

    def __init__(self, since: float) -> None:
        self.since, self.content, self.is_lost = since, bytearray(), False

    def lose(self) -> None:
        """Frees the memory; the request fails when its next data arrives."""
        self.content, self.is_lost = bytearray(), True


class BodySlots:
    """At most SLOTS large bodies are in memory; the data of other requests is not read meanwhile.

    If all slots are taken, the newest request gets the slot of the oldest body that is still
    incomplete. So a sender who is slow, or never ends, costs nobody else more than a second.
    """

    def __init__(self, slots: int = SLOTS) -> None:
        self._count = slots
        self._reading: list[_Slot] = []  # incomplete bodies, oldest first
        self._complete = 0  # bodies whose content is being used
        self._waiting: list[object] = []  # newest last

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """The whole body, which counts as in memory until the block ends.

        Raises HTTPException: 413 as soon as it is too large, 503 if it gets no slot or loses it.
        """
        length = _declared_length(request)
        if length is not None and length > LARGEST:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if length is not None and length <= SMALL:
            yield await _content(request, _Slot(0.0))
            return
        slot = await self._take()
        try:
            content = await _content(request, slot)
        finally:
            if not slot.is_lost:
                self._reading.remove(slot)
        self._complete += 1
        try:
            yield content
        finally:
            self._complete -= 1

    async def _take(self) -> _Slot:
        loop, ticket = asyncio.get_running_loop(), object()
        until = loop.time() + WAIT
        self._waiting.append(ticket)
        try:
            while loop.time() < until:
                if self._waiting[-1] is ticket and self._has_room(loop.time()):
                    slot = _Slot(loop.time())
                    self._reading.append(slot)
                    return slot
                await asyncio.sleep(_POLL)
        finally:
            self._waiting.remove(ticket)
        raise _too_busy()

    def _has_room(self, now: float) -> bool:
        """True if a slot is free, or was just taken from the oldest incomplete body."""
        if len(self._reading) + self._complete < self._count:
            return True
        if not self._reading or now - self._reading[0].since < UNDISTURBED:
            return False
        self._reading.pop(0).lose()
        return True


async def _content(request: Request, slot: _Slot) -> bytes:
    async for chunk in request.stream():
        if slot.is_lost:
            raise _too_busy()
        slot.content += chunk
        if len(slot.content) > LARGEST:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(slot.content)


def _declared_length(request: Request) -> int | None:
    """The Content-Length; None without one, as for a chunked body."""
    length = request.headers.get("content-length", "")
    return int(length[:20]) if length.isascii() and length.isdigit() else None


def _too_busy() -> HTTPException:
    return HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, headers=_AGAIN)
