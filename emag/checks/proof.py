"""The input of the rules: the printed issue with its links and pictures."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from emag.checks.html_part import HtmlPart
from emag.checks.record import NOTHING, CheckRecord
from emag.content.story import Story
from emag.issues.issue import Issue
from emag.issues.words import Field
from emag.press.document import Document
from emag.press.printable import clean, web_link
from emag.settings import Settings

UNSUBSCRIBE = "[[unsubscribe_url]]"


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything a rule may examine.

    `document` and `html_part` have all topics and no marks; `printed` still has the marks of its
    topics. `record` is what earlier issues and the network say of the issue.
    """

    issue: Issue
    document: Document
    html_part: HtmlPart
    now: datetime
    settings: Settings
    printed: Document
    record: CheckRecord = NOTHING

    @property
    def send_day(self) -> date:
        """The date of sending in the publication's time zone."""
        return self.leaves_at.date()

    @property
    def leaves_at(self) -> datetime:
        """The time of sending in the publication's time zone."""
        at = max(self.issue.send_at or self.now, self.now)
        return at.astimezone(self.settings.publication.zone)

    def target_of_picture(self, src: str, field: Field) -> str:
        """What an editor changes to mend this picture: its address or its alt text."""
        urls = {p.url for p in self.issue.pictures if p.hash and f"/pictures/{p.hash}/" in src}
        for pick in self.issue.picks:
            url = pick.story.picture.url if pick.story.picture else ""
            if url in urls or src in _spellings(url):
                return f"words {pick.candidate} {field.value}"
        for promo in self.issue.promos:
            if promo.picture in urls or src in _spellings(promo.picture):
                return f"promo {promo.id}"
        return ""

    def target_of_link(self, href: str) -> str:
        """What an editor changes to mend this link, as acts name it; "" if it is not known."""
        for pick in self.issue.picks:
            if href in _spellings(pick.story.link):
                return pick.target
        for promo in self.issue.promos:
            if href in _spellings(promo.link) or (href and href in promo.text):
                return f"promo {promo.id}"
        return "note" if href and href in self.issue.note else ""


@lru_cache(maxsize=4096)  # every link is compared with those of all stories
def _spellings(address: str) -> frozenset[str]:
    """An address as its source and as the press writes it; none for an empty one."""
    return frozenset({address, web_link(address)} - {""})


def has_story(text: str, story: Story) -> bool:
    """True if the text contains the story's title, role or link."""
    return any(contains(text, name) for name in _names_of(story) if name)


def contains(text: str, words: str) -> bool:
    """True if the text contains the words, whatever their case, line ends and spaces."""
    return _folded(words) in _folded(text)


def _names_of(story: Story) -> tuple[str, ...]:
    role = story.vacancy.role if story.vacancy else ""
    return (story.title, role, story.link)


@lru_cache(maxsize=64)
def _folded(text: str) -> str:
    """Normalises case and white space, because the template wraps lines and prints capitals."""
    return " ".join(clean(text).split()).casefold()
