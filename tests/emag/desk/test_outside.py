"""The pre-flight asks outside before an approval, keeps the answers, and no page waits for them."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from emag.checks.outside import Outside
from emag.content.sources.links import WebLinks
from emag.desk import approve, edit, outside
from emag.desk.look import look
from emag.domain import DomainFinding
from emag.errors import PreflightFailed
from emag.issues.draft import draft_special
from emag.issues.issue import Status
from emag.issues.tables import ISSUES
from emag.network import NetworkAccess


@pytest.fixture
def world(settings):
    """Who asks links and DNS. `world.calls` counts how often DNS was asked."""
    calls = []

    def domain() -> list[DomainFinding]:
        calls.append("DNS")
        return [DomainFinding("example.org has no DMARC record", "warn")]

    links = WebLinks(base_url=settings.base_url, network=NetworkAccess(allow_private=True))
    return Outside(links, domain), calls


def rules(view) -> list[tuple[str, str, str]]:
    return [(fault.rule, fault.where, fault.target) for fault in view.faults]


def test_a_dead_link_stops_the_approval_until_it_is_mended(
    database, settings, clock, issue, site, world
):
    asker, calls = world
    page = f"{site.url}/plan"
    edit.write(database, settings, 1, note=f"Read [the plan]({page}).", now=clock(), by="Ann")
    before = look(database, settings, 1, now=clock())
    assert (before.links.count, before.links.pending, before.links.oldest) == (1, 1, None)
    with pytest.raises(PreflightFailed, match=r"HTTP 404.*link-dead: http"):
        approve.approve(database, settings, 1, now=clock(), by="Ann", outside=asker)
    asked_at = clock()
    view = look(database, settings, 1, now=clock.forward(minutes=1))
    assert rules(view) == [("link-dead", page, "note"), ("domain", "example.org", "")]
    assert (view.links.pending, view.links.oldest) == (0, asked_at)
    site.serve("/plan", "")
    approved = approve.approve(database, settings, 1, now=clock(), by="Ann", outside=asker)
    assert approved.issue.status is Status.APPROVED
    count = len(site.requests)
    clock.forward(hours=1)
    assert outside.ask_for_unsent(database, settings, asker, now=clock()) == 0
    assert len(site.requests) == count, "a page that was there is not asked again for hours"
    assert len(calls) == 2, "DNS is asked again after a while, where it has faults"


def test_what_recent_issues_had_is_named(database, settings, clock, issue, site):
    page = f"{site.url}/plan"
    lines = {"subject": "Fog over the town", "note": f"See {page} and more."}
    edit.write(database, settings, 1, **lines, now=clock(), by="Ann")
    first = look(database, settings, 1, now=clock())
    assert rules(first) == []
    with database.transaction() as conn:
        conn.execute(update(ISSUES).values(began_at=clock()))
    special = draft_special(database, settings, now=clock.forward(days=1), by="Ann", title="Fog")
    story = first.issue.picks[1].story.link
    note = f"Read [it]({page}) and [that]({story})."
    lines |= {"subject": "FOG over the town", "note": note}
    edit.write(database, settings, special.number, **lines, now=clock(), by="Ann")
    view = look(database, settings, special.number, now=clock())
    assert rules(view) == [
        ("subject", "subject", "subject"),
        ("link-used", page, "note"),
        ("link-used", story, "note"),
    ]
    assert all("Issue 1 had" in fault.message for fault in view.faults)


def test_a_silent_name_server_of_the_domain_keeps_nobody_waiting(database, settings, clock, site):
    answered = threading.Event()

    def domain() -> list[DomainFinding]:
        answered.wait(60)
        return []

    links = WebLinks(base_url=settings.base_url, network=NetworkAccess(allow_private=True))
    outside.ask_addresses(
        database,
        settings,
        Outside(links, domain),
        [f"{site.url}/page"],
        now=clock(),
        within=timedelta(seconds=0.5),
    )
    assert not answered.is_set()
    answered.set()
