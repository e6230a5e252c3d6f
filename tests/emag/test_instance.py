"""A copy of a database sends nothing until it is released, however it was made."""

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
    use(folder, bootstrap.upgrade)
    use(folder, add_reader)
    return folder


def add_reader(database):
    evidence = Evidence(how="import", wording="agreed on paper")
    reader = {"address": "beth@example.org", "name": "Beth"}
    with database.transaction() as conn:
        membership.add_on_basis(conn, Keys(SECRET), **reader, evidence=evidence, now=START)


def use(folder, work, name="emag.db"):
    database = Database(f"sqlite:///{folder / name}")
    try:
        return work(database)
    finally:
        database.close()


def hold_reason(folder, name="emag.db"):
    return use(folder, instance.hold_reason, name)


def send(folder):
    """Renews the mark as a sending does, before it and after it."""
    for _ in range(2):
        use(folder, instance.renew)


def test_a_new_database_sends_and_goes_on_sending(place):
    assert hold_reason(place) == ""
    for _ in range(3):
        send(place)
    use(place, bootstrap.upgrade)
    assert hold_reason(place) == ""


def test_a_copied_folder_does_not_send_until_it_is_released(place, tmp_path):
    copy = shutil.copytree(place, tmp_path / "staging")
    assert "copy" in hold_reason(copy)
    with pytest.raises(DatabaseError, match="emag db release"):
        use(copy, instance.check)
    with pytest.raises(DatabaseError):
        use(copy, instance.renew)
    assert hold_reason(place) == "", "the original still sends"
    use(copy, instance.release)
    send(copy)
    assert hold_reason(copy) == hold_reason(place) == ""


def test_a_copy_of_a_folder_without_readers_is_a_new_publication(tmp_path):
    template = tmp_path / "template"
    template.mkdir()
    use(template, bootstrap.upgrade)
    copy = shutil.copytree(template, tmp_path / "crier")
    assert hold_reason(copy) == hold_reason(template) == ""
    send(copy)
    use(copy, add_reader)
    assert hold_reason(copy) == ""
    assert "copy" in hold_reason(shutil.copytree(copy, tmp_path / "staging"))


def test_a_moved_folder_is_the_same_database(place, tmp_path):
    moved = place.rename(tmp_path / "elsewhere")
    send(moved)
    assert hold_reason(moved) == ""


def test_an_older_state_in_the_same_file_does_not_send(place, tmp_path):
    """The file keeps its inode when a copy is written over it, but the mark shows it."""
    old = tmp_path / "old.db"
    shutil.copy(place / "emag.db", old)
    send(place)
    (place / "emag.db").write_bytes(old.read_bytes())
    assert "older" in hold_reason(place)
    use(place, instance.release)
    assert hold_reason(place) == ""


def test_an_older_state_from_before_there_were_marks_does_not_send(place):
    def forget(database):
        with database.transaction() as conn:
            conn.execute(delete(INSTANCES))

    use(place, forget)
    use(place, instance.adopt)
    assert "older" in hold_reason(place)


def test_a_database_sends_without_its_mark(place):
    (place / ".emag-instance").unlink()
    assert hold_reason(place) == ""
    send(place)
    assert (place / ".emag-instance").exists()


def test_a_database_sends_after_a_crash_while_its_mark_was_renewed(place):
    """The file is written before the row, so it is one step ahead."""

    def ahead(database):
        with database.reading() as conn:
            following = conn.execute(INSTANCES.select()).one().following
        (place / ".emag-instance").write_text(following)

    use(place, ahead)
    assert hold_reason(place) == ""
    send(place)
    assert hold_reason(place) == ""


def test_hold_turns_sending_off(place):
    use(place, lambda database: instance.hold(database, "This database was restored"))
    assert hold_reason(place) == "This database was restored"
    use(place, instance.release)
    assert hold_reason(place) == ""


def test_a_new_database_in_place_of_an_old_one_sends(place):
    (place / "emag.db").unlink()
    use(place, bootstrap.upgrade)
    assert hold_reason(place) == ""


def test_many_senders_renew_at_once(place):
    wrong = []

    def renew():
        try:
            for _ in range(5):
                use(place, instance.renew)
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            wrong.append(error)

    threads = [threading.Thread(target=renew) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert hold_reason(place) == ""


@pytest.mark.postgres
def test_on_postgresql_a_copied_database_does_not_send(server):
    name = server.make()
    first = Database(server.url(name))
    bootstrap.upgrade(first)
    add_reader(first)
    assert instance.hold_reason(first) == ""
    instance.renew(first)
    assert instance.hold_reason(first) == ""
    first.close()
    with server.database(name) as copy:
        assert "copy" in instance.hold_reason(copy)
        instance.release(copy)
        assert instance.hold_reason(copy) == ""


@pytest.mark.postgres
def test_on_postgresql_another_server_is_another_place(server):
    with server.database() as database:
        bootstrap.upgrade(database)
        add_reader(database)
        with database.transaction() as conn:
            conn.execute(update(INSTANCES).values(place="server 1, database 2"))
        assert "copy" in instance.hold_reason(database)
