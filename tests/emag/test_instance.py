"""A copy of a database does not send, whatever way it was made, until somebody says so."""

import shutil
import threading

import pytest
from sqlalchemy import delete, update

from emag import bootstrap, instance
from emag.database import Database
from emag.errors import DatabaseError
from emag.instance import INSTANCES
from subscribers import membership
from subscribers.consent import Evidence
from subscribers.tokens import Keys
from tests.conftest import SECRET, START


@pytest.fixture
def place(tmp_path):
    """A folder with a database that is marked and in use."""
    folder = tmp_path / "crier"
    folder.mkdir()
    with_it(folder, bootstrap.upgrade)
    with_it(folder, take_in_a_reader)
    return folder


def take_in_a_reader(database):
    evidence = Evidence(how="import", wording="agreed on paper")
    who = {"address": "beth@example.org", "name": "Beth"}
    with database.transaction() as conn:
        membership.add_on_basis(conn, Keys(SECRET), **who, evidence=evidence, now=START)


def with_it(folder, do, name="emag.db"):
    database = Database(f"sqlite:///{folder / name}")
    try:
        return do(database)
    finally:
        database.close()


def held(folder, name="emag.db"):
    return with_it(folder, instance.held, name)


def send(folder):
    """What the mark sees of a sending: renewed before it and after it."""
    for _ in range(2):
        with_it(folder, instance.renew)


def test_a_new_database_sends_and_goes_on_sending(place):
    assert held(place) == ""
    for _ in range(3):
        send(place)
    with_it(place, bootstrap.upgrade)
    assert held(place) == ""


def test_a_copied_folder_does_not_send_until_it_is_released(place, tmp_path):
    copy = shutil.copytree(place, tmp_path / "staging")
    assert "copy" in held(copy)
    with pytest.raises(DatabaseError, match="emag db release"):
        with_it(copy, instance.check)
    with pytest.raises(DatabaseError):
        with_it(copy, instance.renew)
    assert held(place) == "", "the original is not concerned"
    with_it(copy, instance.release)
    send(copy)
    assert held(copy) == held(place) == ""


def test_a_copy_of_a_folder_without_readers_is_a_new_publication(tmp_path):
    template = tmp_path / "template"
    template.mkdir()
    with_it(template, bootstrap.upgrade)
    copy = shutil.copytree(template, tmp_path / "crier")
    assert held(copy) == held(template) == ""
    send(copy)
    with_it(copy, take_in_a_reader)
    assert held(copy) == ""
    assert "copy" in held(shutil.copytree(copy, tmp_path / "staging"))


def test_a_moved_folder_is_the_same_database(place, tmp_path):
    moved = place.rename(tmp_path / "elsewhere")
    send(moved)
    assert held(moved) == ""


def test_an_older_state_in_the_same_file_does_not_send(place, tmp_path):
    """Put back over the old one the file keeps its number: the mark beside it tells."""
    old = tmp_path / "old.db"
    shutil.copy(place / "emag.db", old)
    send(place)
    (place / "emag.db").write_bytes(old.read_bytes())
    assert "older" in held(place)
    with_it(place, instance.release)
    assert held(place) == ""


def test_an_older_state_from_before_there_were_marks_does_not_send(place):
    def forget(database):
        with database.transaction() as conn:
            conn.execute(delete(INSTANCES))

    with_it(place, forget)
    with_it(place, instance.adopt)
    assert "older" in held(place)


def test_a_lost_mark_is_no_trouble(place):
    (place / ".emag-instance").unlink()
    assert held(place) == ""
    send(place)
    assert (place / ".emag-instance").exists()


def test_a_crash_while_the_mark_is_renewed_is_no_trouble(place):
    """The file is written first, so it is one step ahead."""

    def ahead(database):
        with database.reading() as conn:
            following = conn.execute(INSTANCES.select()).one().following
        (place / ".emag-instance").write_text(following)

    with_it(place, ahead)
    assert held(place) == ""
    send(place)
    assert held(place) == ""


def test_somebody_may_turn_sending_off(place):
    with_it(place, lambda database: instance.hold(database, "This database was restored"))
    assert held(place) == "This database was restored"
    with_it(place, instance.release)
    assert held(place) == ""


def test_a_new_database_where_an_old_one_was(place):
    (place / "emag.db").unlink()
    with_it(place, bootstrap.upgrade)
    assert held(place) == ""


def test_many_senders_renew_at_once(place):
    wrong = []

    def renew():
        try:
            for _ in range(5):
                with_it(place, instance.renew)
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            wrong.append(error)

    threads = [threading.Thread(target=renew) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert held(place) == ""


@pytest.mark.postgres
def test_on_postgresql_a_copied_database_does_not_send(server):
    name = server.make()
    first = Database(server.url(name))
    bootstrap.upgrade(first)
    take_in_a_reader(first)
    assert instance.held(first) == ""
    instance.renew(first)
    assert instance.held(first) == ""
    first.close()
    with server.database(name) as copy:
        assert "copy" in instance.held(copy)
        instance.release(copy)
        assert instance.held(copy) == ""


@pytest.mark.postgres
def test_on_postgresql_another_server_is_another_place(server):
    with server.database() as database:
        bootstrap.upgrade(database)
        take_in_a_reader(database)
        with database.transaction() as conn:
            conn.execute(update(INSTANCES).values(place="server 1, database 2"))
        assert "copy" in instance.held(database)
