"""Whether a job is over: by its date, by its source's words, or by what its page answers."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser

from emag.content.events import event
from emag.content.pages.page import PageAnswer
from emag.content.story import Kind, Story

_JOB = (
    r"(?:job|vacancy|position|role|post|posting|advert|advertisement|listing|opportunity|opening)"
)
_OVER = r"(?:closed|filled|expired|withdrawn)"
_THIS_JOB = rf"\b(?:this|the) (?:\w+ )?{_JOB}(?: ad| advert)?"
_SOUGHT = r"(?: (?:that )?you (?:are|were|have) [a-z ]{3,30})?"
_PERFECT = "(?: now| already| since)?(?: been)?"
_GERMAN = (
    "(?:besetzt|vergeben|geschlossen|abgelaufen|nicht mehr (?:verfügbar|ausgeschrieben|online))"
)
_FRENCH = "(?:n['’]est plus (?:disponible|en ligne)|a expiré|est (?:expirée|pourvue|close))"
_SENTENCES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_THIS_JOB}{_SOUGHT} (?:has|is|was){_PERFECT} {_OVER}\b",
        rf"{_THIS_JOB}{_SOUGHT} is no longer (?:available|open|advertised|active|live|accepting)\b",
        rf"\bwe have (?:now |already )?filled (?:this|the) {_JOB}\b",
        r"\bthe closing date (?:for (?:this|the) [a-z ]{3,30})?(?: ?has|is)(?: now)? passed\b",
        r"\bmae['’]r dyddiad cau (?:bellach )?wedi (?:mynd heibio|pasio)\b",
        r"\b(?:we are |is )?no longer accepting applications\b",
        rf"\bapplications?(?: for this \w+)? (?:have|has|are|is){_PERFECT} closed\b",
        rf"\bdiese (?:stelle|position|ausschreibung) ist (?:bereits |nun |leider )?{_GERMAN}",
        rf"\bcette (?:offre|annonce) {_FRENCH}",
        r"\bce poste (?:est|a été) (?:désormais |déjà )?pourvu\b",
        r"\bmae['’]r swydd (?:hon|wag hon) (?:bellach )?(?:wedi cau|wedi['’]i llenwi)",
    )
]
_WHOLE = re.compile(
    rf"(?:now )?(?:{_JOB} |applications? )?(?:now )?{_OVER}|{_OVER}|stelle besetzt|poste pourvu",
    re.IGNORECASE,
)
_MARK = re.compile(
    rf"[\[(*]\s*(?:now |position )?{_OVER}\s*[\])*]|^(?:now )?{_OVER}\s*[:–—|-]\s|"
    rf"\s[:–—|-]\s*(?:now )?{_OVER}$",
    re.IGNORECASE,
)
# What may happen one day has not happened: “if this vacancy has closed …”.
_MAYBE = re.compile(
    r"\b(?:if|once|when|whether|until|unless|before|after|as soon as|in case|may|might|will|should"
    r"|wenn|falls|sobald|si|lorsque|os|pan)\b",
    re.IGNORECASE,
)
CANCELLED = "cancelled"  # of an event
PAST = "over: it took place on"  # of an event, with its last day
WITHDRAWN = "no longer in its calendar"  # of an event
UNANNOUNCED = "no longer announced by its source"  # of an event of a feed or page
_EVENT_CANCELLED = re.compile(
    r"\b(?:this|the) (?:event|talk|workshop|session|meeting|concert|course|webinar|show|walk)"
    r" (?:has been|is|was|had to be)(?: now| unfortunately)? (?:cancelled|canceled|called off"
    r"|postponed)\b|\bmae['’]r digwyddiad (?:hwn )?wedi(?: ei)? (?:ganslo|ohirio)",
    re.IGNORECASE,
)
_LONGEST_LABEL = 40  # characters


def reason(story: Story, page: str, at: date) -> str:
    """Why a job or an event is over by `at`, as it follows “it is …”; "" while it is open.

    `at` is a day, or a moment in the publication's time zone. `page` is what the pool knows of it
    beside its story: what `of_page` said of a job's page, or `WITHDRAWN`.
    """
    if story.kind is Kind.EVENT:
        return CANCELLED if story.cancelled else page or past(story, at)
    if story.kind is not Kind.JOB:
        return ""
    vacancy = story.vacancy
    if vacancy and vacancy.closes and vacancy.closed(at):
        return f"closed on {_last_moment(vacancy.closes, vacancy.closes_at, at)}"
    return of_source(story) or page


def past(story: Story, at: date) -> str:
    """“over: it took place on 2 December”, for an event that is over by `at`; else ""."""
    if story.kind is not Kind.EVENT or story.starts is None:
        return ""
    zone = (at.tzinfo if isinstance(at, datetime) else None) or UTC
    if not event.is_over(story.starts, story.ends, at=at, zone=zone):
        return ""
    day = (story.ends or story.starts).astimezone(zone)
    return f"{PAST} {day.day} {day:%B}"


def _last_moment(day: date, closes_at: datetime | None, at: date) -> str:
    """“8 March”, or “8 March at 12:00” where a time is named, in the time zone of `at`."""
    if closes_at is None:
        return f"{day.day} {day:%B}"
    local = closes_at.astimezone(at.tzinfo) if isinstance(at, datetime) else closes_at
    return f"{local.day} {local:%B at %H:%M}"


def of_source(story: Story) -> str:
    """Why the source's own words close a job; "" if they do not."""
    if mark := _MARK.search(story.title):
        return f"closed: its source says “{_tidy(mark[0])}”"
    texts = (story.summary, _visible_text(story.body))
    words = next((words for text in texts if (words := _closing_words(text, labels=True))), "")
    return f"closed: its source says “{words}”" if words else ""


def of_page(answer: PageAnswer) -> str:
    """Why a job's page closes it; "" if the page is there and says nothing of the kind."""
    if answer.is_gone:
        return f"closed: its page is gone (HTTP {answer.status})"
    words = _closing_words(_visible_text(answer.text), labels=False)
    return f"closed: its page says “{words}”" if words else ""


def of_post(answer: PageAnswer) -> str:
    """Why a post is over: its page is gone, whatever words stand on it; "" otherwise."""
    return f"without a page (HTTP {answer.status})" if answer.is_gone else ""


def of_event(answer: PageAnswer) -> str:
    """Why an event is off: its page is gone, or says that it is cancelled; "" otherwise."""
    if answer.is_gone:
        return UNANNOUNCED
    lines = _sentences(_visible_text(answer.text))
    matches = ((line, _EVENT_CANCELLED.search(line)) for line in lines)
    is_off = any(match and not _MAYBE.search(line[: match.start()]) for line, match in matches)
    return CANCELLED if is_off else ""


def _closing_words(text: str, *, labels: bool) -> str:
    """The words that say that a job is over. A label is a line that says nothing else."""
    for line in _sentences(text):
        if labels and len(line) <= _LONGEST_LABEL and _WHOLE.fullmatch(line.strip(" .!*")):
            return _tidy(line)
        for pattern in _SENTENCES:
            match = pattern.search(line)
            if match and not _MAYBE.search(line[: match.start()]):
                return _tidy(match[0])
    return ""


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.!?])\s|[\n|]+", text):
        if line := " ".join(sentence.split()):
            yield line


def _tidy(words: str) -> str:
    return " ".join(words.split()).strip(" .!:–—|-*[]()")


def _visible_text(markup: str) -> str:
    """The text that a reader sees, one block a line."""
    reader = _ShownText()
    reader.feed(markup)
    reader.close()
    return "".join(reader.pieces)


_VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    }
)
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "em",
        "i",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
    }
)
_UNSEEN = frozenset({"script", "style", "template", "noscript", "select", "svg"})


class _ShownText(HTMLParser):
    """Collects text outside of scripts, templates and hidden elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden: list[str] = []  # the open elements from the hidden one inwards

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INLINE:
            self.pieces.append("\n")
        if tag in _VOID:
            return
        if self._hidden or tag in _UNSEEN or _is_hidden(dict(attrs)):
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.pieces.append("\n")
        if tag in self._hidden:
            last = len(self._hidden) - 1 - self._hidden[::-1].index(tag)
            del self._hidden[last:]

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style
