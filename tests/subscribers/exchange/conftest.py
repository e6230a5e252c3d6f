"""What the tests of import and export share."""

import io

import pytest

from subscribers import exchange, membership, roll

BASIS = "agreed on the old form, 2019–2025"


@pytest.fixture
def load(database, keys, clock, tmp_path):
    """Imports the text of a file."""

    def load(content: str | bytes, name="readers.csv", **more):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        options = {"basis": BASIS, "by": "Ann", "now": clock(), **more}
        return exchange.import_file(database.transaction, keys, file, **options)

    return load


@pytest.fixture
def export(database):
    def export(kind="csv") -> str:
        out = io.StringIO()
        with database.reading() as conn:
            exchange.export(conn, out, format=kind)
        return out.getvalue()

    return export


@pytest.fixture
def members(database):
    def members() -> dict[str, tuple[str, str]]:
        with database.reading() as conn:
            return {m.address: (m.name, m.status) for m in roll.listing(conn)}

    return members


@pytest.fixture
def verified(database, keys):
    def verified() -> bool:
        with database.reading() as conn:
            return membership.verify(conn, keys).ok

    return verified


@pytest.fixture
def events_of(desk, database, keys, clock):
    """The events of a reader's receipt."""
    return lambda address: desk.receipt(address).events
