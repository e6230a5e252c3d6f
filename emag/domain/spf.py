"""Evaluates an SPF record as receivers do: its terms, its includes, and how many it asks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network

from emag.domain import DomainFinding

Query = Callable[[str, str], list[str]]
MOST_LOOKUPS, MOST_VOID = 10, 2  # RFC 7208, 4.6.4: beyond them the record counts as an error
_RECORD = re.compile(r"(?i)v=spf1( |$)")
_TERM = re.compile(r"([+?~-]?)([A-Za-z][\w.-]*)(?:([:=])(\S*?))?((?:/\d+)?(?://\d+)?)$")
_MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})


@dataclass(slots=True)
class _Walk:
    """What the records of one domain ask so far."""

    query: Query
    lookups: int = 0
    void: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)


def records(query: Query, domain: str) -> list[str]:
    """The SPF records of a domain; there should be one."""
    return [text for text in query(domain, "TXT") if _RECORD.match(text)]


def examine(query: Query, domain: str) -> Iterator[DomainFinding]:
    """Yields every fault of a domain's SPF record and of those that it includes."""
    texts = records(query, domain)
    if not texts:
        yield DomainFinding(
            f"{domain} has no SPF record: add one that names who may send for it", "warn"
        )
    elif len(texts) > 1:
        yield DomainFinding(f"{domain} has {len(texts)} SPF records: keep only one")
    else:
        yield from _of_record(query, domain, texts[0])


def _of_record(query: Query, domain: str, text: str) -> Iterator[DomainFinding]:
    terms = text.split()[1:]
    names = [term.lower().lstrip("+-~?") for term in terms]
    if terms == ["-all"]:
        yield DomainFinding(
            f"The SPF record of {domain} says that nobody sends for it (-all alone): "
            "name your mail server in it"
        )
        return
    yield from _ending(domain, terms, names)
    walk = _Walk(query)
    yield from _terms(walk, domain, terms)
    if walk.lookups > MOST_LOOKUPS:
        yield DomainFinding(
            f"The SPF record of {domain} asks for {walk.lookups} other records, and {MOST_LOOKUPS} "
            "are allowed: receivers treat it as broken. Remove includes that you do not use"
        )
    if len(walk.void) > MOST_VOID:
        names_text = ", ".join(walk.void[:4])
        yield DomainFinding(
            f"The SPF record of {domain} names {len(walk.void)} hosts that do not exist "
            f"({names_text}): remove them",
            "warn",
        )


def _ending(domain: str, terms: list[str], names: list[str]) -> Iterator[DomainFinding]:
    redirects = any(name.startswith("redirect=") for name in names)
    if "all" not in names:
        if not redirects:
            sentence = f"The SPF record of {domain} has no end: end it with -all or ~all"
            yield DomainFinding(sentence, "warn")
        return
    place = names.index("all")
    if terms[place].lower() in {"all", "+all"}:
        yield DomainFinding(
            f"The SPF record of {domain} lets everybody send for it: end it with -all", "warn"
        )
    elif terms[place].lower() == "?all":
        sentence = f"The SPF record of {domain} decides nothing (?all): end it with -all or ~all"
        yield DomainFinding(sentence, "warn")
    if after := [name for name in names[place + 1 :] if not name.startswith("exp=")]:
        yield DomainFinding(
            f"In the SPF record of {domain}, “{after[0]}” comes after “all” and does not count: "
            "put it before",
            "warn",
        )


def _terms(walk: _Walk, domain: str, terms: list[str]) -> Iterator[DomainFinding]:
    walk.visited.add(domain)
    has_all = any(term.lower().lstrip("+-~?") == "all" for term in terms)
    for term in terms:
        match = _TERM.match(term)
        name = match[2].lower() if match else ""
        if not match or (name not in _MECHANISMS and match[3] != "="):
            yield DomainFinding(
                f"The SPF record of {domain} holds “{term}”, which is no term of SPF: receivers "
                "treat the record as broken. Correct it"
            )
            continue
        target = (match[4] or "").rstrip(".").lower()
        if name in {"ip4", "ip6"}:
            yield from _network(domain, name, f"{match[4] or ''}{match[5]}")
        elif name == "include" or (name == "redirect" and not has_all):
            yield from _other(walk, domain, name, target)
        elif name in _ASKING:
            yield from _hosts(walk, domain, name, target or domain)


def _network(domain: str, name: str, text: str) -> Iterator[DomainFinding]:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        network = None
    if network is None or network.version != int(name[-1]):
        yield DomainFinding(
            f"The SPF record of {domain} holds “{name}:{text}”, which is no address of that kind: "
            "correct it"
        )


def _other(walk: _Walk, domain: str, name: str, target: str) -> Iterator[DomainFinding]:
    walk.lookups += 1
    if "%" in target or walk.lookups > 2 * MOST_LOOKUPS:
        return  # a macro depends on the message; and a loop has to end
    if target in walk.visited:
        yield DomainFinding(
            f"The SPF record of {domain} includes {target} twice or in a circle: remove one",
            "warn",
        )
        return
    texts = records(walk.query, target)
    if len(texts) != 1:
        number = "no SPF record" if not texts else f"{len(texts)} SPF records"
        yield DomainFinding(
            f"The SPF record of {domain} includes {target}, which has {number}: receivers treat "
            f"yours as broken. Remove {name} or correct its name"
        )
        return
    yield from _terms(walk, target, texts[0].split()[1:])


def _hosts(walk: _Walk, domain: str, name: str, target: str) -> Iterator[DomainFinding]:
    walk.lookups += 1
    if name == "ptr":
        yield DomainFinding(
            f"The SPF record of {domain} holds “ptr”, which receivers ignore: name networks with "
            "ip4 and ip6",
            "warn",
        )
    elif name in {"a", "mx"} and "%" not in target:
        kinds = ("MX",) if name == "mx" else ("A", "AAAA")
        if not any(walk.query(target, kind) for kind in kinds):
            walk.void.append(target)
            yield DomainFinding(
                f"The SPF record of {domain} names {target} ({name}), which has no such record: "
                "remove it",
                "warn",
            )
