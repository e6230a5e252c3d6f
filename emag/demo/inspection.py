"""Checks the caught copies of an issue: headers, parts, line lengths, filled slots."""

from collections.abc import Iterable, Iterator

from emag.demo.catcher import Caught

LONGEST_LINE = 998  # octets before CRLF, RFC 5322, 2.1.1
ONCE = (
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"),
)


def issues(mails: Iterable[Caught]) -> list[Caught]:
    """Returns the copies of an issue: the only messages with one-click unsubscribing."""
    return [mail for mail in mails if mail.message["List-Unsubscribe-Post"]]


def faults(mail: Caught) -> Iterator[str]:
    """Yields a phrase for each fault of a copy."""
    for name in ONCE:
        count = len(mail.message.get_all(name, []))
        if count != 1:
            yield f"the header {name} occurs {count} times"
    kinds = [part.get_content_type() for part in mail.message.walk() if not part.is_multipart()]
    if kinds != ["text/plain", "text/html"]:
        yield f"its parts are {', '.join(kinds)}"
    if any(len(line) > LONGEST_LINE for line in mail.octets.split(b"\r\n")):
        yield f"a line is longer than {LONGEST_LINE} octets"
    if b"\n" in mail.octets.replace(b"\r\n", b""):
        yield "a line does not end in CRLF"
    for kind in ("plain", "html"):
        text = mail.part(kind)
        if "/unsubscribe/" not in text or "[[" in text:
            yield f"the {kind} part has no unsubscribe link or an unfilled slot"
