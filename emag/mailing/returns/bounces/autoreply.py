"""Recognises automatic answers: absence notes, read receipts and challenges to the sender."""

from emag.mailing.refusal.phrases import any_of
from emag.mailing.returns.bounces import fields
from emag.mailing.returns.bounces.mime_parts import ParsedMail

_SUBJECT = any_of(
    r"""
    ^<prefix>auto(?:matic|mated|matisch\w*)?[ :_-]*(?:re(?:ply|sponse|sponder)|antwort|svar)
    ^<prefix>auto(?:matic|mated)?[ :_-]*(?:message|acknowledg)
    ^<prefix>(?:autoreply|autorespon|out[ -]of[ -](?:the[ -])?office|ooo\b|vacation|abwesen)
    ^<prefix>(?:away (?:from|message)|on (?:vacation|holiday|leave|annual leave)|r[ée]ponse auto)
    ^<prefix>(?:absence|respuesta autom|fuera de|risposta autom|fuori|resposta autom)
    ^<prefix>(?:automatisch|afwezig|frånvaro|автоответ|автоматическ|自動応答|自動返信|自动回复|不在)
    \bautomatic reply\b|\bauto[ -]?reply\b|\bout of (?:the )?office\b
    """,
    prefix=r"(?:\W|re:|aw:|sv:|fwd?:){0,10}",
)
_CHALLENGE = any_of(
    r"""
    (?:confirm|verify|prove)[^.]{0,60}you are (?:a )?(?:human|person|real|the sender|not)
    (?:confirm|verify|prove)[^.]{0,60}your (?:message|e-?mail|mail|identity|address)
    (?:click|follow|visit|reply)[^.]{0,80}(?:so that|to|in order)[^.]{0,30}<mail> <released>
    waiting for (?:your )?(?:confirmation|approval)|sender (?:verification|confirmation)
    spam ?arrest|boxbe|challenge[- ]response|to be added to (?:my|the|their) (?:allow|white|guest)
    """,
    mail=r"(?:your (?:message|e-?mail|mail)|it)",
    released=r"(?:is |be |will be )?(?:delivered|released|accepted)",
)
_FIELDS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponder", "x-vacation")
_PRECEDENCE = ("auto_reply", "auto-reply", "autoreply")
_NOTIFICATION = "message/disposition-notification"  # RFC 8098: a receipt


def is_automatic(mail: ParsedMail, notice: str) -> bool:
    """True by the field of RFC 3834, by older fields, by the subject or by the text."""
    head = mail.fields
    declared = head.get("auto-submitted").lower().partition(";")[0].strip()
    if declared in {"auto-replied", "auto-notified"} or any(name in head for name in _FIELDS):
        return True
    if (
        head.get("precedence").lower() in _PRECEDENCE
        or head.get("x-precedence").lower() in _PRECEDENCE
    ):
        return True
    if any(mail.of_kind(_NOTIFICATION)):
        return True
    subject = fields.decoded(head.get("subject"))
    return bool(_SUBJECT.search(subject)) or is_challenge(notice)


def is_challenge(notice: str) -> bool:
    """True where the sender must do something before the mail is delivered."""
    return bool(_CHALLENGE.search(notice[:5_000]))
