"""Recognises mistyped domains, and domains of disposable mailboxes."""

from collections.abc import Collection
from functools import lru_cache

# Where most private mailboxes are. Short names are left out: too many others are one letter away.
_COMMON = (
    *("gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "outlook.com", "yahoo.com"),
    *("yahoo.co.uk", "icloud.com", "btinternet.com", "virginmedia.com", "talktalk.net"),
    *("ntlworld.com", "blueyonder.co.uk", "protonmail.com", "fastmail.com", "rocketmail.com"),
)
# One letter away from a common one, and providers themselves.
_REAL = frozenset({"email.com", "mail.com", "ymail.com", "zmail.com", "gmx.com", "yahoo.co"})
_ENDINGS = {"con": "com", "cmo": "com", "ocm": "com", "comm": "com", "vom": "com", "xom": "com"}


def suggestion(address: str) -> str:
    """Gives the address that somebody may have meant to type, or nothing."""
    local, _, domain = address.rpartition("@")
    typed = domain.lower()
    if typed in _COMMON or typed in _REAL or not local:
        return ""
    right = _right(typed)
    return f"{local}@{right}" if right else ""


@lru_cache(maxsize=4_096)  # most come from the same few
def _right(typed: str) -> str:
    name, _, ending = typed.rpartition(".")
    corrected = f"{name}.{_ENDINGS.get(ending, ending)}"
    near = next((common for common in _COMMON if _is_one_slip(corrected, common)), "")
    return near or (corrected if corrected != typed else "")


def _is_one_slip(typed: str, right: str) -> bool:
    """Says whether two names differ by at most one letter left out, added, wrong or swapped."""
    if typed == right:
        return True
    if abs(len(typed) - len(right)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(typed, right, strict=False)) if a != b), None)
    if at is None:
        return True  # one letter more at the end of either
    rest, other = typed[at:], right[at:]
    is_swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return rest[1:] == other[1:] or rest[1:] == other or rest == other[1:] or is_swapped


def read_domains(text: str) -> frozenset[str]:
    """Reads a file with one domain a line; ignores empty lines and lines that start with #."""
    lines = (line.strip().lower() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def is_among(domain: str, domains: Collection[str]) -> bool:
    """Says whether a domain is one of `domains`, or a subdomain of one."""
    parts = domain.lower().split(".")
    return any(".".join(parts[at:]) in domains for at in range(len(parts) - 1))
