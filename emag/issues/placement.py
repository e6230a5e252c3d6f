"""Where a story stands in an issue, and why: the value that acts of a story change."""

import json
from dataclasses import asdict, dataclass

from emag.issues.recipe import Because, Verdict


@dataclass(frozen=True, slots=True)
class Placement:
    """In a section at a rank (emag/issues/rank.py), or out; `reason` says why."""

    section: str
    rank: str  # "" for a story that is out
    because: Because
    reason: str
    final: bool = False  # no later issue considers it
    turn: int = 0  # how many issues had the story before, when it was picked

    @property
    def is_in(self) -> bool:
        return self.rank != ""

    def verdict(self, candidate: int) -> Verdict:
        """The same as the verdict on a candidate."""
        return Verdict(candidate, self.section, self.is_in, self.reason, self.because, self.final)

    def written(self) -> str:
        """As text, equal for equal placements."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Placement":
        """The placement that `written` wrote."""
        values = json.loads(text)
        return cls(**values | {"because": Because(values["because"])})
