"""What one refusal comes to: the action, the status code and the words weighed."""

from emag.mailing.returns.bounces import status
from emag.mailing.returns.bounces.wording import Cause, causes, names_host
from emag.mailing.returns.finding import Outcome

# RFC 3463 and its registry: the codes that name their cause by themselves.
_GONE = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "1.20", "4.310", "7.17", "7.18"})
_MAILBOX = frozenset({"2.0", "2.1", "2.2", "2.4", "7.13"})
_NO_MAIL = ("521", "556")  # RFC 7504: there is a host, and it takes no mail
_TOO_LARGE = frozenset({"2.3", "3.4"})
_SENDER_ADDRESS = frozenset({"1.7", "1.8", "1.9"})
_ABOUT_US = ("5.", "6.", "7.")  # protocol, content, policy
_DERIVED = {
    Cause.GONE: "1.1",
    Cause.FULL: "2.2",
    Cause.CLOSED: "2.1",
    Cause.SENDER: "7.1",
    Cause.LATER: "4.7",
}


def verdict(
    words: str, *, code: str = "", around: str = "", dialogue: str = ""
) -> tuple[Outcome, str]:
    """The outcome of a failure, and its status.

    `code` is the status that a report states; `words` are what the refusing server said, and
    `around` what the notice says beside it, asked only where the words tell nothing. `dialogue`
    may tell at which command it was refused.
    """
    said = status.telling(words)
    if not code or (said and status.is_vague(code)) or (said and not status.is_vague(said)):
        code = said or code
    reply = status.reply(words)
    told = causes(words)
    if not told and (not code or status.is_vague(code)):
        told = causes(around)
        code = code or status.telling(around)
        reply = reply or status.reply(around)
    is_final = (code or reply or "5")[0] != "4"
    cause = _cause(code.partition(".")[2], told, reply)
    if cause is Cause.GONE and _is_doubtful(code, told, words, dialogue):
        cause = Cause.CLOSED
    if not code:
        detail = _DERIVED.get(cause, "0.0")
        if cause is Cause.GONE and names_host(words):
            detail = "1.2"
        code = f"{'5' if is_final else '4'}.{detail}"
    return _outcome(cause, is_final=is_final), code


def _is_doubtful(code: str, told: set[Cause], words: str, dialogue: str) -> bool:
    """True for “unknown” from a server that had taken the address, or whose code says otherwise.

    Filters of the recipient's own speak like that. A code of the group 5.1 is believed.
    """
    known = [code, *status.codes(dialogue)]
    if any(each.startswith("5.1.") for each in known):
        return False
    if Cause.GONE not in told or names_host(words):
        return False
    stage = status.stage(words) or status.stage(dialogue)
    return stage == "data" or (stage != "rcpt" and code.startswith("5.2."))


def _cause(detail: str, told: set[Cause], reply: str) -> Cause:
    """`detail` is the code without its class. A clear code wins over words that disagree."""
    by_code = _by_code(detail)
    blames_us = Cause.SENDER in told
    if by_code is Cause.GONE and (Cause.GONE in told or not blames_us):
        return Cause.GONE
    if reply in _NO_MAIL and not blames_us:
        return Cause.GONE
    if by_code is Cause.SENDER and (blames_us or detail in _SENDER_ADDRESS):
        return Cause.SENDER
    if detail == "4.1" and blames_us and reply.startswith("5"):
        return Cause.CLOSED  # “access denied” from an edge that does not say whom it knows
    return _by_words(told, by_code)


def _by_words(told: set[Cause], otherwise: Cause) -> Cause:
    for cause in (Cause.FULL, Cause.GONE, Cause.SENDER, Cause.CLOSED):
        if cause in told and not (cause is Cause.GONE and Cause.SENDER in told):
            return cause
    if otherwise is Cause.UNKNOWN and Cause.LATER in told:
        return Cause.LATER
    return otherwise


def _by_code(detail: str) -> Cause:
    if detail in _GONE:
        return Cause.GONE
    if detail in _MAILBOX:
        return Cause.FULL if detail == "2.2" else Cause.CLOSED
    if detail in _TOO_LARGE or detail in _SENDER_ADDRESS:
        return Cause.SENDER
    if detail.startswith(_ABOUT_US) and detail != "5.0":
        return Cause.SENDER
    if detail.startswith(("3.", "4.")):
        return Cause.LATER
    return Cause.UNKNOWN


def _outcome(cause: Cause, *, is_final: bool) -> Outcome:
    """Only what is both permanent and about the address is hard; a doubt is counted, no more."""
    if cause is Cause.SENDER:
        return Outcome.POLICY
    return Outcome.HARD if cause is Cause.GONE and is_final else Outcome.SOFT
