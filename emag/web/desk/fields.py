"""The text fields of an issue's page: as a form sends them, and as the issue has them now."""

from dataclasses import dataclass

from emag.errors import NotFound
from emag.issues.issue import Issue, Pick
from emag.issues.words import Field, of_source, tidy

LINES = ("subject", "preheader", "note")


@dataclass(frozen=True, slots=True)
class SentField:
    """A field that somebody sent: the text, and the one that they saw before they wrote.

    `was_own` says that an editor had written what they saw; else it was automatic, or the source's.
    """

    field: str  # “subject”, or a story's number and a name: “12 title”
    text: str
    seen_text: str
    was_own: bool

    @classmethod
    def read(cls, field: str, text: str, seen_text: str, is_own: str) -> "SentField":
        """Raises NotFound for a field that there is not."""
        sent = cls(field, _lines(text), _lines(seen_text), is_own == "1")
        if not sent.line:
            number, _, name = field.partition(" ")
            is_story = number.isascii() and number.isdecimal() and len(number) <= len("999999999")
            if not is_story or name not in {*Field}:
                raise NotFound(f"There is no field “{field}”.")
        return sent

    @property
    def line(self) -> bool:
        """True for a field of the issue, false for one of a story."""
        return self.field in LINES

    @property
    def name(self) -> str:
        return self.field if self.line else self.own_field.value

    @property
    def story(self) -> int:
        """The number of the story; 0 for a field of the issue."""
        return 0 if self.line else int(self.field.partition(" ")[0])

    @property
    def own_field(self) -> Field:
        return Field(self.field.partition(" ")[2])

    @property
    def id(self) -> str:
        """The id of the field on the page."""
        return self.field if self.line else f"story-{self.story}-{self.own_field.value}"

    @property
    def is_changed(self) -> bool:
        return self.text != self.seen_text

    @property
    def based_on(self) -> str | None:
        """What the issue said of its own when the page was shown, as acts have it."""
        if self.field == "note":
            return self.seen_text or None
        return self.seen_text if self.was_own else None


@dataclass(frozen=True, slots=True)
class TextField:
    """A field as the issue has it now. `source` is what is there while nobody writes one."""

    text: str
    is_own: bool
    source: str | None  # None for a line: the automatic one follows the picks

    def is_automatic(self, text: str) -> bool:
        """True for a text that says no more than the automatic one, or the source's."""
        return text.strip() == "" if self.source is None else text.strip() == self.source.strip()


def field_of(issue: Issue, sent: SentField) -> TextField:
    """The field of the issue that somebody sent. Raises NotFound for a story that is not in it."""
    if sent.field == "subject":
        return TextField(issue.subject, issue.subject_is_written, None)
    if sent.field == "preheader":
        return TextField(issue.preheader, issue.preheader_is_written, None)
    if sent.field == "note":
        return TextField(issue.note, bool(issue.note), None)
    return _of_story(_pick(issue, sent.story), sent.own_field)


def _of_story(pick: Pick, field: Field) -> TextField:
    source = tidy(field, of_source(pick.source or pick.story, field))
    return TextField(pick.words.get(field, source), field in pick.words, source)


def _pick(issue: Issue, story: int) -> Pick:
    for pick in issue.picks:
        if pick.candidate == story:
            return pick
    raise NotFound(f"Story {story} is not in issue {issue.number}.")


def _lines(text: str) -> str:
    """The text with the line ends that the issue keeps: forms send others."""
    return text.replace("\r\n", "\n")
