"""The sections of an open issue: those of the settings, in their order."""

from dataclasses import replace

from emag.issues.issue import Issue, Section
from emag.settings import Settings


def in_order(issue: Issue, settings: Settings) -> Issue:
    """The issue with the sections of the settings, in their order and with their titles.

    A section that the settings no longer have stays, at the end, while it holds a story.
    """
    by_name = {section.name: section for section in issue.sections}
    names = {section.name for section in settings.sections}
    wanted = [
        replace(by_name.get(s.name, Section(s.name, s.title)), title=s.title)
        for s in settings.sections
    ]
    left = [section for section in issue.sections if section.name not in names and section.picks]
    return replace(issue, sections=(*wanted, *left))
