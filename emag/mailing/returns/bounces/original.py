"""Where a notice ends and the message that was returned begins."""

import re
from dataclasses import dataclass

from emag.mailing.returns.bounces import fields
from emag.mailing.returns.bounces.fields import Fields
from emag.mailing.returns.bounces.parts import Mail

_MOST_LINES = 1_500
_LONGEST_LINE = 1_000
_SIGNED = 8  # lines of a signature, at most
_LOOK = 3  # lines of a header that are enough to know it by

# “--- Below this line is a copy of the message.”, “Original message follows.” and their like.
_MESSAGE = (
    r"(?:message|mail|e-?mail|header|headers|text|mensaje|mensagem|nachricht|messaggio|courrier|"
    r"bericht|wiadomość|письм\w*)"
)
_RULES = " \t-=*_>#|.:;,~+!\"'()[]<–—…"  # what such a line is drawn with
_MARKS = re.compile(
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
# The same of a report that nobody took apart.
_PART = re.compile(
    r"^content-type:\s*(?:message/(?:rfc822|global)|text/rfc822-headers)\b", re.IGNORECASE
)
_NOT_A_MARK = re.compile(
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
class Told:
    """The notice, line by line, and the header of what was returned, as far as it came back."""

    lines: list[str]
    returned: Fields


def told(mail: Mail) -> Told:
    """Parts a mail in what it says and what it brings back."""
    plain = [part for part in mail.parts if part.kind == "text/plain" and part.text.strip()]
    shown = plain or [part for part in mail.parts if part.kind == "text/html"]
    lines: list[str] = []
    copied: list[str] = []
    for part in shown:
        notice, copy = _parted(part.text)
        lines += _unsigned(notice)
        copied = copied or copy
        if copy:
            break
    for part in mail.parts:
        if part.is_returned:
            copied = _cut(part.text)
            break
    return Told(lines[:_MOST_LINES], _header(copied))


def _cut(text: str) -> list[str]:
    """Bounded before anything looks at it."""
    lines = text[: _MOST_LINES * 80].splitlines()[:_MOST_LINES]
    return [line[:_LONGEST_LINE].rstrip() for line in lines]


def _parted(text: str) -> tuple[list[str], list[str]]:
    lines = _cut(text)
    for at, line in enumerate(lines):
        if _begins_here(lines, at):
            return lines[:at], lines[at:]
        if at and _PART.match(line):
            after = next((n for n in range(at, len(lines)) if not lines[n].strip()), len(lines))
            if _begins_like(lines, after + 1):
                return lines[:at], lines[after + 1 :]
        if at and _MARKS.match(line.strip(_RULES)) and not _NOT_A_MARK.search(line):
            after = next((n for n in range(at + 1, len(lines)) if lines[n].strip()), len(lines))
            if line.lstrip()[:2] in {"--", "==", "**", "__"} or _begins_like(lines, after):
                return lines[:at], lines[at + 1 :]
    return lines, []


def _unsigned(lines: list[str]) -> list[str]:
    """Without a signature at the end: it names who runs the server, and whom to ask."""
    at = next((n for n in range(len(lines) - 1, -1, -1) if lines[n].strip() == "--"), len(lines))
    is_short = sum(bool(line.strip()) for line in lines[at + 1 :]) <= _SIGNED
    return lines[:at] if at > 0 and is_short else lines


def _begins_here(lines: list[str], at: int) -> bool:
    """True where a header starts by itself, with no line that says so."""
    return bool(_TOP.match(lines[at])) and _begins_like(lines, at)


def _begins_like(lines: list[str], at: int) -> bool:
    """True if a message's header starts here, or nothing comes any more."""
    block = [line.strip().lstrip(">").strip() for line in lines[at : at + 40]]
    names = [line.partition(":")[0].strip().lower() for line in block if fields.is_field(line)]
    return not any(block) or sum(name in _USUAL for name in names) >= _LOOK


def _header(lines: list[str]) -> Fields:
    """The returned header, with whatever quotes or indents it taken away."""
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
