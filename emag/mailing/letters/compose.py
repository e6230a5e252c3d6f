"""Makes the message of a letter."""

from collections.abc import Mapping
from datetime import datetime

from emag.mailing.copy import mail_merge
from emag.mailing.copy.mail_merge import MailMerge
from emag.mailing.copy.message import EncodedDocument, Letterhead, Message
from emag.press.compose import compose_mail
from emag.press.language import BRITISH, direction_of
from emag.press.words import words
from emag.settings import Settings
from subscribers.membership import CODE, NOTICE, Letter
from subscribers.roll import Reader
from subscribers.tokens import Keys


class LetterComposer:
    """Makes messages of letters. A kind of letter to readers is printed once for all of them."""

    def __init__(self, settings: Settings, keys: Keys, *, now: datetime) -> None:
        self._settings, self._keys, self._now = settings, keys, now
        self._merges: dict[str, MailMerge] = {}

    def message(self, letter: Letter) -> Message:
        """Raises PressError if the template of its kind cannot be printed."""
        is_notice = letter.kind in {NOTICE, CODE}
        return self._notice(letter) if is_notice else self._to_reader(letter)

    def _to_reader(self, letter: Letter) -> Message:
        if letter.kind not in self._merges:
            document = compose_mail(letter.kind, self._settings, {})
            self._merges[letter.kind] = mail_merge.of_letter(
                letter.kind, document, self._settings, self._keys
            )
        merge = self._merges[letter.kind]
        values = {**merge.links(letter.ref), **self._links(letter)}
        reader = Reader(letter.subscriber, letter.ref, letter.address, letter.name)
        # Numbers of letters and of deliveries overlap, so their marks have different purposes.
        mark = self._keys.short("confirm", letter.id)
        return merge.sealed(letter.id, reader, values, mark, now=self._now)

    def _links(self, letter: Letter) -> Mapping[str, str]:
        """The links of a letter that asks for an answer; the answer expires, an objection never."""
        base, expires = self._settings.base_url, self._now + self._settings.signup.confirm_within
        if letter.kind == "change":
            token = self._keys.sign("change", letter.ref, expires=expires)
            return {"confirm_url": f"{base}/confirm/{token}"}
        if letter.kind == "confirm":
            token = self._keys.sign("confirm", letter.ref, expires=expires)
            objection = self._keys.sign("not_me", letter.ref)
            return {
                "confirm_url": f"{base}/confirm/{token}",
                "not_me_url": f"{base}/not-me/{objection}",
            }
        return {}

    def _language_of(self, letter: Letter) -> str:
        """A code is in the desk's language; notices to editors are in English."""
        if letter.kind != CODE:
            return BRITISH
        return words(self._settings, desk=True).language_of("code_mail.code")

    def _notice(self, letter: Letter) -> Message:
        publication = self._settings.publication
        context = {"subject": letter.subject, "heading": letter.subject, "text": letter.text}
        letterhead = Letterhead(publication.sender, publication.title, publication.reply_to or "")
        language = self._language_of(letter)
        runs = {"language": language, "direction": direction_of(language)}
        document = compose_mail("notice", self._settings, context | runs)
        return Message(
            delivery=letter.id,
            sender=self._settings.bounce_address,
            recipient=letter.address,
            name=letter.name,
            encoded=EncodedDocument(document, letterhead, label="notice"),
            values={},
            mark=f"notice-{letter.id}-{int(letter.queued_at.timestamp())}",
            date=self._now,
        )
