"""Remembers who sends forwarding headers without being trusted: for the log and the doctor."""

import json
import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path

FILE = "untrusted-proxies.json"  # in the publication's folder
MOST = 8  # networks: a proxy of ours is among the first, and strangers must not fill the disk
AGAIN = timedelta(days=1)  # how often the time of one network is renewed
RECENT = timedelta(days=7)

_HINT = "if it is your proxy, put it into EMAG_TRUSTED_PROXIES"
_log = logging.getLogger(__name__)


class UntrustedSenders:
    """Logs each network once, and keeps the times in a file: the doctor is another process."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._file, self._now = folder / FILE, now
        self._times: dict[str, datetime] = {}

    def note(self, address: IPv4Address | IPv6Address | None) -> None:
        """Records a sender. None is one without an address, such as a local socket."""
        network, now = _network(address), self._now()
        last = self._times.get(network)
        if (last is None and len(self._times) >= MOST) or (last and now - last < AGAIN):
            return
        if last is None:
            _log.warning("A forwarding header from %s is ignored: %s", network, _HINT)
        self._times[network] = now
        _write(self._file, {**_read(self._file), **self._times})


def recent(folder: Path, trusted: Sequence[IPv4Network | IPv6Network], now: datetime) -> list[str]:
    """The networks of the last week that are not trusted now."""
    return [
        network
        for network, at in _read(folder / FILE).items()
        if now - at < RECENT and not _is_within(network, trusted)
    ]


def explain(network: str) -> str:
    return f"{network} sends a forwarding header, which is ignored: {_HINT}"


def _network(address: IPv4Address | IPv6Address | None) -> str:
    """A machine of ours by its address; of a stranger only the network, which is no person."""
    if address is None:
        return "a local socket"
    if address.is_private:
        return str(address)
    return str(ip_network((address, 24 if address.version == 4 else 64), strict=False))  # noqa: PLR2004 - IPv4


def _is_within(network: str, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        inner = ip_network(network)
    except ValueError:
        return False
    return any(
        inner.version == outer.version
        and inner.network_address in outer
        and inner.broadcast_address in outer
        for outer in trusted
    )


def _read(file: Path) -> dict[str, datetime]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {str(network): datetime.fromisoformat(at) for network, at in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(file: Path, times: dict[str, datetime]) -> None:
    newest = sorted(times.items(), key=lambda entry: entry[1])[-MOST:]
    text = json.dumps({network: at.isoformat() for network, at in newest}, indent=1)
    part = file.with_suffix(".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
        part.replace(file)
    except OSError as error:
        _log.warning("%s cannot be written: %s", file.name, error.strerror)
