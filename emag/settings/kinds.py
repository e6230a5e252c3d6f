"""The kinds of value that settings have. A wrong value gets a sentence."""

import difflib
import re
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from emag.settings.times import Slot, read

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_NAME = re.compile(r"[a-z][a-z0-9_-]*$")


def duration(value: object) -> object:
    """Reads "90s", "30m", "2h", "14d" or "2w". Pydantic reads a value that is no string."""
    if isinstance(value, str):
        match = _DURATION.match(value.strip())
        if not match:
            raise ValueError(f"“{value}” is not a duration: write it like 90s, 30m, 2h or 14d")
        return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    return value


def _slots(value: object) -> object:
    """One or more times that repeat; “off” is none. Raises ValueError with a sentence."""
    if value == "off" or value is None:
        return ()
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, (list, tuple)):
        raise ValueError(  # noqa: TRY004 - pydantic turns only ValueError into a fault
            'write a time like "thu 16:00" or "first fri 07:30", a list of them, or "off"'
        )
    return tuple(entry if isinstance(entry, Slot) else read(str(entry)) for entry in entries)


def mailbox(value: str) -> str:
    _, address = parseaddr(value)
    if "@" not in address or any(c in value for c in "\r\n\0"):
        raise ValueError(f"“{value}” is not a mailbox: write it like Name <name@example.org>")
    return value


def _name(value: str) -> str:
    if not _NAME.match(value):
        raise ValueError(f"“{value}” is not a name: use a–z, 0–9, - and _, and begin with a letter")
    return value


def zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:  # an unknown zone is a KeyError
        raise ValueError(f"“{value}” is not a time zone: write it like Europe/London") from error
    return value


def _networks(value: object) -> object:
    """“10.0.0.0/8, ::1” as networks. Raises ValueError for one that is none."""
    if not isinstance(value, str):
        return value
    networks = []
    for entry in value.replace(",", " ").split():
        try:
            networks.append(ip_network(entry))
        except ValueError:
            raise ValueError(
                f"“{entry}” is not a network; write it like 10.0.0.0/8 or 192.0.2.7"
            ) from None
    return tuple(networks)


def _colour(value: str) -> str:
    if not re.match(r"#[0-9a-fA-F]{6}$", value):
        raise ValueError(f"“{value}” is not a colour: write it like #0b6e4f")
    return value.lower()


class TomlTable(BaseModel):
    """A table of emag.toml. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _window(value: object) -> object:
    return None if value == "since-last-issue" else duration(value)


def _format(value: object) -> object:
    """“auto” is the default: what the address answers decides."""
    return "" if value == "auto" else value


SourceFormat = Annotated[
    Literal["", "feed", "json-feed", "wordpress", "greenhouse", "lever", "schema.org", "sitemap"],
    BeforeValidator(_format),
]
Window = Annotated[timedelta | None, BeforeValidator(_window)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
Slots = Annotated[tuple[Slot, ...], BeforeValidator(_slots)]
Mailbox = Annotated[str, AfterValidator(mailbox)]
Name = Annotated[str, AfterValidator(_name)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]
Colour = Annotated[str, AfterValidator(_colour)]


def is_loopback(host: str | None) -> bool:
    """Returns True for localhost and the loopback addresses."""
    if host is None or host == "localhost":
        return host is not None
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def nearest(word: str, names: list[str]) -> str:
    """Returns the end of a sentence that asks for the most similar name."""
    by_small_letters = {name.lower(): name for name in names}
    match = difflib.get_close_matches(word.lower(), by_small_letters, n=1, cutoff=0)
    return f"; did you mean {by_small_letters[match[0]]}?" if match else ""


def duplicates(names: list[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}
