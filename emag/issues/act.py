"""An act: one recorded change of an issue, and whether it can be taken back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActKind(StrEnum):
    """What a person, or emag itself, did to an issue."""

    PICK = "pick"
    DROP = "drop"  # out for good
    HOLD = "hold"  # out of this issue, back in the next
    MOVE = "move"
    WORDS = "words"
    FEATURE = "feature"
    SUBJECT = "subject"
    PREHEADER = "preheader"
    NOTE = "note"
    PROMO = "promo"
    CORRECT = "correct"  # of the archive's copy, after the issue has left
    TIME = "time"
    STATUS = "status"  # a step of the life: submitted, approved, held …
    UNDO = "undo"
    REDO = "redo"


NOW = "now"  # the detail of a change of time by somebody who had the issue sent at once
TYPING = "typing "  # begins the detail of a text that saved itself while somebody wrote it
PROGRAM = "emag"  # who acts where the program changes an issue by itself

# A step of an issue's life has a way back of its own, and taking back is taken back by the other.
IRREVERSIBLE = frozenset({ActKind.STATUS, ActKind.UNDO, ActKind.REDO})


@dataclass(frozen=True, slots=True)
class Act:
    """One change of one thing.

    `target` names the thing: “subject”, “story 12”, “story 12 title”. `before` and `after` are its
    values as text; None means that the issue says nothing of its own. `reverses` is the act that
    an undo or redo is about.
    """

    id: int
    at: datetime
    by: str
    kind: ActKind
    target: str
    before: str | None
    after: str | None
    reverses: int | None = None
    detail: str = ""  # of a story: the place that its rank meant, from 1; of a text: see TYPING


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an act cannot be taken back or done again: `rival` changed the same thing since."""

    act: Act | None = None
    rival: Act | None = None


def undone(acts: Iterable[Act]) -> set[int]:
    """The numbers of the acts that are taken back. `acts` are all of an issue, oldest first."""
    numbers: set[int] = set()
    for act in acts:
        if act.reverses is not None and act.kind is ActKind.UNDO:
            numbers.add(act.reverses)
        elif act.reverses is not None and act.kind is ActKind.REDO:
            numbers.discard(act.reverses)
    return numbers


def standing(acts: Sequence[Act]) -> list[Act]:
    """The changes that stand, oldest first."""
    gone_back = undone(acts)
    return [act for act in acts if act.kind not in IRREVERSIBLE and act.id not in gone_back]


def last_author(acts: Sequence[Act]) -> str:
    """The person who made the newest change of the content that stands; "" without any."""
    content = [a for a in standing(acts) if a.kind is not ActKind.TIME and a.by != PROGRAM]
    return content[-1].by if content else ""


def to_undo(
    acts: Sequence[Act], number: int | None = None, *, besides: Collection[int] = ()
) -> Act | Refusal:
    """The act to take back: number `number`, or the newest one that can be taken back.

    `besides` are the numbers of acts that something outside of the issue keeps.
    """
    candidates = [a for a in standing(acts) if number in {None, a.id} and a.id not in besides]
    answers = [_unless_changed(acts, act) for act in reversed(candidates)]
    possible = (answer for answer in answers if isinstance(answer, Act))
    return next(possible, answers[0] if answers else Refusal())


def is_same_typing(act: Act, other: Act | Refusal) -> bool:
    """True if both belong to one uninterrupted writing of a text, which is taken back as one."""
    if isinstance(other, Refusal) or not act.detail.startswith(TYPING):
        return False
    return (act.target, act.by, act.detail) == (other.target, other.by, other.detail)


def to_redo(acts: Sequence[Act], number: int | None = None) -> Act | Refusal:
    """The act to do again: number `number`, or the one that was taken back last."""
    gone_back = undone(acts)
    taken_back = [act.reverses for act in acts if act.kind is ActKind.UNDO]
    candidates = [n for n in taken_back if n in gone_back and number in {None, n}]
    if not candidates:
        return Refusal()
    act = next(act for act in acts if act.id == candidates[-1])
    return _unless_changed(acts, act)


def can_follow(current: str | None, expected: str | None, based_on: str | None) -> bool:
    """True where a text may be written that was based on `based_on`, and not on `current`.

    The same new text twice is no conflict.
    """
    return current in {based_on, expected}


def _unless_changed(acts: Sequence[Act], act: Act) -> Act | Refusal:
    """The act, unless the thing it changed has another value than the act needs."""
    same = [other for other in acts if other.target == act.target]
    later = [other for other in standing(same) if other.id > act.id]
    if later:
        return Refusal(act, later[-1])
    needed = act.before if act.id in undone(acts) else act.after
    return act if same[-1].after == needed else Refusal(act, same[-1])
