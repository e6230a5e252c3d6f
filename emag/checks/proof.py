"""The input of the rules: the printed issue with its links and pictures."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from html.parser import HTMLParser

from emag.content.story import Story
from emag.issues.issue import Issue
from emag.issues.words import Field
from emag.press.document import Document
from emag.press.printable import clean, web_link
from emag.settings import Settings

UNSUBSCRIBE = "[[unsubscribe_url]]"
_WITHOUT_WORDS = frozenset({"style", "script", "title"})


@dataclass(frozen=True, slots=True)
class Link:
    """A link. `words` holds its text and the alt texts of its pictures."""

    href: str
    words: str
    line: int


@dataclass(frozen=True, slots=True)
class Image:
    """A picture. `alt` is None if the attribute is missing, "" for a decoration."""

    src: str
    alt: str | None
    line: int


@dataclass(frozen=True, slots=True)
class HtmlPart:
    """The links and pictures of the HTML part, without those in comments for Outlook."""

    links: tuple[Link, ...]
    images: tuple[Image, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything a rule may examine.

    `document` and `html_part` have all topics and no marks; `printed` still has the marks of its
    topics.
    """

    issue: Issue
    document: Document
    html_part: HtmlPart
    now: datetime
    settings: Settings
    printed: Document

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


class _Reader(HTMLParser):
    """Reads HTML tolerantly, as mail programs do: no markup is an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[Link] = []
        self.images: list[Image] = []
        self._open: list[tuple[str, int]] = []
        self._words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        line = self.getpos()[0]
        if tag in _WITHOUT_WORDS:
            self._silent += 1
        elif tag == "img":
            alt = (values["alt"] or "") if "alt" in values else None
            self.images.append(Image(values.get("src") or "", alt, line))
            self._words.append(alt or "")
        elif tag == "a" and "href" in values:
            self._close()
            self._open.append((values["href"] or "", line))
            self._words = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _WITHOUT_WORDS:
            self._silent -= 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _WITHOUT_WORDS:
            self._silent = max(0, self._silent - 1)
        elif tag == "a":
            self._close()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._words.append(data)

    def _close(self) -> None:
        """Ends the current link; one without an end tag ends where the next begins."""
        if self._open:
            href, line = self._open.pop()
            self.links.append(Link(href.strip(), " ".join("".join(self._words).split()), line))

    def close(self) -> None:
        super().close()
        self._close()


def _spellings(address: str) -> set[str]:
    """An address as its source and as the press writes it; none for an empty one."""
    return {address, web_link(address)} - {""}


@lru_cache(maxsize=64)  # an issue has up to 32 variants, one for each choice of topics
def read(html: str) -> HtmlPart:
    """Collects links and pictures; the result is cached for all rules."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return HtmlPart(tuple(reader.links), tuple(reader.images))


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
