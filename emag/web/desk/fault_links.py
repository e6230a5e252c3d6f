"""Leads from a fault of the pre-flight to the field of the desk that mends it."""

from collections.abc import Iterable

from emag.checks import Fault
from emag.desk import four_eyes
from emag.desk.look import REQUESTED
from emag.web.desk.access import DeskUser

_LINES = frozenset({"subject", "preheader", "note"})
_FIELDS = frozenset({"title", "summary", "by", "picture", "alt"})
# What only the settings or the publication's templates mend.
_OF_SETTINGS = frozenset(
    {
        *("client-css", "contrast", "domain", "headings", "postal-address", "slots"),
        *("text-part", "topics", "unsubscribe"),
    }
)


def alike(faults: Iterable[Fault]) -> list[list[Fault]]:
    """The faults, those that block first, with those of the same sentence together."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in sorted(faults, key=lambda fault: fault.severity):
        groups.setdefault((fault.severity, fault.message), []).append(fault)
    return list(groups.values())


def fault_link(number: int, fault: Fault, user: DeskUser) -> str:
    """The address of the field that mends a fault of issue `number`; "" where there is none.

    The fields of `/desk/issues/N` have these ids: `subject`, `preheader`, `note`, `story-ID`,
    `story-ID-title` and so on, which are there while the own words are open, `promo-ID`.
    """
    page = f"/desk/issues/{number}"
    if fault.rule == REQUESTED:
        return f"{page}/review#requests"
    if fault.target == "time":
        return f"{page}/review#leave_at"
    if fault.rule == four_eyes.RULE:
        return f"{page}/review#approve"
    if fragment := _fragment(fault.target):
        return f"{page}{fragment}"
    if fault.rule in _OF_SETTINGS:
        return "/desk/settings" if user.may("settings") else ""
    return page


def _fragment(target: str) -> str:
    kind, _, rest = target.partition(" ")
    identifier, _, field = rest.partition(" ")
    if kind in _LINES:
        return f"#{kind}"
    if kind == "words" and field in _FIELDS:
        return f"?words={identifier}#story-{identifier}-{field}"
    if kind in {"story", "words"}:
        return f"#story-{identifier}"
    return f"#promo-{identifier}" if kind == "promo" else ""
