"""Erased rows leave no bytes in the files, even while another process has them open."""

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
