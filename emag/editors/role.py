"""The roles of editors, and what each may do at the desk. A person may have several."""

from collections.abc import Iterable
from enum import StrEnum

from emag.errors import NotFound


class Role(StrEnum):
    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    OPERATOR = "operator"


class Permission(StrEnum):
    """One kind of thing that somebody may do at the desk."""

    READ = "read"  # issues and reports
    ARRANGE = "arrange"  # what an issue holds and says; promos, sources
    TEST = "test"  # test copies, and asking for changes
    READERS = "readers"  # find, add and unsubscribe readers
    APPROVE = "approve"  # approve, hold, pause, resume, cancel
    SEND = "send"  # now
    PEOPLE = "people"  # invite and remove editors
    SETTINGS = "settings"
    DATA = "data"  # import, export and erase readers


MAY: dict[Role, str] = {
    Role.VIEWER: "read issues and reports",
    Role.EDITOR: "arrange, write and test issues, and look after readers",
    Role.APPROVER: "approve, hold, send and pause issues",
    Role.OPERATOR: "manage editors and settings, and import, export and erase readers",
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.EDITOR: frozenset(
        {Permission.READ, Permission.ARRANGE, Permission.TEST, Permission.READERS}
    ),
    Role.APPROVER: frozenset(
        {Permission.READ, Permission.TEST, Permission.APPROVE, Permission.SEND}
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.READ,
            Permission.READERS,
            Permission.PEOPLE,
            Permission.SETTINGS,
            Permission.DATA,
        }
    ),
}


def permissions(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that a person with these roles may do."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


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
