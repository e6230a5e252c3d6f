"""Procrastinate on PostgreSQL: nudges are deferred once, shared, and found again after a crash."""

import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from emag import bootstrap
from emag.errors import DatabaseError
from emag.issues import store
from emag.issues.issue import Status
from emag.schedule import procrastinate
from emag.schedule.lanes import LANES
from emag.schedule.procrastinate import SCHEMA, ProcrastinateEngine
from subscribers import membership
from subscribers.consent import Evidence

pytestmark = pytest.mark.postgres

OFTEN = dict.fromkeys(procrastinate.WHEN, "* * * * * *")


@pytest.fixture
def database(server, upgraded_template):
    with server.database(upgraded_template) as database:
        yield database


@pytest.fixture
def run(request):
    """Starts an engine and stops it at the end."""

    def _run(newsroom, when=OFTEN) -> ProcrastinateEngine:
        engine = ProcrastinateEngine(lambda: newsroom, when=when, heartbeat=0.5)
        request.addfinalizer(engine.stop)
        engine.start()
        return engine

    return _run


def wait_for(condition, seconds=90.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def tasks(database, columns="task_name, status"):
    """What waits or is under way, as Procrastinate keeps it."""
    with database.reading() as conn:
        rows = conn.execute(text(f"SELECT {columns} FROM {SCHEMA}.procrastinate_jobs ORDER BY id"))
        return [tuple(row) for row in rows]


def put(database, task, status):
    """A task as a worker leaves it that died long ago; a waiting one in nobody's hands."""
    with database.transaction() as conn:
        conn.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
        dead = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 h')"
        worker = conn.execute(text(f"{dead} RETURNING id")).scalar()
        holder = f"'doing', {worker}" if status == "doing" else "'todo', NULL"
        insert = (
            "INSERT INTO procrastinate_jobs"
            " (queue_name, task_name, queueing_lock, status, worker_id)"
            f" VALUES ('{task}', '{task}', '{task}', {holder}) RETURNING id"
        )
        return conn.execute(text(insert)).scalar()


def status(newsroom):
    with newsroom.database.reading() as conn:
        issues = store.listing(conn)
    return issues[0].status if issues else None


def test_an_issue_goes_all_the_way_with_two_workers(automatic, clock, shelf, run, mail):
    shelf.put("One")
    run(automatic)
    run(automatic)
    clock.forward(hours=7)  # Thursday 16:00
    assert wait_for(lambda: status(automatic) is Status.APPROVED)
    clock.forward(hours=15, minutes=30)  # Friday 07:30
    assert wait_for(lambda: status(automatic) is Status.SENT)
    assert len(mail("reader")) == len(set(mail("reader"))) == 3
    assert wait_for(lambda: mail("ann@"))


def test_a_periodic_nudge_is_deferred_once_for_all(newsroom, run):
    for _ in range(3):
        run(newsroom, procrastinate.WHEN)
    began = time.monotonic()
    time.sleep(4)
    with newsroom.database.reading() as conn:
        last_job = conn.execute(text(f"SELECT last_value FROM {SCHEMA}.procrastinate_jobs_id_seq"))
        lanes = conn.execute(
            text(f"SELECT DISTINCT task_name FROM {SCHEMA}.procrastinate_periodic_defers")
        )
        assert {name for (name,) in lanes} == {*LANES, "upkeep"}
    took = time.monotonic() - began
    due = sum(took / every + 2 for every in (2, 5, 10, 10, 10))
    assert 4 <= last_job.scalar() <= due  # each worker for itself would make three times as many


def test_a_nudge_wakes_a_worker_at_once(newsroom, clock, run, mail):
    engine = run(newsroom, procrastinate.WHEN)
    took = []
    for number in range(4):
        time.sleep(0.1 + number / 3)
        with newsroom.database.transaction() as conn:
            person = {"address": f"new{number}@example.org", "evidence": Evidence("form")}
            membership.sign_up(conn, newsroom.keys, **person, now=clock())
        began = time.monotonic()
        engine.nudge()
        assert wait_for(lambda: mail(f"new{number}@"))  # noqa: B023 - used at once
        took.append(time.monotonic() - began)
    assert min(took) < 1.0, took  # by itself it comes every five seconds


def test_nudges_that_nobody_follows_do_not_pile_up(newsroom):
    engine = ProcrastinateEngine(lambda: newsroom)
    for _ in range(5):
        engine.nudge()
    assert tasks(newsroom.database) == [("post", "todo")]


def test_a_lost_nudge_does_no_harm(newsroom, server, full_template):
    """Without its tables, and without a database at all."""
    with server.database(full_template) as bare:
        engine = ProcrastinateEngine(lambda: replace(newsroom, database=bare))
        engine.nudge()
    engine.nudge()
    bare.close()


def test_a_task_of_a_dead_worker_is_done_by_another(newsroom, shelf, clock, run):
    shelf.put("One")
    clock.forward(hours=1)
    put(newsroom.database, "desk", "doing")
    run(newsroom)
    assert wait_for(lambda: shelf.reads)
    assert wait_for(lambda: ("desk", "doing") not in tasks(newsroom.database))


def test_a_dead_task_gives_way_to_one_that_waits(newsroom, shelf, clock, run):
    shelf.put("One")
    clock.forward(hours=1)
    dead = put(newsroom.database, "desk", "doing")
    waiting = put(newsroom.database, "desk", "todo")
    run(newsroom)
    assert wait_for(lambda: shelf.reads)
    assert wait_for(lambda: not {(dead,), (waiting,)} & set(tasks(newsroom.database, "id")))


def test_a_task_under_way_is_left_alone(newsroom, shelf, clock, run):
    """Its worker lives, however long it takes."""
    gate, reads = threading.Event(), []

    class Slow:
        name, section = "slow", "posts"

        def read(self, memory):
            reads.append(1)
            assert gate.wait(30)
            return shelf.read(memory)

    run(replace(newsroom, sources=(Slow(),)))
    try:
        assert wait_for(lambda: reads)
        run(replace(newsroom, sources=(Slow(),)))
        assert not wait_for(lambda: len(reads) > 1, seconds=4)
        assert ("desk", "doing") in tasks(newsroom.database), "nobody took it away"
    finally:
        gate.set()


def test_it_goes_on_when_the_database_was_away(newsroom, shelf, clock, run, server, mail):
    run(newsroom)
    assert wait_for(lambda: shelf.reads)
    with server.away(newsroom.database):
        time.sleep(2.5)
    reads = shelf.reads
    clock.forward(hours=2)
    assert wait_for(lambda: shelf.reads > reads)
    with newsroom.database.transaction() as conn:
        person = {"address": "new@example.org", "evidence": Evidence("form")}
        membership.sign_up(conn, newsroom.keys, **person, now=clock())
    assert wait_for(lambda: mail("new@"))


def test_it_can_be_stopped_and_started_again(newsroom, shelf, clock):
    engine = ProcrastinateEngine(lambda: newsroom, when=OFTEN)
    engine.stop()  # not started: nothing to do
    for _ in range(2):
        engine.start()
        engine.start()
        reads = shelf.reads
        clock.forward(hours=1)
        assert wait_for(lambda: shelf.reads > reads)  # noqa: B023 - used at once
        engine.stop()
    with newsroom.database.reading() as conn:
        left = conn.execute(text(f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers"))
        assert left.scalar() == 0


def test_without_its_tables_it_says_what_to_do(newsroom, server, full_template):
    with server.database(full_template) as bare:
        engine = ProcrastinateEngine(lambda: replace(newsroom, database=bare))
        with pytest.raises(DatabaseError, match="emag db upgrade"):
            engine.start()
        procrastinate.prepare(bare)
        engine.start()
        engine.stop()


def test_its_tables_are_made_once_and_anew_for_another_version(newsroom):
    database = newsroom.database
    put(database, "post", "todo")
    bootstrap.upgrade(database)
    assert tasks(database) == [("post", "todo")]
    with database.transaction() as conn:
        conn.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS 'tasks of another version'")
    bootstrap.upgrade(database)
    assert tasks(database) == []


def test_many_prepare_at_once(server, full_template):
    with server.database(full_template) as database:
        threads = [
            threading.Thread(target=procrastinate.prepare, args=(database,)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.reading() as conn:
            assert procrastinate.is_ready(conn)
            assert conn.exec_driver_sql("SHOW search_path").scalar() == '"$user", public'
