"""DNS of the sending domain: SPF, DKIM, DMARC and MX, as large mailbox providers ask for them."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from dns import exception, resolver

from emag.doctor import Problem
from emag.settings import Settings, is_loopback

LIFETIME = 3.0  # seconds for one question, all its servers together
WEAK, ADVISED = 1024, 2048  # bits of an RSA key
# RFC 2606 and 6761: names that lead nowhere by agreement.
RESERVED = re.compile(r"(^|\.)(example(\.(com|net|org))?|test|invalid|localhost|local)$")
# Nothing lists a domain's selectors: these are those of common providers and programs.
SELECTORS = {
    "sendgrid": ("s1", "s2"),
    "smtp": (
        *("default", "dkim", "mail", "emag", "smtp", "s1", "s2", "selector1", "selector2"),
        *("google", "k1", "k2", "k3", "fm1", "fm2", "fm3", "protonmail", "zoho", "pm", "mx"),
    ),
}

Ask = Callable[[str, str], list[str]]


class Silence(Exception):
    """No name server answered."""


def examine(
    settings: Settings, names: resolver.Resolver | None = None, *, patience: float = LIFETIME
) -> list[Problem]:
    """`names` answers the questions, each within `patience`; else the machine's name servers."""
    domain, kind = settings.publication.sender_domain, settings.transport.kind
    if RESERVED.search(domain):
        at_home = kind == "folder" or (kind == "smtp" and is_loopback(settings.transport.host))
        message = f"publication.sender is at {domain}, from where nothing can be sent"
        return [Problem("dns", message, "warn" if at_home else "block")]
    bounces = settings.bounce_address.rpartition("@")[2].lower()
    selectors = SELECTORS.get(kind, SELECTORS["smtp"])
    try:
        ask = _asker(names or resolver.get_default_resolver(), patience)
        return [
            *_mail(ask, domain, bounces),
            *_spf(ask, bounces),
            *_dkim(ask, domain, selectors),
            *_dmarc(ask, domain),
        ]
    except (Silence, resolver.NoResolverConfiguration):
        message = f"No name server answers: SPF, DKIM, DMARC and MX of {domain} were not looked at"
        return [Problem("dns", message, "warn")]


def _asker(names: resolver.Resolver, patience: float) -> Ask:
    def ask(name: str, kind: str) -> list[str]:
        """The answers as text; none where the name or the record does not exist."""
        try:
            found = names.resolve(name, kind, lifetime=patience, search=False)
        except (resolver.NXDOMAIN, resolver.NoAnswer):
            return []
        except (exception.DNSException, OSError) as error:
            raise Silence from error
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf-8", "replace") for record in found]
        return [record.to_text() for record in found]

    return ask


def _mail(ask: Ask, domain: str, bounces: str) -> Iterator[Problem]:
    for name in dict.fromkeys((domain, bounces)):
        servers = ask(name, "MX")
        if not servers and not ask(name, "NS") and not ask(name, "A"):
            yield Problem("dns", f"{name} does not exist: who sends from it is taken for a forger")
        elif not servers or servers == ["0 ."]:
            what = "replies" if name == domain else "bounces"
            yield Problem("dns", f"{name} has no mail server (MX): {what} get lost", "warn")


def _spf(ask: Ask, domain: str) -> Iterator[Problem]:
    records = [text for text in ask(domain, "TXT") if re.match(r"(?i)v=spf1( |$)", text)]
    if not records:
        yield Problem("dns", f"{domain} has no SPF record: say there who may send for it", "warn")
    elif len(records) > 1:
        yield Problem("dns", f"{domain} has {len(records)} SPF records, which counts as a fault")
    elif re.search(r" \+?all\b", records[0]) and not re.search(r" [-~?]all\b", records[0]):
        yield Problem("dns", f"The SPF record of {domain} lets everybody send for it", "warn")


def _dkim(ask: Ask, domain: str, selectors: tuple[str, ...]) -> Iterator[Problem]:
    with ThreadPoolExecutor(len(selectors)) as pool:
        answers = pool.map(lambda name: ask(f"{name}._domainkey.{domain}", "TXT"), selectors)
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
            message = f"The DKIM key {selector} of {domain} has {bits} bits: make one of {ADVISED}"
            yield Problem("dns", message, "warn" if bits >= WEAK else "block")


def key_bits(record: str) -> int | None:
    """Size of an RSA key in a DKIM record; 0 for another kind, None for one that is no key."""
    tags = dict(re.findall(r"(\w+)\s*=\s*([^;]*)", record))
    if tags.get("k", "rsa").strip() != "rsa":
        return 0
    try:
        key = load_der_public_key(base64.b64decode(re.sub(r"\s", "", tags.get("p", ""))))
    except (ValueError, binascii.Error):
        return None
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else None


def _dmarc(ask: Ask, domain: str) -> Iterator[Problem]:
    labels = domain.split(".")
    for place in range(max(len(labels) - 1, 1)):  # as DMARC itself looks: upwards
        texts = ask("_dmarc." + ".".join(labels[place:]), "TXT")
        records = [text for text in texts if re.match(r"v=DMARC1\s*(;|$)", text)]
        if records:
            if not re.search(r"(?i);\s*p\s*=\s*(none|quarantine|reject)\b", records[0]):
                yield Problem("dns", f"The DMARC record of {domain} names no policy (p=)", "warn")
            return
    message = f"{domain} has no DMARC record: large providers refuse bulk mail without one"
    yield Problem("dns", message, "warn")
