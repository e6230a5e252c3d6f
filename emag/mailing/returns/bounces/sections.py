"""Splits a bounce into the notice and the returned message."""

import re
from dataclasses import dataclass

from emag.mailing.returns.bounces import fields
from emag.mailing.returns.bounces.fields import HeaderFields
from emag.mailing.returns.bounces.mime_parts import ParsedMail

_MAX_LINES = 1_500
_MAX_LINE = 1_000
_MAX_SIGNATURE = 8  # lines
_ENOUGH_FIELDS = 3  # usual fields that make a block the header of a message

# “--- Below this line is a copy of the message.”, “Original message follows.” and similar lines.
_MESSAGE = (
    r"(?:message|mail|e-?mail|header|headers|text|mensaje|mensagem|nachricht|messaggio|courrier|"
    r"bericht|wiadomość|письм\w*)"
)
_RULE = " \t-=*_>#|.:;,~+!\"'()[]<–—…"  # characters of a dividing line
_DIVIDER = re.compile(
    rf"(?:(?:below|this|here|following|what follows|included|enclosed|attached|the)\b.{{0,40}}"
    rf"\b(?:copy|header|headers|original|beginning|start|first)\b.{{0,60}}|"
    rf"(?:your |the |this )?(?:original|unsent|returned|undelivered|source|rejected|failed|bounced|"
    rf"copy of(?: the| your)?)(?: \w+)? {_MESSAGE}\b.{{0,40}}|"
    rf"{_MESSAGE} (?:header|headers|text|body|contents?)?\s*(?:follows?|attached).{{0,30}}|"
    rf"(?:original|ursprüngliche|oorspronkelijke|originele?|message d'origine|mensaje original)"
    rf".{{0,30}}{_MESSAGE}?.{{0,30}}|"
    rf"your (?:message|mail) reads.{{0,30}}|"
    rf"(?:header|headers) of (?:the )?.{{0,40}}"
    r")$",
    re.IGNORECASE,
)
# The header of a MIME part, in a mail whose parts were not separated.
_PART = re.compile(
    r"^content-type:\s*(?:message/(?:rfc822|global)|text/rfc822-headers)\b", re.IGNORECASE
)
_NO_DIVIDER = re.compile(
    r"\b(?:could|was|were|has|have|had|cannot|not|received|sent|sender)\b", re.IGNORECASE
)
_TOP = re.compile(
    r"\s{0,8}>?\s?(?:return-path|received|x-received|dkim-signature|domainkey-signature|arc-seal|"
    r"x-google-smtp-source|x-originating-ip|delivered-to|x-apparently-to|authentication-results)"
    r":",
    re.IGNORECASE,
)
_USUAL = frozenset(
    (
        *("from", "to", "cc", "subject", "date", "sender", "reply-to", "message-id"),
        *("mime-version", "content-type", "content-transfer-encoding", "x-mailer", "user-agent"),
        *("received", "return-path", "in-reply-to", "references"),
    )
)


@dataclass(frozen=True, slots=True)
class Sections:
    """The lines of the notice, and the header of the returned message as far as it is there."""

    lines: list[str]
    returned: HeaderFields

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def split(mail: ParsedMail) -> Sections:
    """Splits a mail into the notice and the returned message."""
    plain = [part for part in mail.parts if part.kind == "text/plain" and part.text.strip()]
    texts = plain or [part for part in mail.parts if part.kind == "text/html"]
    lines: list[str] = []
    copied: list[str] = []
    for part in texts:
        notice, copy = _split_text(part.text)
        lines += _unsigned(notice)
        copied = copied or copy
        if copy:
            break
    for part in mail.parts:
        if part.is_returned:
            copied = _cut(part.text)
            break
    return Sections(lines[:_MAX_LINES], _header(copied))


def _cut(text: str) -> list[str]:
    """The lines of a text, limited in number and length."""
    lines = text[: _MAX_LINES * 80].splitlines()[:_MAX_LINES]
    return [line[:_MAX_LINE].rstrip() for line in lines]


def _split_text(text: str) -> tuple[list[str], list[str]]:
    lines = _cut(text)
    for at, line in enumerate(lines):
        if _begins_here(lines, at):
            return lines[:at], lines[at:]
        if at and _PART.match(line):
            after = next((n for n in range(at, len(lines)) if not lines[n].strip()), len(lines))
            if _begins_like(lines, after + 1):
                return lines[:at], lines[after + 1 :]
        if at and _DIVIDER.match(line.strip(_RULE)) and not _NO_DIVIDER.search(line):
            after = next((n for n in range(at + 1, len(lines)) if lines[n].strip()), len(lines))
            if line.lstrip()[:2] in {"--", "==", "**", "__"} or _begins_like(lines, after):
                return lines[:at], lines[at + 1 :]
    return lines, []


def _unsigned(lines: list[str]) -> list[str]:
    """Removes a signature at the end, which names the operator of the server."""
    at = next((n for n in range(len(lines) - 1, -1, -1) if lines[n].strip() == "--"), len(lines))
    is_short = sum(bool(line.strip()) for line in lines[at + 1 :]) <= _MAX_SIGNATURE
    return lines[:at] if at > 0 and is_short else lines


def _begins_here(lines: list[str], at: int) -> bool:
    """True where a message header starts without a dividing line."""
    return bool(_TOP.match(lines[at])) and _begins_like(lines, at)


def _begins_like(lines: list[str], at: int) -> bool:
    """True if a message header or the end of the text is here."""
    block = [line.strip().lstrip(">").strip() for line in lines[at : at + 40]]
    names = [line.partition(":")[0].strip().lower() for line in block if fields.is_field(line)]
    return not any(block) or sum(name in _USUAL for name in names) >= _ENOUGH_FIELDS


def _header(lines: list[str]) -> HeaderFields:
    """The returned header without quote signs and indentation."""
    start = next((n for n, line in enumerate(lines) if fields.is_field(_bare(line))), len(lines))
    block: list[str] = []
    indent = lines[start][: len(lines[start]) - len(_bare(lines[start]))] if lines[start:] else ""
    for line in lines[start:]:
        inner = line.removeprefix(indent)
        if not inner.strip():
            break
        block.append(inner)
    return fields.parse(block)


def _bare(line: str) -> str:
    return line.lstrip(" \t>")
