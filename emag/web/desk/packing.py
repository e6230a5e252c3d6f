"""Compresses pages, style and scripts for browsers that accept it: a phone loads a third."""

import gzip
from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from fastapi import Request

SHORTEST = 1000  # bytes that are worth it
LEVEL = 5
_VARY = {"Vary": "Accept-Encoding"}


def packed(request: Request, content: bytes) -> tuple[bytes, Mapping[str, str]]:
    """A page as the browser accepts it, and the headers that say so."""
    return _answer(request, content, partial(gzip.compress, compresslevel=LEVEL, mtime=0))


def packed_file(request: Request, content: bytes) -> tuple[bytes, Mapping[str, str]]:
    """As `packed`, for a file that is sent often and never changes."""
    return _answer(request, content, _smallest)


def _answer(
    request: Request, content: bytes, pack: Callable[[bytes], bytes]
) -> tuple[bytes, Mapping[str, str]]:
    if len(content) < SHORTEST or not _accepts_gzip(request):
        return content, _VARY
    return pack(content), _VARY | {"Content-Encoding": "gzip"}


@lru_cache(maxsize=64)
def _smallest(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _accepts_gzip(request: Request) -> bool:
    """True if the request names it with a weight other than 0 (RFC 9110, 12.5.3)."""
    for wish in request.headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = wish.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return weight.strip("0.") != "" or not weight
    return False
