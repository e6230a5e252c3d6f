"""Asks name servers for the records of the sending domain, and judges them as providers do."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from dns import exception, resolver

from emag.domain import DomainFinding, spf
from emag.settings import Settings, is_loopback

TIMEOUT = 3.0  # seconds for one query, all name servers together
WEAK, ADVISED = 1024, 2048  # bits of an RSA key
# RFC 2606 and 6761: reserved names, which no mail server has.
RESERVED = re.compile(r"(^|\.)(example(\.(com|net|org))?|test|invalid|localhost|local)$")
# A domain's selectors cannot be listed. These are those of common providers and programs.
SELECTORS = {
    "sendgrid": ("s1", "s2"),
    "smtp": (
        *("default", "dkim", "mail", "emag", "smtp", "s1", "s2", "selector1", "selector2"),
        *("google", "k1", "k2", "k3", "fm1", "fm2", "fm3", "protonmail", "zoho", "pm", "mx"),
    ),
}

Query = Callable[[str, str], list[str]]


class NoAnswer(Exception):
    """No name server answered."""


def examine(
    settings: Settings, names: resolver.Resolver | None = None, *, timeout: float = TIMEOUT
) -> list[DomainFinding]:
    """Queries the machine's name servers, or `names`, with a limit of `timeout` seconds each."""
    domain, kind = settings.publication.sender_domain, settings.transport.kind
    if RESERVED.search(domain):
        is_local = kind == "folder" or (kind == "smtp" and is_loopback(settings.transport.host))
        message = f"publication.sender is at {domain}, which cannot send mail: use your own domain"
        return [DomainFinding(message, "warn" if is_local else "block")]
    bounces = settings.bounce_address.rpartition("@")[2].lower()
    named = settings.transport.dkim_selector
    selectors = (named,) if named else SELECTORS.get(kind, SELECTORS["smtp"])
    try:
        query = _querier(names or resolver.get_default_resolver(), timeout)
        return [
            *_mail(query, domain, bounces),
            *spf.examine(query, bounces),
            *_dkim(keys := _keys(query, domain, selectors), domain, selectors),
            *_dmarc(query, policy := _policy(query, domain), domain),
            *_alignment(policy, domain, bounces, has_key=bool(keys) or kind == "sendgrid"),
        ]
    except (NoAnswer, resolver.NoResolverConfiguration):
        message = (
            f"No name server answers, so SPF, DKIM, DMARC and MX of {domain} were not checked: "
            "look at this machine's network"
        )
        return [DomainFinding(message, "warn", is_known=False)]


def is_tried_out(settings: Settings) -> bool:
    """True while nothing leaves this machine, or only from a name that is kept for examples."""
    kind, host = settings.transport.kind, settings.transport.host
    is_reserved = RESERVED.search(settings.publication.sender_domain) is not None
    return kind == "folder" or (kind == "smtp" and is_loopback(host) and is_reserved)


def _querier(names: resolver.Resolver, timeout: float) -> Query:
    def query(name: str, kind: str) -> list[str]:
        """The records as text; none if the name or the record does not exist."""
        try:
            answer = names.resolve(name, kind, lifetime=timeout, search=False)
        except (resolver.NXDOMAIN, resolver.NoAnswer):
            return []
        except (exception.DNSException, OSError) as error:
            raise NoAnswer from error
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
        return [record.to_text() for record in answer]

    return query


def _mail(query: Query, domain: str, bounces: str) -> Iterator[DomainFinding]:
    for name in dict.fromkeys((domain, bounces)):
        servers = query(name, "MX")
        if not servers and not query(name, "NS") and not query(name, "A"):
            yield DomainFinding(
                f"{name} does not exist, so its mail is taken for a forgery: register it, or "
                "correct publication.sender"
            )
        elif not servers or servers == ["0 ."]:
            lost = "replies" if name == domain else "bounces"
            message = f"{name} has no mail server (MX), so {lost} get lost: add one"
            yield DomainFinding(message, "warn")


def _keys(query: Query, domain: str, selectors: tuple[str, ...]) -> dict[str, str]:
    """The records with a DKIM key, by their selectors."""
    with ThreadPoolExecutor(len(selectors)) as pool:
        answers = pool.map(lambda name: query(f"{name}._domainkey.{domain}", "TXT"), selectors)
        return {
            selector: text
            for selector, texts in zip(selectors, answers, strict=True)
            for text in texts
            if re.search(r"(^|;)\s*p\s*=", text)
        }


def _dkim(
    keys: Mapping[str, str], domain: str, selectors: tuple[str, ...]
) -> Iterator[DomainFinding]:
    if not keys:
        yield _without_key(domain, selectors)
    for selector, text in keys.items():
        if not re.search(r"(^|;)\s*p\s*=\s*[A-Za-z0-9+/]", text):
            message = f"The DKIM key {selector} of {domain} was withdrawn: it is empty"
            yield DomainFinding(f"{message}. Publish a new one, or sign with another", "warn")
            continue
        if re.search(r"(^|;)\s*t\s*=\s*[\w:]*\by\b", text):
            message = f"The DKIM key {selector} of {domain} is marked as a test (t=y)"
            yield DomainFinding(f"{message}: remove the mark", "warn")
        bits = key_bits(text)
        if bits is None:
            message = f"The DKIM key {selector} of {domain} cannot be read: publish it again"
            yield DomainFinding(message, "warn")
        elif 0 < bits < ADVISED:
            message = f"The DKIM key {selector} of {domain} has {bits} bits: use one of {ADVISED}"
            yield DomainFinding(message, "warn" if bits >= WEAK else "block")


def _without_key(domain: str, selectors: tuple[str, ...]) -> DomainFinding:
    if len(selectors) == 1:
        name = f"{selectors[0]}._domainkey.{domain}"
        return DomainFinding(f"{name} has no DKIM key: publish it, or name another selector")
    usual = ", ".join(selectors[:3])
    return DomainFinding(
        f"{domain} has no DKIM key under a usual selector ({usual} …): publish one, or name yours "
        "in transport.dkim_selector",
        "warn",
    )


def key_bits(record: str) -> int | None:
    """The bits of the RSA key in a DKIM record; 0 for another kind, None if unreadable."""
    tags = dict(re.findall(r"(\w+)\s*=\s*([^;]*)", record))
    if tags.get("k", "rsa").strip() != "rsa":
        return 0
    try:
        key = load_der_public_key(base64.b64decode(re.sub(r"\s", "", tags.get("p", ""))))
    except (ValueError, binascii.Error):
        return None
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else None


def _policy(query: Query, domain: str) -> tuple[str, str]:
    """The domain whose DMARC record counts, and the record; RFC 7489: from the domain upwards."""
    labels = domain.split(".")
    for place in range(max(len(labels) - 1, 1)):
        holder = ".".join(labels[place:])
        for text in query(f"_dmarc.{holder}", "TXT"):
            if re.match(r"v=DMARC1\s*(;|$)", text):
                return holder, text
    return "", ""


def _dmarc(query: Query, policy: tuple[str, str], domain: str) -> Iterator[DomainFinding]:
    holder, record = policy
    if holder:
        texts = query(f"_dmarc.{holder}", "TXT")
        number = sum(bool(re.match(r"v=DMARC1\s*(;|$)", text)) for text in texts)
        if number > 1:
            message = f"{holder} has {number} DMARC records, so none counts: keep only one"
            yield DomainFinding(message)
    if not holder:
        message = f"{domain} has no DMARC record: large providers refuse bulk mail without it"
        yield DomainFinding(message, "warn")
    elif not re.search(r"(?i);\s*p\s*=\s*(none|quarantine|reject)\b", record):
        message = f"The DMARC record of {domain} names no policy (p=): write p=none at least"
        yield DomainFinding(message, "warn")


def _alignment(
    policy: tuple[str, str], domain: str, bounces: str, *, has_key: bool
) -> Iterator[DomainFinding]:
    """DMARC asks that SPF or DKIM speaks for the domain that readers see."""
    holder, record = policy
    is_strict = re.search(r"(?i);\s*aspf\s*=\s*s\b", record) is not None
    is_near = bounces == holder or bounces.endswith(f".{holder}")
    if holder and not has_key and bounces != domain and (is_strict or not is_near):
        yield DomainFinding(
            f"Neither SPF nor DKIM speaks for {domain}, so its mail fails DMARC: "
            f"publish a DKIM key there, or let bounces go to an address at {domain}",
            "warn",
        )
