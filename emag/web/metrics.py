"""Counts for Prometheus, without any personal data."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy import Connection

from emag.content import reads
from emag.errors import NotFound
from emag.issues import store
from emag.mailing.delivery import Report
from emag.mailing.returns import reports
from emag.mailing.sending import ledger
from emag.newsroom import Newsroom
from emag.schedule import runs
from subscribers import firewall, roll
from subscribers.web import FORWARDED

# https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
KIND = "text/plain; version=0.0.4; charset=utf-8"

_PRIVATE = "These counts are for this machine and its private networks only."

Labels = Mapping[str, str]


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
        with newsroom.database.reading() as conn:
            gauges = [*_list(conn), *_issue(conn), *_sources(conn), *_engine(conn, newsroom)]
        return PlainTextResponse(exposition(gauges), media_type=KIND)

    return routes


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
    nothing: Labels = {}
    planned = [(nothing, float(counts.pop("planned")))]
    reported = {report.value: counts.pop(report.value) for report in Report if report.value}
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
    ticked = runs.last_beat(conn)
    nothing: Labels = {}
    age = [(nothing, (newsroom.now() - ticked).total_seconds())] if ticked else []
    waiting = [(nothing, reports.count_waiting(conn))]
    return [
        Gauge("emag_schedule_age_seconds", "Seconds since the schedule last ran.", age),
        Gauge("emag_events_waiting", "Reports that are stored and not applied yet.", waiting),
    ]
