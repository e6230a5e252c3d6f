"""Examines the public address as readers reach it, the logo, and the clock of this machine."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from emag.connection_faults import reason
from emag.doctor.clock import clock_problems
from emag.doctor.problem import Problem
from emag.settings import Settings, is_loopback

TIMEOUT = 8.0  # seconds
_PICTURES = ("image/",)


def examine(
    settings: Settings,
    *,
    now: Callable[[], datetime],
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Problem]:
    """Asks over the network, or by another `transport`."""
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True, transport=transport) as web:
        yield from _base_url(web, settings)
        yield from _logo(web, settings)
        yield from _clock(web, settings, now)


def _base_url(web: httpx.Client, settings: Settings) -> Iterator[Problem]:
    """Asks for what every emag answers. A program on this machine only need not be reachable."""
    base = settings.base_url
    if is_loopback(urlsplit(base).hostname):
        return
    try:
        answer = web.get(f"{base}/healthz")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        message = f"EMAG_BASE_URL {base} cannot be reached: {reason(error)}. Readers cannot either"
        yield Problem("web", message, "warn")
        return
    if not _is_ours(answer):
        yield Problem(
            "web",
            f"At EMAG_BASE_URL {base} something else answers ({answer.status_code}): let your web "
            "server pass requests on to emag, and start “emag serve”",
            "warn",
        )
    elif urlsplit(str(answer.url)).hostname != urlsplit(base).hostname:
        yield Problem(
            "web",
            f"EMAG_BASE_URL {base} sends readers on to {urlsplit(str(answer.url)).hostname}, where "
            "one-click unsubscribing fails: write that address into EMAG_BASE_URL",
            "warn",
        )


def _is_ours(answer: httpx.Response) -> bool:
    try:
        return isinstance(answer.json(), dict) and "ok" in answer.json()
    except ValueError:
        return False


def _logo(web: httpx.Client, settings: Settings) -> Iterator[Problem]:
    for key in ("logo", "logo_dark"):
        url = getattr(settings.theme, key, "")
        if not url.startswith(("https://", "http://")):
            continue
        try:
            answer = web.get(url)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            message = f"theme.{key} {url} cannot be reached: {reason(error)}. Correct the address"
            yield Problem("pictures", message, "warn")
            continue
        kind = answer.headers.get("content-type", "")
        if not answer.is_success:
            message = f"theme.{key} {url} answers {answer.status_code}: correct the address"
            yield Problem("pictures", message, "warn")
        elif not kind.startswith(_PICTURES):
            sentence = f"theme.{key} {url} is no picture: name a PNG, JPEG or GIF"
            yield Problem("pictures", sentence, "warn")


def _clock(web: httpx.Client, settings: Settings, now: Callable[[], datetime]) -> Iterator[Problem]:
    """Compares with the first website that tells the time."""
    for url in [source.url for source in settings.sources if source.url][:2]:
        host = urlsplit(url).hostname
        if not host or is_loopback(host):
            continue
        try:
            there = parsedate_to_datetime(web.head(f"https://{host}/").headers["date"])
        except (httpx.HTTPError, httpx.InvalidURL, OSError, KeyError, ValueError):
            continue
        yield from clock_problems(now() - there.astimezone(UTC), host)
        return
