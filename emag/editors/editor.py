"""An editor: a person with an address, a name and roles; and how acts name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from emag.editors.role import Role


@dataclass(frozen=True, slots=True)
class Editor:
    """`address` is in lower case; `name` may be empty. `last_seen` is None until a sign-in."""

    address: str
    name: str
    roles: tuple[Role, ...]
    invited_at: datetime
    invited_by: str
    last_seen: datetime | None = None
    passkeys: int = 0

    @property
    def mailbox(self) -> str:
        """The person as mail programs write it: “Ann <ann@example.org>”."""
        return f"{self.name} <{self.address}>" if self.name else self.address


def parse(text: str) -> tuple[str, str] | None:
    """Name and address of “Ann <ann@example.org>” or “ann@example.org”; None if it is neither."""
    name, address = parseaddr(" ".join(text.split()))
    local, _, domain = address.partition("@")
    is_address = local and domain and "@" not in domain and not set(" ,;:<>()[]\"'") & set(address)
    if not is_address or any(ord(char) < ord(" ") for char in text):
        return None
    return name, address.lower()


def matching(editors: Sequence[Editor], text: str) -> list[Editor]:
    """The editors whom `text` names, whatever the letters' case.

    It is an address, else a name, else what stands before the @ of an address.
    """
    parsed = parse(text)
    if parsed:
        return [editor for editor in editors if editor.address == parsed[1]]
    name = " ".join(text.split()).casefold()
    by_name = [editor for editor in editors if editor.name.casefold() == name != ""]
    return by_name or [e for e in editors if e.address.partition("@")[0] == name]


def signature(editor: Editor, editors: Sequence[Editor]) -> str:
    """The name that acts carry; with the address where two editors share a name."""
    namesakes = [e for e in editors if e.name.casefold() == editor.name.casefold()]
    return editor.name if editor.name and len(namesakes) == 1 else editor.mailbox


def is_same_person(one: str, other: str) -> bool:
    """True if two signatures may be one person's: “Ann”, “ann”, “Ann <ann@example.org>”."""
    first, second = _names(one), _names(other)
    return bool(first & second) and not (len(first) == len(second) > 1 and first != second)


def _names(text: str) -> set[str]:
    """Name and address of a signature, as far as it has them."""
    parsed = parse(text)
    names = {part.casefold() for part in parsed if part} if parsed else set()
    return names or {" ".join(text.split()).casefold()}
