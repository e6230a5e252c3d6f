"""Prepares the kickers of an issue: in the publication's case, none as its section's title."""

from dataclasses import replace

from emag.content.prose.kicker import says_more
from emag.issues.issue import Issue, Pick, Section


def with_kickers(issue: Issue, case: str) -> Issue:
    """The issue with its kickers as they are printed. `case` is the publication's setting."""
    return replace(issue, sections=tuple(_section(section, case) for section in issue.sections))


def _section(section: Section, case: str) -> Section:
    return replace(section, picks=tuple(_pick(pick, section.title, case) for pick in section.picks))


def _pick(pick: Pick, title: str, case: str) -> Pick:
    kicker = pick.story.kicker
    printed = _cased(kicker, case) if kicker and says_more(kicker, title) else ""
    return pick if printed == kicker else replace(pick, story=replace(pick.story, kicker=printed))


def _cased(text: str, case: str) -> str:
    """“crisis” as “Crisis” or “CRISIS”. Capitals of its own stay as they are."""
    if case == "upper":
        return text.upper()
    if case == "sentence" and text.islower():
        return text[0].upper() + text[1:]
    return text
