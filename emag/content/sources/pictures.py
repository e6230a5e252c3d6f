"""Fetches pictures over HTTP, within the limits that sources have, and makes their files."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, replace
from datetime import timedelta

from emag.content.pictures.picture import (
    NO_MEMORIES,
    FetchedPicture,
    PictureMemory,
    StoredPicture,
    WantedPicture,
)
from emag.content.sources import Memory
from emag.content.sources.crops import Refused, ShowsNothing, make
from emag.content.sources.fetch import FetchLimits, fetch
from emag.errors import SourceError
from emag.network import NetworkAccess

THREADS = 6  # pictures fetched at the same time
LIMITS = FetchLimits(timeout=15.0, max_bytes=15_000_000)
_ACCEPT = "image/jpeg, image/png, image/webp, image/avif, image/gif, image/*;q=0.1"
_LATE = "slow: it was not there in time"


class WebPictures:
    """PictureFetcher over HTTP. One picture at a time is unpacked, so memory stays bounded."""

    def __init__(self, *, allow_private: bool) -> None:
        self._network = NetworkAccess(allow_private)
        self._one = threading.Lock()

    def fetch(
        self,
        wanted: Sequence[WantedPicture],
        *,
        within: timedelta,
        memories: Mapping[WantedPicture, PictureMemory] = NO_MEMORIES,
    ) -> list[FetchedPicture]:
        """One outcome for each, in order. What takes longer than `within` is not there."""
        if not wanted:
            return []
        threads = ThreadPoolExecutor(min(THREADS, len(wanted)), thread_name_prefix="pictures")
        futures = [
            threads.submit(self._fetched, picture, memories.get(picture, PictureMemory()))
            for picture in wanted
        ]
        finished, _ = wait(futures, timeout=within.total_seconds())
        threads.shutdown(wait=False, cancel_futures=True)
        return [
            future.result() if future in finished else _without(picture, _LATE)
            for picture, future in zip(wanted, futures, strict=True)
        ]

    def _fetched(self, wanted: WantedPicture, memory: PictureMemory) -> FetchedPicture:
        try:
            address = wanted.url.partition("#")[0]
            before = Memory(**asdict(memory))
            page = fetch(address, before, limits=LIMITS, network=self._network, accept=_ACCEPT)
            if page is None:
                unchanged = StoredPicture(wanted.url, wanted.use)
                return FetchedPicture(unchanged, memory=memory, is_unchanged=True)
            after = PictureMemory(page.memory.etag, page.memory.modified, page.memory.digest)
            with self._one:
                return replace(make(page.body, wanted), memory=after)
        except ShowsNothing as reason:
            return _without(wanted, str(reason), unfit=str(reason))
        except Refused as reason:
            return _without(wanted, str(reason))
        except SourceError as error:
            return _without(wanted, f"not there ({error})")
        except Exception:  # noqa: BLE001 - hostile pictures fail in many ways
            return _without(wanted, "no picture that can be read")


def _without(wanted: WantedPicture, reason: str, *, unfit: str = "") -> FetchedPicture:
    return FetchedPicture(StoredPicture(wanted.url, wanted.use, unfit=unfit, reason=reason))
