"""Tells acts as sentences: who did what to an issue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from emag.issues import state, words
from emag.issues.act import IRREVERSIBLE, NOW, TYPING, Act, ActKind, undone
from emag.issues.correction import Correction
from emag.issues.issue import Move
from emag.issues.period import in_words
from emag.issues.placement import Placement
from emag.issues.promo import Promo, place_in_words

_STEPS = {
    Move.SUBMIT: "asked for approval",
    Move.APPROVE: "approved the issue",
    Move.REOPEN: "opened the issue again: it needs a new approval",
    Move.SEND: "started the sending",
    Move.PAUSE: "paused the sending",
    Move.RESUME: "resumed the sending",
    Move.FINISH: "finished the sending",
    Move.HOLD: "held the issue",
    Move.SKIP: "skipped the issue",
    Move.CANCEL: "cancelled the issue",
}


@dataclass(frozen=True, slots=True)
class ToldAct:
    """An act with what was done, without who did it.

    `can_be_undone` is false for steps of the issue's life.
    """

    act: Act
    deed: str
    is_undone: bool

    @property
    def sentence(self) -> str:
        return f"{self.act.by} {self.deed}"

    @property
    def can_be_undone(self) -> bool:
        return self.act.kind not in IRREVERSIBLE and not self.is_undone


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers in acts are called: titles of stories, headings of sections."""

    stories: Mapping[int, str]
    sections: Mapping[str, str]
    zone: ZoneInfo

    def story(self, number: int) -> str:
        return f"“{self.stories.get(number, f'story {number}')}”"

    def section(self, name: str) -> str:
        return self.sections.get(name) or name

    def time(self, iso: str) -> str:
        return in_words(datetime.fromisoformat(iso), self.zone)


def tell(acts: Sequence[Act], names: Names) -> list[ToldAct]:
    """Every act of an issue with its sentence, oldest first."""
    gone_back = undone(acts)
    by_number = {act.id: act for act in acts}
    return [ToldAct(act, _deed(act, by_number, names), act.id in gone_back) for act in acts]


@dataclass(frozen=True, slots=True)
class NetChange:
    """What became of one thing between two acts. `by` changed it last."""

    by: str
    at: datetime
    deed: str


def compare(acts: Sequence[Act], names: Names, *, start: int, end: int) -> list[NetChange]:
    """What differs after act `end` from what there was after act `start`.

    `acts` are all of an issue. What was changed and changed back is left out.
    """
    by_target: dict[str, list[Act]] = {}
    for act in acts:
        if start < act.id <= end and act.kind is not ActKind.STATUS:
            by_target.setdefault(act.target, []).append(act)
    ordered = sorted(by_target.values(), key=lambda same: same[-1].id)
    changed = [same for same in ordered if same[0].before != same[-1].after]
    return [_net(same, acts, names) for same in changed]


def _net(same: Sequence[Act], acts: Sequence[Act], names: Names) -> NetChange:
    """Many changes of one thing, told as one."""
    first, last = same[0], same[-1]
    # An undo says nothing of how the value came to be: an earlier act does.
    origins = [
        act
        for act in acts
        if act.target == last.target and act.after == last.after and act.kind not in IRREVERSIBLE
    ]
    origin = origins[-1] if origins else replace(last, kind=ActKind.PICK)
    net = replace(origin, before=first.before, after=last.after, by=last.by, reverses=None)
    return NetChange(last.by, last.at, _deed(net, {}, names))


def folded(entries: Sequence[ToldAct]) -> list[ToldAct]:
    """The acts with one entry for a text that saved itself again and again while it was written.

    It is the last one, which has the whole text; so has the first of those that took it back.
    """
    runs = (list(run) for _, run in groupby(entries, key=_run))
    return [
        replace(run[-1], deed=run[0].deed) if run[0].act.kind is ActKind.UNDO else run[-1]
        for run in runs
    ]


def _run(entry: ToldAct) -> tuple[object, ...]:
    act = entry.act
    if act.detail.startswith(TYPING):
        return (act.kind, act.target, act.by, act.detail)
    return (act.id,)


def stories_in(acts: Sequence[Act]) -> set[int]:
    """The numbers of all stories that acts name."""
    targets = (act.target.split() for act in acts)
    numbers = {int(words[1]) for words in targets if words[0] in {"story", "words"}}
    features = (value for a in acts if a.target == state.FEATURE for value in (a.before, a.after))
    return numbers | {int(value) for value in features if value}


def _deed(act: Act, by_number: Mapping[int, Act], names: Names) -> str:
    """What was done, without who."""
    if act.reverses is not None:
        other = by_number[act.reverses]
        verb = "took back" if act.kind is ActKind.UNDO else "did again"
        change = "their own change" if other.by == act.by else f"{other.by}'s change"
        return f"{verb} {change}: {_change(other, names)}"
    return _change(act, names)


def _change(act: Act, names: Names) -> str:
    kind, _, rest = act.target.partition(" ")
    return _TELLERS[kind](act, rest, names)


def _of_line(act: Act, _: str, __: Names) -> str:
    if act.after is None:
        return f"went back to the automatic {act.target}"
    return f"wrote the {act.target} “{act.after}”"


def _of_note(act: Act, _: str, __: Names) -> str:
    if act.after is None:
        return "removed the note"
    return "wrote the note" if act.before is None else "changed the note"


def _of_feature(act: Act, _: str, names: Names) -> str:
    if act.after is None:
        return "left the job of the week to the source"
    return f"made {names.story(int(act.after))} the job of the week"


def _of_time(act: Act, _: str, names: Names) -> str:
    if act.after is None:
        return "took the time of sending away"
    if act.detail == NOW:
        return "had the issue sent at once"
    return f"set the sending to {names.time(act.after)}"


def _of_story(act: Act, rest: str, names: Names) -> str:
    title = names.story(int(rest))
    if act.kind is ActKind.DROP:
        return f"dropped {title}" + (f": {act.detail}" if act.detail else "")
    if act.kind is ActKind.HOLD:
        return f"held {title} for the next issue"
    if act.after is None:
        return f"took {title} out"
    place = Placement.read(act.after)
    verb = "moved" if act.kind is ActKind.MOVE else "put"
    joint = "to" if act.kind is ActKind.MOVE else "in at"
    return f"{verb} {title} {joint} place {act.detail} of {names.section(place.section)}"


def _of_words(act: Act, rest: str, names: Names) -> str:
    number, _, name = rest.partition(" ")
    field, title = words.Field(name), names.story(int(number))
    if act.after is None:
        return f"went back to the source's {words.spoken(field)} of {title}"
    if field is words.Field.PICTURE and act.after == words.NO_PICTURE:
        return f"took the picture of {title} away"
    if field is words.Field.FOCUS:
        places = {percents: f"the {name}" for name, percents in words.PLACES.items()}
        return f"moved the crop of {title}'s picture to {places.get(act.after, act.after)}"
    return f"wrote the {words.spoken(field)} of {title}: “{act.after}”"


def _of_promo(act: Act, _: str, __: Names) -> str:
    text = act.after or act.before
    assert text is not None  # every act changes something
    promo = Promo.read(text)
    if act.after is None:
        return f"took the promo “{promo.title}” out"
    if act.before is None:
        return f"booked the promo “{promo.title}” {place_in_words(promo.place)}"
    if promo.place != Promo.read(act.before).place:
        return f"moved the promo “{promo.title}” {place_in_words(promo.place)}"
    return f"changed the promo “{promo.title}”"


def _of_correction(act: Act, _: str, __: Names) -> str:
    text = act.after or act.before
    assert text is not None  # every act changes something
    return f"corrected the archive's copy: “{Correction.read(text).note}”"


def _of_status(act: Act, rest: str, _names: Names) -> str:
    return _STEPS[Move(rest)] + (f": {act.detail}" if act.detail else "")


_TELLERS: Mapping[str, Callable[[Act, str, Names], str]] = {
    state.SUBJECT: _of_line,
    state.PREHEADER: _of_line,
    state.NOTE: _of_note,
    state.FEATURE: _of_feature,
    state.TIME: _of_time,
    "story": _of_story,
    "words": _of_words,
    "promo": _of_promo,
    state.CORRECTION: _of_correction,
    "status": _of_status,
}
