"""Erased rows leave no bytes in the files, even while another process has them open."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from emag.database import Database

pytestmark = pytest.mark.sqlite


def test_erased_rows_are_in_no_file_while_another_process_has_it_open(tmp_path):
    with (
        closing(Database(f"sqlite:///{tmp_path}/a.db")) as serving,
        closing(Database(f"sqlite:///{tmp_path}/a.db")) as erasing,
    ):
        with serving.transaction() as conn:
            conn.exec_driver_sql("CREATE TABLE people (address TEXT)")
            conn.exec_driver_sql("INSERT INTO people VALUES ('ann@example.org')")
        with erasing.transaction() as conn:
            conn.exec_driver_sql("DELETE FROM people")
        assert b"ann@" in (tmp_path / "a.db-wal").read_bytes()
        erasing.scrub()
        for file in tmp_path.glob("a.db*"):
            assert b"ann@" not in file.read_bytes(), file


def test_scrub_neither_disturbs_a_reading_transaction_nor_waits_for_it(tmp_path):
    with closing(Database(f"sqlite:///{tmp_path}/a.db")) as database:
        with database.transaction() as conn:
            conn.exec_driver_sql("CREATE TABLE people (address TEXT)")
        with database.reading() as conn:
            assert conn.exec_driver_sql("SELECT count(*) FROM people").scalar() == 0
            with database.transaction() as writing:
                writing.exec_driver_sql("INSERT INTO people VALUES ('ann@example.org')")
            database.scrub()
            assert conn.exec_driver_sql("SELECT count(*) FROM people").scalar() == 0
        with database.transaction() as conn:
            assert conn.exec_driver_sql("SELECT count(*) FROM people").scalar() == 1


def test_a_new_file_opened_by_many_at_once_has_its_log_in_each(tmp_path):
    """SQLite refuses at once, without waiting, who turns the log on while another one reads."""

    def mode(number):
        database = Database(f"sqlite:///{tmp_path}/{number // 8}.db")
        with database.reading() as conn:
            mode = conn.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        database.close()
        return mode

    with ThreadPoolExecutor(8) as openers:
        assert set(openers.map(mode, range(400))) == {"wal"}
