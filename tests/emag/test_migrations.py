"""A database migrated from empty equals one created from the tables."""

import re
import runpy
import shutil
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from emag import migrate
from emag.database import Database


@pytest.fixture
def migrated(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/migrated.db")
    assert migrate.upgrade(database) is None
    yield database
    database.close()


@pytest.fixture
def created(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/created.db")
    migrate.declared().create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def postgres(server):
    """Two empty databases of a real server."""
    with server.database() as migrated, server.database() as created:
        yield migrated, created


def differences(database: Database) -> list:
    with database.reading() as conn:
        context = MigrationContext.configure(conn, opts={"compare_server_default": True})
        return compare_metadata(context, migrate.declared())


def statements(database: Database) -> dict[str, list[str]]:
    """Returns the SQL of each table and index on SQLite, as sorted lines."""
    with database.reading() as conn:
        rows = conn.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master "
            "WHERE name <> 'alembic_version' AND name NOT LIKE 'sqlite_%'"
        ).all()
    return {
        name: sorted(
            line.strip(" ,\t") for line in sql.replace('"', "").splitlines() if line.strip()
        )
        for name, sql in rows
    }


def test_a_migrated_database_is_a_created_one_on_sqlite(migrated, created):
    assert differences(migrated) == []
    assert statements(migrated) == statements(created)


@pytest.mark.postgres
def test_a_migrated_database_is_a_created_one_on_postgresql(postgres):
    migrated, created = postgres
    assert migrate.upgrade(migrated) is None
    assert migrate.upgrade(migrated) == migrate.head()
    migrate.declared().create_all(created.engine)
    assert differences(migrated) == []
    one, other = inspect(migrated.engine), inspect(created.engine)
    assert set(one.get_table_names()) - {"alembic_version"} == set(other.get_table_names())
    for table in other.get_table_names():
        for method in ("get_columns", "get_indexes", "get_unique_constraints", "get_foreign_keys"):
            assert plain(getattr(one, method)(table)) == plain(getattr(other, method)(table)), table
        assert one.get_pk_constraint(table) == other.get_pk_constraint(table)


def plain(rows: list) -> list[str]:
    """Types do not compare as equal, so their text is compared."""
    return sorted(repr(sorted(row.items(), key=str)) for row in rows)


def test_the_newest_revision_is_known_without_alembic():
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert [migrate.head()] == scripts.get_heads()
    assert [script.revision for script in scripts.walk_revisions()][-1] == "0001"
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")


def test_an_upgrade_that_fails_leaves_nothing_behind(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/emag.db")
    with database.transaction() as conn:
        conn.exec_driver_sql("CREATE TABLE wordings (text TEXT)")  # in the way
    with pytest.raises(Exception, match="wordings"):
        migrate.upgrade(database)
    with database.reading() as conn:
        assert inspect(conn).get_table_names() == ["wordings"]
    assert migrate.revision(database) is None
    database.close()


def test_two_upgrades_at_once_make_one_database(tmp_path):
    revisions, start = [], threading.Barrier(3)

    def upgrade():
        database = Database(f"sqlite:///{tmp_path}/emag.db")
        start.wait()
        revisions.append(migrate.upgrade(database))
        migrate.check(database)
        database.close()

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(revisions) == 3


def test_foreign_keys_hold_again_after_an_upgrade(migrated):
    with migrated.reading() as conn:
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert conn.exec_driver_sql("PRAGMA foreign_key_check").first() is None


@pytest.fixture
def revise(tmp_path):
    """Returns a copy of the revisions, and the script that adds one to it."""
    copy = tmp_path / "migrations"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(migrate.MIGRATIONS, copy, ignore=ignored)
    run = runpy.run_path(str(migrate.MIGRATIONS / "revise.py"))["revise"]
    return copy / "versions", lambda message: run(message, copy / "versions")


def test_a_revision_without_a_change_is_empty(revise):
    versions, write = revise
    write("nothing at all")
    following = f"{int(migrate.head()) + 1:04}"
    written = (versions / f"{following}_nothing_at_all.py").read_text()
    assert f'revision = "{following}"\ndown_revision = "{migrate.head()}"' in written
    assert "op." not in written


def test_the_first_revision_can_be_written_anew(revise):
    versions, _ = revise
    begin_again = runpy.run_path(str(migrate.MIGRATIONS / "revise.py"))["begin_again"]
    written = begin_again(versions).read_text()
    assert [path.name for path in versions.glob("*.py")] == ["0001_the_first_tables.py"]
    for table in migrate.declared().tables:
        assert re.search(rf"create_table\(\s*'{table}'", written), table
    assert "sqlmodel" not in written  # its types may change, but a revision must not


def test_the_tables_for_statements_are_those_of_the_rows():
    pages = runpy.run_path(str(migrate.MIGRATIONS / "draw_tables.py"))["pages"]
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path}: run “make tables”"
