"""Says the sentences of verbs in the desk's language.

Verbs answer in English, and much of what they say is kept for years: reasons, acts, what a source
answered. So a sentence is recognised by its English pattern, and said by the text that has the same
key in the desk's language. What has no pattern stays as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from emag.press.words import Words

PREFIX = "sentence."  # of the keys of all patterns
NESTED = "_phrase"  # ends the name of a slot that may hold a phrase of its own
MOST_JOINTS = 20  # of a text that a stranger may have written
REQUIRED = "_clause"  # ends the name of a slot that must hold one
_DID = f"{PREFIX}acts.did"

_SLOT = re.compile(r"\{(\w+)\}")
_JOINT = re.compile(r"(; | — |(?<=[.)]) (?=[A-Z“(]))")
_MONTHS = [f"{date(2026, month, 1):%B}" for month in range(1, 13)]
_WEEKDAYS = [f"{date(2026, 1, day):%A}" for day in range(5, 12)]  # the 5th is a Monday
_DAY = re.compile(
    rf"(?:({'|'.join(_WEEKDAYS)})(?: |$))?(?:(\d\d?) ({'|'.join(_MONTHS)})( \d{{4}})?)?"
)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """An English text. `landmark` is its longest fixed part, which is quickly looked for."""

    key: str
    landmark: str
    whole: re.Pattern[str]


class Phrasebook:
    """Call it with a sentence of a verb. `english` are the shipped English texts."""

    def __init__(self, english: Mapping[str, str], words: Words) -> None:
        self._words = words
        texts = {
            key: text
            for key, text in english.items()
            if key.startswith(PREFIX) and key != _DID and words.texts[key] != text
        }
        # The more of a text is fixed, the surer it is.
        fixed = sorted(texts, key=lambda key: len(_SLOT.sub("", texts[key])), reverse=True)
        self._patterns = [_pattern(key, texts[key]) for key in fixed]
        self._keys = {text: key for key, text in texts.items() if not _SLOT.search(text)}

    def __call__(self, sentence: str) -> str:
        """The sentence in the desk's language, or as it is where nothing recognises it."""
        if not self._patterns:
            return sentence
        return self._whole(sentence) or self._in_parts(sentence)

    def knows(self, sentence: str) -> bool:
        """True if the desk has a text of its own for the whole sentence."""
        return bool(self._whole(sentence))

    def act(self, person: str, deed: str) -> str:
        """“Ann moved …”: what somebody did to an issue."""
        return self._words(_DID, by=self(person), deed=self(deed))

    def _whole(self, sentence: str) -> str:
        """The text for exactly this sentence; "" for one that is not known."""
        if key := self._keys.get(sentence):
            return self._words.texts[key]
        for pattern in self._patterns:
            if pattern.landmark in sentence and (match := pattern.whole.fullmatch(sentence)):
                values = {name: self._value(name, text) for name, text in match.groupdict().items()}
                if all(values.values()):
                    return self._words(pattern.key, **values)
        return self._day(sentence)

    def _in_parts(self, text: str) -> str:
        """Several sentences in a row, each as far as it is known."""
        joints = list(_JOINT.finditer(text))
        if not 0 < len(joints) <= MOST_JOINTS:
            return text
        for joint in reversed(joints):  # a title may hold what looks like a joint
            if first := self._whole(text[: joint.start()]):
                return first + joint[0] + self(text[joint.end() :])
        return text[: joints[0].end()] + self(text[joints[0].end() :])

    def _value(self, slot: str, text: str) -> str:
        """What stands in a slot; "" where it had to be a phrase and is none."""
        if slot.endswith(REQUIRED):
            return self._whole(text)
        return self(text) if slot.endswith(NESTED) else text

    def _day(self, text: str) -> str:
        """“Friday 6 March” or a part of it in the desk's language; "" for anything else."""
        match = _DAY.fullmatch(text)
        if match is None or not text:
            return ""
        weekday, day, month, year = match.groups()
        dates = self._words.dates
        names = (
            dates.weekday_name(date(2026, 1, 5 + _WEEKDAYS.index(weekday))) if weekday else "",
            day or "",
            dates.month_name(date(2026, 1 + _MONTHS.index(month), 1)) if month else "",
            (year or "").strip(),
        )
        return " ".join(filter(None, names))


def _pattern(key: str, text: str) -> _Pattern:
    pieces = _SLOT.split(text)  # fixed text and names of slots in turn
    regex, named = "", set[str]()
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            regex += re.escape(piece)
        else:
            regex += f"(?P={piece})" if piece in named else f"(?P<{piece}>.+?)"
            named.add(piece)
    return _Pattern(key, max(pieces[::2], key=len), re.compile(regex, re.DOTALL))
