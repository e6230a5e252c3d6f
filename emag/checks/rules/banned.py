"""Rule `banned`: no word is in the issue that the publication never prints.

`banned` in `[checks]` lists words or groups of words. They are found as whole words, in small or
capital letters, in the subject, the preheader, the note, the promos, and in titles, summaries and
alt texts of stories. To let no such word leave, set `block = ["banned"]`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.issues.issue import Pick

NAME = "banned"


def rule(proof: Proof) -> Iterator[Fault]:
    if not (words := proof.settings.checks.banned):
        return
    pattern = _pattern(words)
    for text, name, where, target in _texts(proof):
        for word in dict.fromkeys(match.casefold() for match in pattern.findall(text)):
            sentence = f"The {name} has “{word}”, which you do not print: say it in another way."
            yield Fault(NAME, "warn", sentence, where, target)


@lru_cache(maxsize=8)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    spaced = (r"\s+".join(map(re.escape, word.split())) for word in words)
    alternatives = "|".join(sorted(filter(None, spaced), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)


def _texts(proof: Proof) -> Iterator[tuple[str, str, str, str]]:
    """Each text with its name in a sentence, where it is, and what an editor changes."""
    issue = proof.issue
    yield proof.document.subject, "subject", "subject", "subject"
    yield proof.document.preheader, "preheader", "preheader", "preheader"
    yield issue.note, "note", "note", "note"
    for promo in issue.promos:
        text = f"{promo.title}\n{promo.text}\n{promo.button}\n{promo.alt}"
        yield text, "promo", promo.title, f"promo {promo.id}"
    for pick in issue.picks:
        yield from _of(pick)


def _of(pick: Pick) -> Iterator[tuple[str, str, str, str]]:
    story, words = pick.story, f"words {pick.candidate}"
    alt = story.picture.alt if story.picture else ""
    role = story.vacancy.role if story.vacancy else ""
    title = story.title if role in story.title else f"{story.title}\n{role}"
    yield title, "title", story.title, f"{words} title"
    yield story.summary, "summary", story.title, f"{words} summary"
    yield alt, "alt text", story.title, f"{words} alt"
