"""Examines the DNS of the sending domain: SPF, DKIM, DMARC and MX, which providers demand."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from dns import exception, resolver

from emag.doctor.problem import Problem
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
) -> list[Problem]:
    """Queries the machine's name servers, or `names`, with a limit of `timeout` seconds each."""
    domain, kind = settings.publication.sender_domain, settings.transport.kind
    if RESERVED.search(domain):
        is_local = kind == "folder" or (kind == "smtp" and is_loopback(settings.transport.host))
        message = f"publication.sender is at {domain}, a reserved name that cannot send mail"
        return [Problem("dns", message, "warn" if is_local else "block")]
    bounces = settings.bounce_address.rpartition("@")[2].lower()
    selectors = SELECTORS.get(kind, SELECTORS["smtp"])
    try:
        query = _querier(names or resolver.get_default_resolver(), timeout)
        return [
            *_mail(query, domain, bounces),
            *_spf(query, bounces),
            *_dkim(query, domain, selectors),
            *_dmarc(query, domain),
        ]
    except (NoAnswer, resolver.NoResolverConfiguration):
        message = f"No name server answers: SPF, DKIM, DMARC and MX of {domain} were not checked"
        return [Problem("dns", message, "warn")]


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


def _mail(query: Query, domain: str, bounces: str) -> Iterator[Problem]:
    for name in dict.fromkeys((domain, bounces)):
        servers = query(name, "MX")
        if not servers and not query(name, "NS") and not query(name, "A"):
            yield Problem("dns", f"{name} does not exist: mail from it is taken for a forgery")
        elif not servers or servers == ["0 ."]:
            lost = "replies" if name == domain else "bounces"
            yield Problem("dns", f"{name} has no mail server (MX): {lost} get lost", "warn")


def _spf(query: Query, domain: str) -> Iterator[Problem]:
    records = [text for text in query(domain, "TXT") if re.match(r"(?i)v=spf1( |$)", text)]
    if not records:
        yield Problem(
            "dns", f"{domain} has no SPF record: add one that names who may send for it", "warn"
        )
    elif len(records) > 1:
        yield Problem("dns", f"{domain} has {len(records)} SPF records: keep only one")
    elif re.search(r" \+?all\b", records[0]) and not re.search(r" [-~?]all\b", records[0]):
        yield Problem(
            "dns",
            f"The SPF record of {domain} lets everybody send for it: end it with -all",
            "warn",
        )


def _dkim(query: Query, domain: str, selectors: tuple[str, ...]) -> Iterator[Problem]:
    with ThreadPoolExecutor(len(selectors)) as pool:
        answers = pool.map(lambda name: query(f"{name}._domainkey.{domain}", "TXT"), selectors)
        keys = {
            selector: text
            for selector, texts in zip(selectors, answers, strict=True)
            for text in texts
            if re.search(r"(^|;)\s*p=\s*[A-Za-z0-9+/]", text)
        }
    if not keys:
        message = f"{domain} has no DKIM key under a usual selector ({', '.join(selectors[:3])} …)"
        yield Problem("dns", message, "warn")
    for selector, text in keys.items():
        bits = key_bits(text)
        if bits is None:
            yield Problem("dns", f"The DKIM key {selector} of {domain} cannot be read", "warn")
        elif 0 < bits < ADVISED:
            message = f"The DKIM key {selector} of {domain} has {bits} bits: use one of {ADVISED}"
            yield Problem("dns", message, "warn" if bits >= WEAK else "block")


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


def _dmarc(query: Query, domain: str) -> Iterator[Problem]:
    labels = domain.split(".")
    for place in range(max(len(labels) - 1, 1)):  # RFC 7489: from the subdomain upwards
        texts = query("_dmarc." + ".".join(labels[place:]), "TXT")
        records = [text for text in texts if re.match(r"v=DMARC1\s*(;|$)", text)]
        if records:
            if not re.search(r"(?i);\s*p\s*=\s*(none|quarantine|reject)\b", records[0]):
                yield Problem("dns", f"The DMARC record of {domain} names no policy (p=)", "warn")
            return
    message = f"{domain} has no DMARC record: large providers refuse bulk mail without it"
    yield Problem("dns", message, "warn")
