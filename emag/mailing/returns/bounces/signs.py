"""Whether a mail without a report inside is a bounce: who wrote it, its subject, its words."""

import re

from emag.mailing.returns.bounces import automatic, fields, speech, status
from emag.mailing.returns.bounces.original import Told
from emag.mailing.returns.bounces.parts import Mail
from emag.mailing.returns.bounces.phrases import any_of

_ENOUGH = 3

_DAEMON = any_of(
    r"""
    mailer[-_. ]?daemon|post_?master|mail[-_. ]delivery|delivery (?:sub)?system
    double-bounce|mail(?:er)? (?:delivery )?(?:sub)?system|system administrator|<>
    (?:^|[<\s\"])(?:bounces?|mmdf|smtpd?|uucp|majordomo)@
    """
)
_SUBJECT = any_of(
    r"""
    undeliver|un-deliver|failure notice|mail error|returned mail|(?:user|host) unknown|delayed
    deliver\w*[ :_-]{0,3}(?:\w+[ :_-]{0,3}){0,3}(?:fail|error|problem|status|notif|delay|report)
    (?:fail|error|return|bounce|reject|non-?delivery|mail)\w*[ :]{1,3}(?:\w+[ :]{1,2}){0,3}<what>
    could not be delivered|warning: (?:message|could not)|\bloop\b|not (?:a )?member
    unzustellbar|nicht zugestellt|fehler|non[ -]?remis|échec|no entregado|non recapit
    onbestelbaar|не доставлен|недоставлен|退信|失败|エラー
    """,
    what=r"(?:deliver|mail|message|notice|to sender|notification|error)",
)
_ANSWER = re.compile(r"^\s*(?:re|aw|sv|fwd?|wg|antw|r[ée]f)\s*:", re.IGNORECASE)
_ARRIVED = any_of(
    r"""
    (?:was|were|been|is) (?:successfully )?delivered(?: successfully)?\b|successfully delivered
    successful delivery|delivery (?:was )?successful|relayed to
    """
)
_NOT = re.compile(r"\b(?:not|n't|never|cannot|unable|fail|error)", re.IGNORECASE)


def weight(text: str) -> int:
    """How strongly a text says that a mail did not arrive: 0, 1 or 2."""
    text = " ".join(text.split())
    return 2 if speech.UNDELIVERED.search(text) else int(bool(speech.FAILING.search(text)))


def is_bounce(mail: Mail, told: Told, text: str) -> bool:
    """Weighs the signs. A person's words alone, however sad, are none."""
    head = mail.fields
    subject = fields.decoded(head.get("subject"))
    by_machine = _by_machine(mail)
    if automatic.is_challenge(text) or (not by_machine and automatic.is_automatic(mail, text)):
        return False
    named = 2 * bool(_SUBJECT.search(subject))
    # Our own mark stands in every answer to a mail of ours: a person's is never taken for a report.
    is_answer = bool(_ANSWER.match(subject))
    if head and not by_machine and (is_answer or not (named or "auto-submitted" in head)):
        return False
    says = weight(text) + bool(status.reply(text) or status.telling(text))
    if not says and not named:
        return False
    signs = by_machine + named
    signs += says
    signs += bool(told.returned) or not head  # a bare text was brought here for what it says
    return signs >= _ENOUGH


def _by_machine(mail: Mail) -> int:
    head = mail.fields
    kind = head.get("content-type").replace('"', "").lower()
    return (
        3 * ("x-failed-recipients" in head)
        + 2 * bool(_DAEMON.search(fields.decoded(head.get("from"))))
        + 2 * ("report-type=delivery-status" in kind)
        + (head.get("return-path") == "<>")
    )


def has_arrived(text: str) -> bool:
    """True for a notice of success."""
    return bool(_ARRIVED.search(text)) and not _NOT.search(text)


def is_waiting(text: str, subject: str) -> bool:
    """True for a warning that it takes longer."""
    said = f"{subject}\n{text}"
    return bool(speech.WAITING.search(said)) and not speech.GIVEN_UP.search(said)
