"""Reads email addresses, and gives each one normal form."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from subscribers.errors import BadAddress

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

# RFC 5321 §4.5.3.1: octets. 254 is what fits into a path of 256.
MAX_LOCAL, MAX_WHOLE, MAX_LABEL = 64, 254, 63

# A plain ASCII address, as nearly all are, is read here. All others go to email-validator, which
# gives the same answer for those that both can read (a test compares them).
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+[A-Za-z]{{2,63}})")
# The simplest addresses, at half the cost: an import reads a million. No part of one can be too
# long if the whole is no longer than a local part may be.
_QUICK = re.compile(r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,63}")
_HYPHENS_34 = re.compile(r"(?:^|\.)..--")  # reserved labels, xn-- among them: for the validator
# Names that no public mail server has (RFC 6761, 6762, 7686). `.test` is allowed: it is for trials,
# and a rehearsal signs up readers too.
_NOWHERE = re.compile(r"(?:^|\.)(?:arpa|invalid|local|localhost|onion)$")

_NOWHERE_ENDS = (".arpa", ".invalid", ".local", ".localhost", ".onion")

_FOLDS_DOTS = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True, slots=True)
class Address:
    """`text` is what mail is sent to: the local part as typed, the domain as an A-label.

    `key` is what addresses are compared by: the same, case-folded.
    """

    text: str
    key: str

    @property
    def domain(self) -> str:
        return self.key.rpartition("@")[2]

    @property
    def needs_smtputf8(self) -> bool:
        """True if only a server with SMTPUTF8 (RFC 6531) can accept it."""
        return not self.text.isascii()

    @property
    def display(self) -> str:
        """The address for people: an international domain in its own letters."""
        local, _, domain = self.text.rpartition("@")
        if "xn--" not in domain:
            return self.text
        import idna  # noqa: PLC0415 - its tables are only wanted for such a name

        try:
            return f"{local}@{idna.decode(domain)}"
        except idna.IDNAError:
            return self.text

    @property
    def limit_key(self) -> str:
        """The mailbox that the limit on confirmations counts, and nothing else uses.

        It drops what follows a plus, and Gmail's dots: nobody must get round the limit with other
        spellings of one mailbox.
        """
        local, _, domain = self.key.rpartition("@")
        local = local.partition("+")[0] or local
        if domain in _FOLDS_DOTS:
            return f"{local.replace('.', '')}@gmail.com"
        return f"{local}@{domain}"


def parse(text: str, *, smtputf8: bool = False) -> Address:
    """Reads an address that somebody typed. Raises BadAddress with a sentence.

    Quoted local parts, comments, address literals and names are allowed in a mail header, but in a
    sign-up form they are mistakes or attacks. A local part that is not ASCII is accepted only with
    `smtputf8`, if the transport can carry it (RFC 6531).
    """
    text = text.strip(" \t")  # not line breaks, which no form field has
    if len(text) <= MAX_LOCAL and _QUICK.fullmatch(text) and not text.endswith(_NOWHERE_ENDS):
        return Address(text, text)
    match = _PLAIN.fullmatch(text)
    if match and _is_short(match[1], match[2]) and not _HYPHENS_34.search(match[2]):
        local, domain = match[1], match[2].lower()
        if _NOWHERE.search(domain):
            raise BadAddress(
                f"No mail can be sent to a domain that ends like {domain[-40:]}.", kind="nowhere"
            )
    else:
        valid = _validated(text, smtputf8=smtputf8)
        local, domain = valid.local_part, (valid.ascii_domain or "").lower()
        if not _is_short(local, domain):
            raise BadAddress("This email address is too long.", kind="long")
    return Address(f"{local}@{domain}", f"{local.casefold()}@{domain}")


def is_plausible(text: str) -> bool:
    """Says whether a text looks like an address that a person may have typed, valid or not."""
    return text.isascii() and bool(
        re.fullmatch(
            r"[^@\s\"()<>\[\]]{1,64}@[^@\s\"()<>\[\]]+\.[^@\s\"()<>\[\]]+", text.strip(" \t")
        )
    )


def clean_name(text: str) -> str:
    """Cleans a name: one line, no control characters, at most 100 characters.

    It removes a leading = + - @, which a spreadsheet would run as a formula.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split()).lstrip("=+-@ ")[:100].rstrip()


def _is_short(local: str, domain: str) -> bool:
    octets = len(local.encode())
    return octets <= MAX_LOCAL and octets + 1 + len(domain) <= MAX_WHOLE


def _validated(text: str, *, smtputf8: bool) -> "ValidatedEmail":
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - rarely needed

    try:
        valid = validate_email(
            text, check_deliverability=False, allow_smtputf8=True, test_environment=True
        )
    except EmailNotValidError as error:
        raise BadAddress(f"No mail can be sent to this address: {error}") from error
    if not smtputf8 and not valid.local_part.isascii():
        raise BadAddress(
            "An address with letters outside a–z before the @ cannot be written to from here; "
            "please use another one.",
            kind="letters",
        )
    if "." not in (valid.ascii_domain or ""):
        raise BadAddress("This address has no full domain after the @.", kind="domain")
    return valid
