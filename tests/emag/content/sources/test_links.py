"""Addresses of links are asked many at once: which are dead, which moved, which say nothing."""

import itertools
import socket
import threading
from datetime import timedelta

import pytest

from emag.content.links.link import LinkState, is_askable, is_local
from emag.content.sources.links import WebLinks
from emag.network import NetworkAccess

UNKNOWN = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
SOON = timedelta(seconds=20)
HERE = "https://mail.crier.example.org"


@pytest.fixture
def links():
    return WebLinks(base_url=HERE, network=NetworkAccess(allow_private=True))


def test_the_dead_are_found_among_sixty(site, links):
    """With one that hangs. `benchmarks/links.py` says how long it takes."""
    finish = threading.Event()
    site.answer("/slow", lambda _: finish.wait(20))
    site.redirect("/circle", "/circle")
    site.redirect("/moved", "/page1", status=301)
    for status in (403, 429, 500, 503):
        site.serve(f"/{status}", "", status=status)
    for number in range(50):
        site.serve(f"/page{number}", "")
    paths = [f"/page{number}" for number in range(50)]
    paths += ["/missing", "/circle", "/moved", "/403", "/429", "/500", "/503", "/page1#part"]
    addresses = [site.url + path for path in paths]
    addresses += ["http://127.0.0.1:1/", "http://nowhere.invalid/", f"{HERE}/archive/1"]
    answers = links.ask(addresses, within=SOON)
    assert [answer.url for answer in answers] == addresses[:-1], "emag never asks itself"
    states = {answer.url.removeprefix(site.url): answer.state for answer in answers}
    dead = {url for url, state in states.items() if state is LinkState.DEAD}
    assert dead == {"/missing", "/circle", "/500", "http://127.0.0.1:1/", "http://nowhere.invalid/"}
    unclear = {url for url, state in states.items() if state is LinkState.UNCLEAR}
    assert unclear == {"/403", "/429", "/503"}, "a site that refuses programs is no dead link"
    assert {answer.moved_to for answer in answers} == {"", f"{site.url}/page1"}
    [silent] = links.ask([f"{site.url}/slow"], within=timedelta(seconds=0.6))
    finish.set()
    assert silent.state is LinkState.SILENT


def test_private_addresses_are_not_asked(site):
    site.redirect("/away", "http://169.254.169.254/secrets")
    guarded = WebLinks(base_url=HERE, network=NetworkAccess(allow_private=False))
    [answer] = guarded.ask([f"{site.url}/page"], within=SOON)
    assert (answer.state, site.requests) == (LinkState.PRIVATE, [])
    open_here = WebLinks(base_url=HERE, network=NetworkAccess(allow_private=True))
    [answer] = open_here.ask([f"{site.url}/away"], within=SOON)
    assert answer.state is LinkState.PRIVATE


def test_nobody_is_to_blame_without_a_network():
    """A name that is not found is dead only where other names are found."""
    hosts = {"there.net": ["127.0.0.1"]}

    def addresses(host: str, _port: int) -> list[str]:
        if host not in hosts:
            raise UNKNOWN
        return hosts[host]

    asker = WebLinks(base_url=HERE, network=NetworkAccess(allow_private=True, addresses=addresses))
    [answer] = asker.ask(["http://gone.net:1/"], within=SOON)
    assert answer.state is LinkState.UNCLEAR
    lost, there = asker.ask(["http://gone.net:1/", "http://there.net:1/"], within=SOON)
    assert (lost.state, there.state) == (LinkState.DEAD, LinkState.DEAD)
    hosts["example.com"] = ["192.0.2.1"]
    [answer] = asker.ask(["http://gone.net:1/"], within=SOON)
    assert answer.state is LinkState.DEAD


def test_pages_that_hang_hide_no_dead_one(site, links):
    """Of sixty links of one site forty hang, until all others are judged."""
    judged, others = threading.Event(), itertools.count(1)

    def missing(request):
        if request.command == "GET" and next(others) == 20:
            judged.set()
        request.send_error(404)

    for number in range(40):
        site.answer(f"/hangs{number}", lambda _: judged.wait(60))
    for number in range(20):
        site.answer(f"/dead{number}", missing)
    answers = links.ask(list(map(site.url.__add__, site.answers)), within=timedelta(seconds=60))
    assert judged.is_set()
    states = [answer.state for answer in answers]
    assert states.count(LinkState.DEAD) == 20, "those that hung have broken off"


def test_a_slow_resolver_keeps_nobody_waiting():
    answered = threading.Event()

    def addresses(host: str, _port: int) -> list[str]:
        if host == "gone.net":
            raise UNKNOWN
        answered.wait(60)
        return ["192.0.2.1"]

    asker = WebLinks(base_url=HERE, network=NetworkAccess(allow_private=True, addresses=addresses))
    wanted = ["http://gone.net/", *(f"http://slow{number}.net/" for number in range(59))]
    answers = asker.ask(wanted, within=timedelta(seconds=0.5))
    assert not answered.is_set()
    answered.set()
    assert {answer.state for answer in answers} <= {LinkState.UNCLEAR, LinkState.SILENT}


@pytest.mark.parametrize(
    ("address", "askable", "local"),
    [
        ("https://crier.org/a", True, False),
        ("https://crier.example.org/a", False, False),
        (f"{HERE}/archive", False, False),
        ("http://mail.crier.example.org/x", False, False),
        ("mailto:ann@crier.org", False, False),
        ("https://[bad", False, False),
        ("http://localhost:80/a", True, True),
        ("http://10.1.2.3/a", True, True),
        ("http://[::1]:8000/a", True, True),
        ("https://93.184.216.34/", True, False),
    ],
)
def test_which_addresses_are_asked(address, askable, local):
    assert is_askable(address, base_url=HERE) is askable
    assert is_local(address) is local
