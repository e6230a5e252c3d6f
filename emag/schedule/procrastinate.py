"""Runs the timetable on any number of machines, with Procrastinate tasks as nudges."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector, exceptions
from procrastinate.job_context import JobContext
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from procrastinate.tasks import configure_task
from procrastinate.utils import utcnow
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from emag.database import Database
from emag.errors import DatabaseError
from emag.logbook import FAULT
from emag.newsroom import Newsroom
from emag.schedule.lanes import LaneRunner

log = logging.getLogger("emag.schedule")

# Its tables are in a PostgreSQL schema of their own, which no migration of emag touches.
SCHEMA = "emag_tasks"
_LOCK = 20_380_117  # any number that nobody else locks on this PostgreSQL server

# When each lane is nudged: cron expressions, with the seconds last. A queueing lock lets one nudge
# wait, not a hundred. Upkeep finds the nudges of workers that died.
WHEN = {
    "desk": "* * * * * */10",
    "post": "* * * * * */5",
    "sending": "* * * * * */2",
    "returns": "* * * * * */30",
    "upkeep": "* * * * * */10",
}
# Rounds of one lane may overlap on different machines, because rows are claimed. There is no lock
# on a lane: a round that ends while the database is away could not release it.
_LOOK = 1.0  # seconds between looks for a nudge without a notification
_AGAIN = 5.0  # seconds until a failed worker starts again
_CONNECTIONS = 4


def prepare(database: Database) -> None:
    """Creates Procrastinate's own tables. A second call changes nothing.

    They hold only nudges, so the tables of another version are replaced, not migrated.
    """
    with database.transaction() as conn:
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        if not is_ready(conn):
            conn.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            conn.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
            conn.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{_version()}'")
            conn.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
            # PostgreSQL accepts a script of many statements only without parameters.
            script = conn.execution_options(no_parameters=True)
            script.exec_driver_sql(SchemaManager.get_schema())


def is_ready(conn: Connection) -> bool:
    """True if the tables belong to the installed version of Procrastinate."""
    query = text("SELECT obj_description(to_regnamespace(:name), 'pg_namespace')")
    return bool(conn.execute(query, {"name": SCHEMA}).scalar() == _version())


def _version() -> str:
    return "tasks of emag " + hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()


class ProcrastinateEngine:
    """One worker. Like every other one it takes nudges, and defers the periodic ones.

    A nudge is deferred once for all workers. When a worker dies nothing is lost: its messages wait
    in the rows for the others. Deliveries are not tasks of their own: Procrastinate handles some
    200 a second, the rows thousands.
    """

    def __init__(
        self,
        current: Callable[[], Newsroom],
        *,
        when: Mapping[str, str] = WHEN,
        heartbeat: float = 10.0,
    ) -> None:
        """`current` gives the newsroom for a round.

        A worker without a sign of life for three times `heartbeat` seconds counts as dead.
        """
        self._database: Database = current().database
        self._runner = LaneRunner(current)
        self._when = when
        self._heartbeat = heartbeat
        self._thread: Thread | None = None
        self._ending: Future[None] = Future()

    def start(self) -> None:
        """Raises DatabaseError where the tables of its nudges are missing."""
        if self._thread:
            return
        with self._database.reading() as conn:
            if not is_ready(conn):
                raise DatabaseError(
                    "The database is not ready for EMAG_ENGINE=procrastinate: "
                    "stop emag, then run “emag db upgrade”"
                )
        # Its own loggers log every nudge; the rounds log what they did.
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
        self._runner.stop.clear()
        self._ending = Future()
        self._thread = Thread(target=self._run, name="engine")
        self._thread.start()

    def nudge(self) -> None:
        """Wakes a worker on any machine for a round of the post."""
        options: dict[str, Any] = {"name": "post", "queue": "post", "queueing_lock": "post"}
        manager = JobManager(SyncPsycopgConnector())
        try:
            with suppress(exceptions.AlreadyEnqueued), self._database.transaction() as conn:
                conn.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
                raw = conn.connection.driver_connection
                configure_task(job_manager=manager, connection=raw, **options).defer()
        except (SQLAlchemyError, exceptions.ConnectorException) as error:
            # The next periodic round does what the nudge was for.
            log.debug("A nudge was lost", extra={FAULT: error})

    def wind_down(self) -> None:
        """Ends the rounds under way after their current step."""
        self._runner.stop.set()

    def stop(self) -> None:
        """Ends a send after the messages under way, and waits for it."""
        self._runner.stop.set()
        if self._thread:
            self._ending.set_result(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        # psycopg does not work on the loop that Windows has by default.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        """Runs one worker a lane, so that no lane waits for another."""
        ending = asyncio.wrap_future(self._ending)
        apps = [self._upkeep() if lane == "upkeep" else self._app(lane) for lane in self._when]
        async with self._pool() as pool:
            await asyncio.gather(*(self._lane(app, pool, ending) for app in apps))

    def _pool(self) -> AsyncConnectionPool[Any]:
        url = self._database.url.set(drivername="postgresql")
        return AsyncConnectionPool(
            url.render_as_string(hide_password=False),
            min_size=1,
            max_size=_CONNECTIONS,
            configure=_configure,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )

    async def _lane(
        self, app: App, pool: AsyncConnectionPool[Any], ending: "asyncio.Future[None]"
    ) -> None:
        """Runs a lane's worker, and starts it again after a failure."""
        while not ending.done():
            worker = asyncio.create_task(self._work(app, pool))
            await asyncio.wait([worker, ending], return_when=asyncio.FIRST_COMPLETED)
            worker.cancel()  # it waits for what is under way
            [error] = await asyncio.gather(worker, return_exceptions=True)
            if not ending.done():
                log.warning("A worker failed (%s) and starts again", type(error).__name__)
                await asyncio.wait([ending], timeout=_AGAIN)

    async def _work(self, app: App, pool: AsyncConnectionPool[Any]) -> None:
        async with app.open_async(pool):
            await app.run_worker_async(
                queues=sorted({task.queue for task in app.tasks.values()} - {"builtin"}),
                concurrency=1,
                fetch_job_polling_interval=_LOOK,
                listen_notify="post" in app.tasks,  # only the post is nudged
                delete_jobs="always",  # a nudge is of no use afterwards
                install_signal_handlers=False,
                update_heartbeat_interval=self._heartbeat,
                stalled_worker_timeout=3 * self._heartbeat,
            )

    def _app(self, lane: str) -> App:
        app = App(connector=PsycopgConnector())

        @app.periodic(cron=self._when[lane])
        @app.task(name=lane, queue=lane, queueing_lock=lane)
        def go(timestamp: int = 0) -> None:  # noqa: ARG001 - Procrastinate passes the time of deferral
            self._runner.run(lane)

        return app

    def _upkeep(self) -> App:
        """Gives the nudges of dead workers to others."""
        app = App(connector=PsycopgConnector())

        @app.periodic(cron=self._when["upkeep"])
        @app.task(name="upkeep", queue="upkeep", queueing_lock="upkeep", pass_context=True)
        async def free(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - as above
            manager = context.app.job_manager
            silent = 3 * self._heartbeat
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=silent):
                try:
                    await manager.retry_job(job, retry_at=utcnow())
                except exceptions.UniqueViolation:  # another nudge of its lane waits already
                    with suppress(exceptions.ConnectorException):  # and another freed it
                        await manager.finish_job(job, Status.ABORTED, delete_job=True)

        return app


async def _configure(connection: AsyncConnection[Any]) -> None:
    await connection.execute(f"SET search_path TO {SCHEMA}")
    await connection.commit()
