"""Takes out of the tests what costs time and proves nothing: pauses, the disk, work done twice."""

import asyncio
import gc
from typing import Any

import uvicorn.server
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from emag import database

TICK = 0.005  # seconds


def install() -> None:
    """Called once in each process, before any test."""
    _share_compiled_statements()
    _wait_for_no_disk()
    _stop_servers_at_once()


def freeze() -> None:
    """Called when all tests are known: what exists by then is never searched for garbage again."""
    gc.collect()
    gc.freeze()


def _share_compiled_statements() -> None:
    """Each test has an engine of its own, which would compile the same statements again."""
    shared = create_engine("sqlite://")
    shared.connect().close()  # the dialect asks the first connection what SQLite can do

    def share(_cls: type, engine: Engine) -> None:
        engine.dialect = engine.pool._dialect = shared.dialect
        engine._compiled_cache = shared._compiled_cache

    SQLiteDialect_pysqlite.engine_created = classmethod(share)


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
