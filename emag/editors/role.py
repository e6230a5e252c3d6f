"""The roles of editors, and what each may do at the desk. A person may have several."""

from collections.abc import Iterable
from enum import StrEnum

from emag.errors import NotFound


class Role(StrEnum):
    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    OPERATOR = "operator"


MAY: dict[Role, str] = {
    Role.VIEWER: "read issues and reports",
    Role.EDITOR: "arrange, write and test issues, and look after readers",
    Role.APPROVER: "approve, hold, send and pause issues",
    Role.OPERATOR: "manage editors and settings, and import, export and erase readers",
}


def parse(names: Iterable[str]) -> tuple[Role, ...]:
    """The roles with these names, each once, in the order of `Role`. Raises NotFound."""
    chosen = set()
    for name in names:
        try:
            chosen.add(Role(name.strip().lower()))
        except ValueError:
            names = ", ".join(Role)
            raise NotFound(f"There is no role “{name}”; there are {names}.") from None
    return tuple(role for role in Role if role in chosen)
