"""Counts for Prometheus, without any personal data."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from emag import __version__
from emag.content.health import reads
from emag.errors import DatabaseError, NotFound
from emag.issues import store
from emag.mailing.delivery import Report
from emag.mailing.returns import reports
from emag.mailing.sending import ledger
from emag.newsroom import Newsroom
from emag.schedule import runs
from emag.schedule.standstill import Obstacle, free_bytes, standstills
from subscribers import firewall, roll
from subscribers.web import FORWARDED

# https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
KIND = "text/plain; version=0.0.4; charset=utf-8"

_PRIVATE = "These counts are for this machine and its private networks only."

Labels = Mapping[str, str]
_NOTHING: Labels = {}


@dataclass(frozen=True, slots=True)
class Gauge:
    """One family of samples that may go up and down."""

    name: str
    help: str
    samples: Sequence[tuple[Labels, float]] = ()


def exposition(gauges: Iterable[Gauge]) -> str:
    """The text format; a family without a sample is left out."""
    lines = []
    for gauge in gauges:
        if gauge.samples:
            lines += [f"# HELP {gauge.name} {gauge.help}", f"# TYPE {gauge.name} gauge"]
        lines += [f"{gauge.name}{_labels(labels)} {value:.15g}" for labels, value in gauge.samples]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Labels) -> str:
    def quoted(value: str) -> str:
        return re.sub(r'([\\"])', r"\\\1", value).replace("\n", r"\n")

    pairs = ",".join(f'{name}="{quoted(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def router(newsroom: Newsroom) -> APIRouter:
    """`GET /metrics`."""
    routes = APIRouter(tags=["operation"])

    @routes.get("/metrics")
    def metrics(request: Request) -> PlainTextResponse:
        # A stranger who signs an address up could learn its status from how the counts move.
        if is_public(request):
            raise HTTPException(HTTPStatus.FORBIDDEN, _PRIVATE)
        gauges = [*_counts(newsroom), *_standstills(newsroom)]
        return PlainTextResponse(exposition(gauges), media_type=KIND)

    return routes


def _counts(newsroom: Newsroom) -> list[Gauge]:
    """Nothing while the database does not answer: emag_standstill says so."""
    try:
        with newsroom.database.reading() as conn:
            return [*_list(conn), *_issue(conn), *_sources(conn), *_engine(conn, newsroom)]
    except (DBAPIError, DatabaseError):
        return []


def is_public(request: Request) -> bool:
    """True unless the request is known to come from this machine or its private networks."""
    if request.scope.get(FORWARDED) is False:
        return True
    return bool(firewall.network(request.client.host if request.client else ""))


def _by(label: str, counts: Mapping[str, int]) -> list[tuple[Labels, float]]:
    """One sample for each count, with its name as the label."""
    return [({label: name}, number) for name, number in sorted(counts.items())]


def _list(conn: Connection) -> list[Gauge]:
    counts = _by("status", roll.counts(conn))
    return [Gauge("emag_subscribers", "Subscribers by status.", counts)]


def _issue(conn: Connection) -> list[Gauge]:
    try:
        issue = store.get(conn, "latest")
    except NotFound:
        return []
    counts = ledger.counts(conn, issue.number)
    planned = [(_NOTHING, float(counts.pop("planned")))]
    reported = {report.value: counts.pop(report.value) for report in Report if report.value}
    complaints = 100 * reported["complained"] / max(1, counts["accepted"])
    number = ({"status": issue.status.value}, issue.number)
    return [
        Gauge("emag_issue_number", "The latest issue, and its status.", [number]),
        Gauge("emag_issue_planned", "Readers of the latest issue.", planned),
        Gauge(
            "emag_issue_deliveries",
            "Deliveries of the latest issue by status: they add up to emag_issue_planned.",
            _by("status", counts),
        ),
        Gauge(
            "emag_issue_reports",
            "Reports on accepted messages of the latest issue.",
            _by("report", reported),
        ),
        Gauge(
            "emag_issue_complaints_percent",
            "Complaints in percent of the accepted copies of the latest issue.",
            [(_NOTHING, complaints)],
        ),
    ]


def _sources(conn: Connection) -> list[Gauge]:
    states = reads.states(conn)
    ok = [({"source": state.name}, float(state.ok)) for state in states]
    read = [({"source": state.name}, state.read_at.timestamp()) for state in states]
    return [
        Gauge("emag_source_ok", "1 if the last read of the source succeeded.", ok),
        Gauge("emag_source_read_timestamp_seconds", "When the source was last read.", read),
    ]


def _engine(conn: Connection, newsroom: Newsroom) -> list[Gauge]:
    beat, now = runs.last_beat(conn), newsroom.now()
    read_at, _ = runs.started(conn, runs.MAILBOX_READ)
    return [
        Gauge(
            "emag_schedule_age_seconds",
            "Seconds since the schedule last ran.",
            [(_NOTHING, (now - beat).total_seconds())] if beat else [],
        ),
        Gauge(
            "emag_mailbox_age_seconds",
            "Seconds since the mailbox of bounces was last read.",
            [(_NOTHING, (now - read_at).total_seconds())] if read_at else [],
        ),
        Gauge(
            "emag_events_waiting",
            "Reports that are stored and not applied yet.",
            [(_NOTHING, reports.count_waiting(conn))],
        ),
    ]


def _standstills(newsroom: Newsroom) -> list[Gauge]:
    """Why nothing moves. Every obstacle has a sample, so that an alert can wait for a 1."""
    settings, now = newsroom.settings, newsroom.now()
    causes = standstills(newsroom.database, settings, now=now, condition=newsroom.condition)
    ages = dict.fromkeys(Obstacle, 0.0)
    for cause in causes:
        age = (now - cause.since).total_seconds() if cause.since else 0.0
        ages[cause.obstacle] = max(ages[cause.obstacle], age)
    lasting = {cause.obstacle for cause in causes}
    return [
        Gauge(
            "emag_standstill",
            "1 while this keeps something from moving; /healthz says what to do.",
            [({"obstacle": name.value}, float(name in lasting)) for name in Obstacle],
        ),
        Gauge(
            "emag_standstill_seconds",
            "For how long it has lasted.",
            [({"obstacle": name.value}, age) for name, age in ages.items()],
        ),
        Gauge(
            "emag_disk_free_bytes",
            "Free bytes on the disk of the publication's folder.",
            [(_NOTHING, float(free_bytes(settings.folder)))],
        ),
        Gauge("emag_info", "The version of emag.", [({"version": __version__}, 1.0)]),
    ]
