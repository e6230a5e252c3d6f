"""Asks the pages of stories, many at the same time, within the limits that sources have."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import httpx

from emag.content.pages import PageAnswer
from emag.content.sources.fetch import FetchLimits, visit
from emag.content.sources.network import NetworkAccess
from emag.errors import SourceError

THREADS = 8  # pages asked at the same time
LIMITS = FetchLimits(timeout=8.0, max_bytes=500_000)


class WebPages:
    """StoryPages over HTTP. Those below `base_url`, emag’s own, are never asked."""

    def __init__(self, *, allow_private: bool, base_url: str) -> None:
        self._network = NetworkAccess(allow_private)
        self._emag = _origin(base_url)

    def ask(self, addresses: Sequence[str], *, within: timedelta) -> list[PageAnswer]:
        """One answer for each address, in order. What takes longer than `within` has none."""
        pending = [a for a in dict.fromkeys(addresses) if _origin(a) != self._emag]
        if not pending:
            return [PageAnswer() for _ in addresses]
        threads = ThreadPoolExecutor(min(THREADS, len(pending)), thread_name_prefix="pages")
        futures = {address: threads.submit(self._one, address) for address in pending}
        finished, _ = wait(futures.values(), timeout=within.total_seconds())
        threads.shutdown(wait=False, cancel_futures=True)
        answers = {address: f.result() for address, f in futures.items() if f in finished}
        return [answers.get(address, PageAnswer()) for address in addresses]

    def _one(self, address: str) -> PageAnswer:
        try:
            status, body = visit(address, limits=LIMITS, network=self._network)
        except SourceError:
            return PageAnswer()
        return PageAnswer(status, body.decode(errors="replace"))


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return ("", "", None)
    return (url.scheme, url.host, url.port)
