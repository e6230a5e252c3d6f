"""Writes the text fields of an issue that a form or a script sent, and says what was in the way."""

from dataclasses import asdict, dataclass

from emag.desk import edit, records, words
from emag.errors import TextConflict
from emag.issues.issue import Issue
from emag.issues.lines import Line
from emag.web.desk.access import DeskUser
from emag.web.desk.fields import SentField, TextField, field_of
from emag.web.desk.shell import Shell


@dataclass(frozen=True, slots=True)
class BothTexts:
    """What somebody wrote, and what another person wrote meanwhile."""

    field: str
    id: str
    by: str
    current: str  # the other person's
    is_own: bool  # that one is written by an editor; else it is automatic, or the source's
    wanted: str  # the one that was refused
    message: str

    def as_json(self) -> dict[str, object]:
        """For the page's script, to whose reader the texts are “yours” and “theirs”."""
        values = asdict(self)
        return values | {"theirs": self.current, "yours": self.wanted}


@dataclass(frozen=True, slots=True)
class TextWriter:
    """Somebody who writes in issue `number`."""

    shell: Shell
    user: DeskUser
    number: int

    @property
    def issue(self) -> Issue:
        """The issue as it is now. Raises NotFound."""
        return records.issue(self.shell.newsroom.database, self.number)

    def write(self, sent: SentField, *, typing: str = "") -> TextField:
        """Writes a field, unless nothing was changed, and returns it as it is then.

        Raises TextConflict, and WrongMove for a text that is not allowed there.
        """
        current = field_of(self.issue, sent)
        if not sent.is_changed:
            return current
        after = None if current.is_automatic(sent.text) else sent.text
        if not sent.line:
            self._write_words(sent, after, typing)
        elif after is None and sent.name != "note":
            self._reset(sent)
        else:
            self._write_line(sent, after or "", typing)
        return field_of(self.issue, sent)

    def both(self, sent: SentField, error: TextConflict) -> BothTexts:
        """Both texts of a conflict."""
        current = field_of(self.issue, sent)
        return BothTexts(
            sent.field, sent.id, error.author, current.text, current.is_own, sent.text, str(error)
        )

    def _reset(self, sent: SentField) -> None:
        room, user = self.shell.newsroom, self.user
        edit.reset(
            room.database,
            room.settings,
            self.number,
            [Line(sent.name)],
            now=user.now,
            by=user.name,
            based_on={sent.name: sent.based_on},
        )

    def _write_line(self, sent: SentField, text: str, typing: str) -> None:
        room, user = self.shell.newsroom, self.user
        edit.write(
            room.database,
            room.settings,
            self.number,
            now=user.now,
            by=user.name,
            based_on={sent.name: sent.based_on},
            typing=typing,
            **{sent.name: text},
        )

    def _write_words(self, sent: SentField, after: str | None, typing: str) -> None:
        room, user = self.shell.newsroom, self.user
        words.write(
            room.database,
            room.settings,
            self.number,
            sent.story,
            {sent.own_field: after},
            now=user.now,
            by=user.name,
            based_on={sent.own_field: sent.based_on},
            typing=typing,
        )
