"""Detects bounces that hold no report, by their sender, subject and words."""

import re

from emag.mailing.refusal import codes
from emag.mailing.refusal.phrases import any_of
from emag.mailing.returns.bounces import autoreply, fields, notice_phrases
from emag.mailing.returns.bounces.mime_parts import ParsedMail
from emag.mailing.returns.bounces.sections import Sections

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
    (?:fail|error|return|bounce|reject|non-?delivery|mail)\w*[ :]{1,3}(?:\w+[ :]{1,2}){0,3}<noun>
    could not be delivered|warning: (?:message|could not)|\bloop\b|not (?:a )?member
    unzustellbar|nicht zugestellt|fehler|non[ -]?remis|échec|no entregado|non recapit
    onbestelbaar|не доставлен|недоставлен|退信|失败|エラー
    """,
    noun=r"(?:deliver|mail|message|notice|to sender|notification|error)",
)
_ANSWER = re.compile(r"^\s*(?:re|aw|sv|fwd?|wg|antw|r[ée]f)\s*:", re.IGNORECASE)
_DELIVERED = any_of(
    r"""
    (?:was|were|been|is) (?:successfully )?delivered(?: successfully)?\b|successfully delivered
    successful delivery|delivery (?:was )?successful|relayed to
    """
)
_NOT = re.compile(r"\b(?:not|n't|never|cannot|unable|fail|error)", re.IGNORECASE)


def failure_weight(text: str) -> int:
    """How clearly a text says that a mail was not delivered: 0, 1 or 2."""
    text = " ".join(text.split())
    is_clear = notice_phrases.UNDELIVERED.search(text)
    return 2 if is_clear else int(bool(notice_phrases.FAILING.search(text)))


def is_bounce(mail: ParsedMail, split: Sections) -> bool:
    """Weighs the evidence. The words of a person alone are not enough."""
    head, text = mail.fields, split.text
    subject = fields.decoded(head.get("subject"))
    by_machine = _by_machine(mail)
    if autoreply.is_challenge(text) or (not by_machine and autoreply.is_automatic(mail, text)):
        return False
    by_subject = 2 * bool(_SUBJECT.search(subject))
    # Every answer to our mail holds our mark, so a person's answer must never pass as a report.
    is_answer = bool(_ANSWER.match(subject))
    if head and not by_machine and (is_answer or not (by_subject or "auto-submitted" in head)):
        return False
    by_words = failure_weight(text) + bool(codes.reply_code(text) or codes.best_status_code(text))
    if not by_words and not by_subject:
        return False
    # A text without a header was put here by a person because it is a bounce.
    by_content = bool(split.returned) or not head
    return by_machine + by_subject + by_words + by_content >= _ENOUGH


def _by_machine(mail: ParsedMail) -> int:
    head = mail.fields
    kind = head.get("content-type").replace('"', "").lower()
    return (
        3 * ("x-failed-recipients" in head)
        + 2 * bool(_DAEMON.search(fields.decoded(head.get("from"))))
        + 2 * ("report-type=delivery-status" in kind)
        + (head.get("return-path") == "<>")
    )


def is_delivered(text: str) -> bool:
    """True for a notice of successful delivery."""
    return bool(_DELIVERED.search(text)) and not _NOT.search(text)


def is_delay(text: str, subject: str) -> bool:
    """True for a warning that delivery takes longer."""
    words = f"{subject}\n{text}"
    is_final = notice_phrases.GIVEN_UP.search(words)
    return bool(notice_phrases.DELAYED.search(words)) and not is_final
