"""Status codes (RFC 3463) and SMTP replies (RFC 5321) in what a server said."""

import re

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,2})\.(\d{1,3})(?![\d.]*\d)")
# Three digits mean much; a reply stands first on its line, after what announces it, or
# before a status code or a continuation.
_REPLY = re.compile(
    r"(?:^|[\"'“(;:>]|\b(?:said|error|errors?|code|was|reply|replied|response|responded|returned|"
    r"smtp|status|with|respondecode|responsecode|out:))"
    r"[\s:\"'(#]{0,9}([45][0-57]\d)(?=[\s\-:,;.)#\"']|$)",
    re.IGNORECASE | re.MULTILINE,
)
_BEFORE_STATUS = re.compile(r"(?<![\d.])([45][0-57]\d)[\s#\-:]{1,3}[245]\.\d{1,2}\.\d{1,3}\b")


def codes(words: str) -> list[str]:
    """Every status code said, in order."""
    return [f"{c}.{int(s)}.{int(d)}" for c, s, d in _STATUS.findall(words)]


def telling(words: str) -> str:
    """The status code that says most: a refusal, and not only “other”."""
    said = [code for code in codes(words) if code[0] in "45"]
    return next((code for code in said if not is_vague(code)), said[0] if said else "")


def reply(words: str) -> str:
    """The SMTP reply that refused, or nothing."""
    match = _BEFORE_STATUS.search(words) or _REPLY.search(words)
    return match[1] if match else ""


def is_vague(code: str) -> bool:
    """True for one that only says whether it is for good."""
    return code.partition(".")[2] in {"0.0", "5.0"}


_RCPT = re.compile(r"\brcpt(?:\b|_)|recipient command|does not like recipient", re.IGNORECASE)
_DATA = re.compile(
    r"(?:reply to|after|response to|>>>|our|final|sent|failed after|command:?|the)\s+(?:the )?"
    r"(?:end[- ]of[- ])?(?:smtp )?(?:message )?data\b|\bdata command|end of data|after sending",
    re.IGNORECASE,
)


def stage(text: str) -> str:
    """Where in the dialogue the refusal came: “rcpt”, “data”, or unknown and empty."""
    if _DATA.search(text):
        return "data"
    return "rcpt" if _RCPT.search(text) else ""
