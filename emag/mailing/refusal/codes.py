"""Finds status codes (RFC 3463) and SMTP reply codes (RFC 5321) in a server's words."""

import re

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,2})\.(\d{1,3})(?![\d.]*\d)")
# A number of three digits can mean much. It is a reply code at the start of a line, after a word
# that announces it, or before a status code or a continuation.
_REPLY = re.compile(
    r"(?:^|[\"'“(;:>]|\b(?:said|error|errors?|code|was|reply|replied|response|responded|returned|"
    r"smtp|status|with|respondecode|responsecode|out:))"
    r"[\s:\"'(#]{0,9}([45][0-57]\d)(?=[\s\-:,;.)#\"']|$)",
    re.IGNORECASE | re.MULTILINE,
)
_BEFORE_STATUS = re.compile(r"(?<![\d.])([45][0-57]\d)[\s#\-:]{1,3}[245]\.\d{1,2}\.\d{1,3}\b")
_RCPT = re.compile(r"\brcpt(?:\b|_)|recipient command|does not like recipient", re.IGNORECASE)
_DATA = re.compile(
    r"(?:reply to|after|response to|>>>|our|final|sent|failed after|command:?|the)\s+(?:the )?"
    r"(?:end[- ]of[- ])?(?:smtp )?(?:message )?data\b|\bdata command|end of data|after sending",
    re.IGNORECASE,
)


def status_codes(words: str) -> list[str]:
    """Every status code, in order."""
    return [f"{c}.{int(s)}.{int(d)}" for c, s, d in _STATUS.findall(words)]


def best_status_code(words: str) -> str:
    """The first status code that refuses and names a cause, else one that only refuses, else “”."""
    refusals = [code for code in status_codes(words) if code[0] in "45"]
    return next((code for code in refusals if not is_vague(code)), refusals[0] if refusals else "")


def reply_code(words: str) -> str:
    """The SMTP reply code that refuses, or “”."""
    match = _BEFORE_STATUS.search(words) or _REPLY.search(words)
    return match[1] if match else ""


def is_vague(code: str) -> bool:
    """True for a status code that says no more than whether the refusal is permanent."""
    return code.partition(".")[2] in {"0.0", "5.0"}


def refused_command(text: str) -> str:
    """The SMTP command that was refused: “rcpt”, “data”, or “” where it is not known."""
    if _DATA.search(text):
        return "data"
    return "rcpt" if _RCPT.search(text) else ""
