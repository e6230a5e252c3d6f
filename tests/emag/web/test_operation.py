"""Health and metrics: the reason in words, the counts without names."""

import json
import re
from datetime import UTC

import httpx

from emag import instance
from emag.schedule import standstill, tick
from emag.web import metrics, worker_health

ROW = re.compile(r"([a-z_]+)(?:\{(.*)\})? (-?[0-9.e+]+)")


def ticked(press):
    """The timetable comes round once."""
    tick.tick(press.newsroom, stages=tick.POST)


def scraped(client):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    rows = [line for line in answer.text.splitlines() if not line.startswith("#")]
    matches = [ROW.fullmatch(row) for row in rows]
    assert all(matches), rows
    return {(m[1], m[2] or ""): float(m[3]) for m in matches}


def test_health_is_200_while_all_is_well(press, client, clock):
    ticked(press)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    health = answer.json()
    assert health["ok"] is True
    assert health["reason"] == ""
    assert all(health[name]["ok"] for name in ("database", "engine", "disk"))


def test_health_names_a_schedule_that_does_not_run(press, client, clock):
    ticked(press)
    clock.forward(hours=3)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "180 minutes" in answer.json()["reason"]
    assert answer.json()["database"]["ok"] is True


def test_a_schedule_that_never_ran_is_no_fault(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert "emag serve" in answer.json()["engine"]["said"]


def test_health_names_a_missing_database(press, client):
    press.newsroom.database.close()
    file = press.newsroom.settings.folder / "emag.db"
    for path in file.parent.glob("emag.db*"):
        path.unlink()
    file.mkdir()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "database" in answer.json()["reason"]
    assert str(file) not in answer.text
    assert 'emag_standstill{obstacle="database-away"} 1' in client.get("/metrics").text


def test_the_metrics_are_counts_without_addresses(press, client, clock):
    press.reader("ann@example.org")
    press.reader("ben@example.org")
    ticked(press)
    number = press.issue("Bins & boats")
    press.send(number)
    clock.forward(seconds=90)
    rows = scraped(client)
    assert rows["emag_subscribers", 'status="active"'] == 2
    assert rows["emag_subscribers", 'status="pending"'] == 0
    assert rows["emag_issue_number", 'status="sent"'] == number
    assert rows["emag_issue_deliveries", 'status="accepted"'] == 2
    assert rows["emag_issue_planned", ""] == 2
    assert rows["emag_issue_reports", 'report="delivered"'] == 0
    assert sum(n for (name, _), n in rows.items() if name == "emag_issue_deliveries") == 2
    assert rows["emag_source_ok", 'source="desk"'] == 1
    assert rows["emag_schedule_age_seconds", ""] == 90
    assert rows["emag_events_waiting", ""] == 0
    assert "@" not in client.get("/metrics").text


def test_counts_are_for_private_networks(client):
    for visitor, status in (("203.0.113.7", 403), ("2001:db8::7", 403), ("10.1.2.3", 200)):
        answer = client.get("/metrics", headers={"X-Forwarded-For": visitor})
        assert answer.status_code == status
    refused = client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
    assert list(refused.json()) == ["error"]


def test_an_empty_publication_has_metrics_too(client):
    rows = scraped(client)
    assert rows["emag_subscribers", 'status="active"'] == 0
    assert not any(name == "emag_issue_number" for name, _ in rows)


def test_a_label_cannot_break_out_of_its_line():
    gauge = metrics.Gauge("emag_source_ok", "Help.", [({"source": 'a"b\\c\nd'}, 1.0)])
    assert metrics.exposition([gauge]).splitlines()[-1] == r'emag_source_ok{source="a\"b\\c\nd"} 1'


def test_a_number_keeps_all_its_digits():
    gauge = metrics.Gauge("emag_source_read_timestamp_seconds", "Help.", [({}, 1772700000.0)])
    assert "1772700000" in metrics.exposition([gauge])


def test_a_full_disk_is_a_fault(tmp_path):
    assert standstill.of_disk(tmp_path, least=0) == []
    [cause] = standstill.of_disk(tmp_path, least=10**18)
    assert cause.is_down
    assert "make room" in cause.sentence(UTC)


def test_health_and_metrics_say_why_nothing_moves(press, client, clock):
    ticked(press)
    instance.hold(press.newsroom.database, "This database is a copy of another")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "emag db release" in answer.json()["reason"]
    assert answer.json()["sending"]["ok"] is False
    [wait] = answer.json()["waits"]
    assert (wait["obstacle"], wait["down"]) == ("held-copy", True)
    rows = scraped(client)
    assert rows["emag_standstill", 'obstacle="held-copy"'] == 1
    assert rows["emag_standstill", 'obstacle="relay-away"'] == 0
    assert rows["emag_disk_free_bytes", ""] > 0


def test_a_request_has_a_number_that_only_a_trusted_proxy_may_give(client):
    wanted = {"X-Request-ID": "from-the-proxy.1"}
    new = client.get("/healthz", headers=wanted).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{16}", new)
    forwarded = wanted | {"X-Forwarded-For": "203.0.113.7"}
    assert client.get("/healthz", headers=forwarded).headers["X-Request-ID"] == "from-the-proxy.1"
    forged = forwarded | {"X-Request-ID": "x y"}
    assert client.get("/healthz", headers=forged).headers["X-Request-ID"] != "x y"


def test_a_worker_has_a_health_of_its_own(press, clock, tmp_path):
    file = tmp_path / "health.json"
    ticked(press)
    with (
        worker_health.answering(lambda: press.newsroom, "127.0.0.1", 0) as port,
        worker_health.writing(lambda: press.newsroom, file),
    ):
        answer = httpx.get(f"http://127.0.0.1:{port}/healthz")
        assert (answer.status_code, answer.json()["ok"]) == (200, True)
        assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 404
        clock.forward(hours=1)
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 503
    assert json.loads(file.read_text())["database"]["ok"] is True
