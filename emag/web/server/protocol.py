"""uvicorn's HTTP protocol, with deadlines and a bound on headers."""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from emag.web.server.connections import Connections, Phase
from subscribers import firewall

MAX_HEAD = 64 * 1024  # bytes of the request line and the headers
READ_SIZE = 32 * 1024  # bytes of one connection, before the others get their turn


class LimitedProtocol(HttpToolsProtocol):
    """One connection, which knows in which phase it is."""

    def __init__(self, *arguments: Any, open_connections: Connections, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._open = open_connections
        self.network = ""
        self._head_size = 0
        self._is_refused = False
        self._enter(Phase.HEADERS)

    @property
    def is_unfinished(self) -> bool:
        if self.phase is Phase.HEADERS:  # perhaps of a second request, before the first is answered
            cycle = self._current()
            return cycle is None or cycle.response_complete
        return self.phase in {Phase.BODY, Phase.DISCARD, Phase.NEXT}

    def drop(self) -> None:
        self.transport.abort()

    def time_out(self) -> None:
        if self.phase in {Phase.HEADERS, Phase.BODY} and not self._is_answering():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.max_size = READ_SIZE  # type: ignore[attr-defined]  # asyncio's own is 256 KB
        self.network = firewall.network(self.client[0] if self.client else "", private=True)
        self._enter(Phase.HEADERS)
        self._open.add(self, self.since)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if self.phase in {Phase.NEXT, Phase.READER}:
            self._enter(Phase.HEADERS)
        if self.phase is Phase.HEADERS:
            self._head_size += len(data)
        super().data_received(data)
        if self.phase is Phase.HEADERS and self._head_size > MAX_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self._is_refused:
            return
        if self.phase is not Phase.HEADERS:
            self._enter(Phase.HEADERS)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if self._is_refused:
            return
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > MAX_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        self._enter(Phase.BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._is_refused:
            return
        super().on_message_complete()
        self._enter(Phase.ANSWER)
        if self.cycle.response_complete:
            self._enter_after_answer()

    # What the running request calls.

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.phase is Phase.BODY:  # answered before the body was complete
            if not self._open.may_discard():
                self.transport.close()
            self._enter(Phase.DISCARD)
        if self.phase is Phase.ANSWER and self.cycle.response_complete:
            self._enter_after_answer()

    def _enter_after_answer(self) -> None:
        is_unread = self.transport.get_write_buffer_size() > 0
        self._enter(Phase.READER if is_unread else Phase.NEXT)

    def _enter(self, phase: Phase) -> None:
        self.phase, self.since = phase, self.loop.time()
        if phase is Phase.HEADERS:
            self._head_size = 0

    def _is_answering(self) -> bool:
        cycle = self._current()
        return cycle is not None and cycle.response_started and not cycle.response_complete

    def _current(self) -> RequestResponseCycle | None:
        """The newest request; uvicorn's type leaves out that there may be none yet."""
        return self.cycle

    def _refuse(self, status: HTTPStatus) -> None:
        """Answers without asking the application, and closes."""
        self._is_refused = True
        if self.transport.is_closing():
            return
        if not self._is_answering():
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\nconnection: close\r\n"
            self.transport.write(f"{head}content-length: 0\r\n\r\n".encode())
        self.transport.close()
