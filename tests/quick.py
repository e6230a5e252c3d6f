"""Takes out of the tests what costs time and proves nothing: pauses, the disk, work done twice."""

import asyncio
import gc
import os
import socketserver
import ssl
from pathlib import Path
from typing import Any, get_args

import fastapi._compat.v2
import httpx
import pytest
import uvicorn.server
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from emag import database

TICK = 0.005  # seconds


def install() -> None:
    """Called once in each process, before any test."""
    _share_compiled_statements_of_sqlite()
    _wait_for_no_disk()
    _stop_servers_at_once()
    _read_certificates_once()
    _prepare_fields_once()
    _say_nothing_of_clients_that_hang_up()


def freeze() -> None:
    """Called when all tests are known: what exists by then is never searched for garbage again."""
    gc.collect()
    gc.freeze()


_engines: dict[str, Engine] = {}  # the first of each kind, whose statements all others use


def share_compiled_statements(engine: Engine) -> None:
    """Each test has an engine of its own, which would compile the same statements again."""
    first = _engines.setdefault(engine.name, engine)
    if first is engine:
        engine.connect().close()  # the dialect asks the first connection what the database can do
    engine.dialect = engine.pool._dialect = first.dialect
    engine._compiled_cache = first._compiled_cache


def _share_compiled_statements_of_sqlite() -> None:
    share_compiled_statements(create_engine("sqlite://"))
    SQLiteDialect_pysqlite.engine_created = staticmethod(share_compiled_statements)


def _wait_for_no_disk() -> None:
    """What is committed outlives a killed process. No test can cut the power."""
    pragmas = database._sqlite_pragmas

    def quick(connection: Any, record: Any) -> None:
        pragmas(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    database._sqlite_pragmas = quick


class _Asyncio:
    """asyncio as uvicorn sees it: the server looks every 5 ms, not 100, whether it is to stop."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    @staticmethod
    async def sleep(seconds: float) -> None:
        await asyncio.sleep(min(seconds, TICK))


def _stop_servers_at_once() -> None:
    uvicorn.server.asyncio = _Asyncio()


def _read_certificates_once() -> None:
    """Each client of httpx would read the certificates of all authorities again: 20 ms."""
    create, contexts = httpx._config.create_ssl_context, {}

    def shared(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        if verify is not True or cert:
            return create(verify, cert, trust_env)
        places = (trust_env, *map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR")))
        if places not in contexts:
            contexts[places] = create(verify, cert, trust_env)
        return contexts[places]

    httpx._transports.default.create_ssl_context = shared


def _prepare_fields_once() -> None:
    """Each test has a web app of its own, which would build the same 200 validators again."""
    adapters: dict[str, TypeAdapter] = {}

    def shared(annotated: Any, *, config: Any = None) -> TypeAdapter:
        kind = get_args(annotated)[0]
        if config or (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return TypeAdapter(annotated, config=config)
        name = repr(annotated)  # with what the adapter keeps, so no address in it changes hands
        if name not in adapters:
            adapters[name] = TypeAdapter(annotated)
        return adapters[name]

    fastapi._compat.v2.TypeAdapter = shared


def _say_nothing_of_clients_that_hang_up() -> None:
    """A server's thread would say it on the standard error of whatever test runs by then."""
    socketserver.BaseServer.handle_error = lambda *_: None


# The modules whose tests take long, one or all of them.
LONG = {
    Path(__file__).parent / name
    for name in (
        "test_adding.py",
        "test_one_issue.py",
        "emag/cli/test_attacks.py",
        "emag/cli/test_live.py",
        "emag/mailing/sending/test_faults.py",
        "emag/mailing/sending/test_workers.py",
        "emag/content/test_year.py",
        "emag/schedule/test_two_years.py",
        "emag/schedule/test_year.py",
        "emag/web/desk/test_accessible.py",
        "emag/web/desk/test_week.py",
        "subscribers/test_never_back.py",
    )
}
assert all(path.is_file() for path in LONG), "a module of LONG has moved"


def long_ones_first(items: list[pytest.Item]) -> None:
    """At the end, a long one would run while the other workers have nothing left to do.

    Each worker begins with its share of the list, so each share begins with long ones.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.path in LONG]
    others = [item for item in items if item.path not in LONG]
    size = -(-len(items) // workers)
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        share = long[worker::workers]
        rest = size - len(share)
        ordered += share + others[:rest]
        others = others[rest:]
    items[:] = ordered + others
