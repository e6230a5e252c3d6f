"""Rule `reading-age`: the texts are easy enough to read.

A remark on the note, on promos, on summaries that editors wrote, and on all summaries together.
The reading age is estimated from the length of sentences and words (Flesch and Kincaid's
formula), for publications in English only. Plain texts for the public have one of 9 to 14; the
rule speaks from 18. Shorter sentences help most.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.checks.readability import count_words, reading_age
from emag.issues.words import Field

NAME = "reading-age"
OLDEST = 18  # years
_FEWEST = 25  # words that an estimate needs


def rule(proof: Proof) -> Iterator[Fault]:
    if not proof.settings.publication.language.lower().startswith("en"):
        return
    issue = proof.issue
    yield from _judged(issue.note, "The note", "note", "note")
    for promo in issue.promos:
        yield from _judged(promo.text, "A promo", promo.title, f"promo {promo.id}")
    for pick in issue.picks:
        if Field.SUMMARY in pick.words:
            target = f"words {pick.candidate} {Field.SUMMARY.value}"
            yield from _judged(pick.story.summary, "A summary", pick.story.title, target)
    summaries = (pick.story.summary.strip().rstrip(".!?… ") for pick in issue.picks)
    together = ". ".join(filter(None, summaries))
    yield from _judged(f"{together}.", "The summaries together", "summaries", "")


def _judged(text: str, name: str, where: str, target: str) -> Iterator[Fault]:
    if count_words(text) < _FEWEST or (age := reading_age(text)) < OLDEST:
        return
    verb = "ask" if name.endswith("together") else "asks"
    yield Fault(
        NAME,
        "warn",
        f"{name} {verb} for a reading age of {age:.0f}: shorter sentences and commoner words help.",
        where,
        target,
    )
