"""The verdict on one refusal, from its status code, its reply code and the server's words.

A wrong hard bounce takes a living reader off the list, so a doubt is never hard.
"""

from emag.mailing.event import EventKind
from emag.mailing.refusal import codes
from emag.mailing.refusal.causes import Cause, causes, names_host

# The details of RFC 3463 and its registry that name their cause by themselves.
_NOT_FOUND = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "1.20", "4.310", "7.17", "7.18"})
_MAILBOX = frozenset({"2.0", "2.1", "2.2", "2.4", "7.13"})
_TOO_LARGE = frozenset({"2.3", "3.4"})
_SENDER_ADDRESS = frozenset({"1.7", "1.8", "1.9"})
_PROTOCOL_CONTENT_POLICY = ("5.", "6.", "7.")
# RFC 7504: the host or the domain accepts no mail. Many hosts also use 521 to block a sender.
_HOST_TAKES_NO_MAIL, _DOMAIN_TAKES_NO_MAIL = "521", "556"
_DERIVED = {
    Cause.NOT_FOUND: "1.1",
    Cause.NO_MAIL: "1.10",
    Cause.FULL: "2.2",
    Cause.CLOSED: "2.1",
    Cause.BLAMES_US: "7.1",
    Cause.SENDER: "7.1",
    Cause.LATER: "4.7",
}


def verdict(
    words: str,
    *,
    code: str = "",
    around: str = "",
    dialogue: str = "",
    unknown: EventKind = EventKind.SOFT,
) -> tuple[EventKind, str]:
    """HARD, SOFT or POLICY, and the status code, for instance (HARD, "5.1.1").

    `words` are what the refusing server said, and `code` is the status code that a report states.
    `around` is the rest of the notice, used only where `words` and `code` name no cause.
    `dialogue` is text that may tell which SMTP command was refused. `unknown` is the outcome where
    neither code nor words name a cause; HARD counts only for a permanent refusal.
    """
    stated = codes.best_status_code(words)
    if not code or (stated and (codes.is_vague(code) or not codes.is_vague(stated))):
        code = stated or code
    reply = codes.reply_code(words)
    named = causes(words)
    if not named and (not code or codes.is_vague(code)):
        named = causes(around)
        code = code or codes.best_status_code(around)
        reply = reply or codes.reply_code(around)
    is_permanent = (code or reply or "5")[0] != "4"
    cause = _cause(code.partition(".")[2], named, reply)
    if cause is Cause.NOT_FOUND and _is_doubtful(code, named, words, dialogue):
        cause = Cause.CLOSED
    kind = unknown if cause is Cause.UNKNOWN else _kind(cause)
    if kind is EventKind.HARD and not is_permanent:
        kind = EventKind.SOFT
    return kind, code or _derived(cause, words, is_permanent=is_permanent)


def _derived(cause: Cause, words: str, *, is_permanent: bool) -> str:
    """A status code for a refusal that states none."""
    detail = _DERIVED.get(cause, "0.0")
    if cause is Cause.NOT_FOUND and names_host(words):
        detail = "1.2"
    return f"{'5' if is_permanent else '4'}.{detail}"


def _is_doubtful(code: str, named: set[Cause], words: str, dialogue: str) -> bool:
    """True for “unknown” from a server that had accepted the address, or whose code disagrees.

    Recipients' own filters answer like that. A code of the group 5.1 is believed.
    """
    if any(stated.startswith("5.1.") for stated in (code, *codes.status_codes(dialogue))):
        return False
    if Cause.NOT_FOUND not in named or names_host(words):
        return False
    command = codes.refused_command(words) or codes.refused_command(dialogue)
    return command == "data" or (command != "rcpt" and code.startswith("5.2."))


def _cause(detail: str, named: set[Cause], reply: str) -> Cause:
    """Weighs the code against the words. `detail` is the status code without its class.

    Words that blame our server, our domain or our permission win over any code: servers send
    them with codes that mean an unknown mailbox. Otherwise a clear code wins.
    """
    if reply == _DOMAIN_TAKES_NO_MAIL:
        named = named | {Cause.NO_MAIL}
    for cause in (Cause.BLAMES_US, Cause.NO_MAIL):
        if cause in named:
            return cause
    by_code = _by_code(detail)
    is_about_sender = Cause.SENDER in named
    if by_code is Cause.NOT_FOUND and (Cause.NOT_FOUND in named or not is_about_sender):
        return Cause.NOT_FOUND
    if reply == _HOST_TAKES_NO_MAIL and not is_about_sender:
        return Cause.NOT_FOUND
    if by_code is Cause.SENDER and (is_about_sender or detail in _SENDER_ADDRESS):
        return Cause.SENDER
    if detail == "4.1" and is_about_sender and reply.startswith("5"):
        return Cause.CLOSED  # “access denied” from a gateway that does not say whom it knows
    return _by_words(named, by_code)


def _by_words(named: set[Cause], by_code: Cause) -> Cause:
    for cause in (Cause.FULL, Cause.NOT_FOUND, Cause.SENDER, Cause.CLOSED):
        if cause in named and not (cause is Cause.NOT_FOUND and Cause.SENDER in named):
            return cause
    if by_code is Cause.UNKNOWN and Cause.LATER in named:
        return Cause.LATER
    return by_code


def _by_code(detail: str) -> Cause:
    if detail in _NOT_FOUND:
        return Cause.NOT_FOUND
    if detail in _MAILBOX:
        return Cause.FULL if detail == "2.2" else Cause.CLOSED
    if detail in _TOO_LARGE or detail in _SENDER_ADDRESS:
        return Cause.SENDER
    if detail.startswith(_PROTOCOL_CONTENT_POLICY) and detail != "5.0":
        return Cause.SENDER
    if detail.startswith(("3.", "4.")):
        return Cause.LATER
    return Cause.UNKNOWN


def _kind(cause: Cause) -> EventKind:
    if cause in {Cause.SENDER, Cause.BLAMES_US}:
        return EventKind.POLICY
    return EventKind.HARD if cause in {Cause.NOT_FOUND, Cause.NO_MAIL} else EventKind.SOFT
