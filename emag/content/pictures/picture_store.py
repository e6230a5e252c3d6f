"""The functions that read and write pictures and their files."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, select, tuple_, update

from emag.content.pictures.picture import (
    FetchedPicture,
    PictureFile,
    PictureMemory,
    StoredPicture,
    Use,
    WantedPicture,
)
from emag.content.tables import PICTURE_FILES, PICTURES
from subscribers import dialect

BATCH = 500  # keys in one query
_FACTS = [PICTURES.c[field.name] for field in fields(StoredPicture)]
_FILE = PICTURE_FILES


@dataclass(frozen=True, slots=True)
class PictureState:
    """A stored picture, and how the fetching of it went."""

    picture: StoredPicture
    failures: int
    tried_at: datetime
    wanted_at: datetime
    memory: PictureMemory


def states(
    conn: Connection, wanted: Collection[WantedPicture]
) -> dict[WantedPicture, PictureState]:
    """What is known of these pictures."""
    row = PICTURES
    record = (row.c.failures, row.c.tried_at, row.c.wanted_at)
    memory = (row.c.etag, row.c.modified, row.c.digest)
    result = {}
    for batch in _batches({_key(picture) for picture in wanted}):
        query = select(*_FACTS, *record, *memory).where(row.c.key.in_(batch))
        for values in conn.execute(query):
            picture = _stored(values[: len(_FACTS)])
            failures, tried_at, wanted_at, *validators = values[len(_FACTS) :]
            result[WantedPicture(picture.url, picture.use)] = PictureState(
                picture, failures, tried_at, wanted_at, PictureMemory(*validators)
            )
    return result


def get(conn: Connection, wanted: Collection[WantedPicture]) -> list[StoredPicture]:
    """The pictures among these that were tried, in the order of their addresses."""
    pictures = [state.picture for state in states(conn, wanted).values()]
    return sorted(pictures, key=lambda picture: (picture.use, picture.url))


def sizes(conn: Connection, files: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The bytes of these files, each named by its hash and name."""
    length = func.length(_FILE.c.content)
    result = {}
    for batch in _batches({hash_ for hash_, _ in files}):
        query = select(_FILE.c.hash, _FILE.c.name, length).where(_FILE.c.hash.in_(batch))
        for hash_, name, size in conn.execute(query):
            result[hash_, name] = size
    return {file: result[file] for file in files if file in result}


def logos(conn: Connection) -> list[StoredPicture]:
    """The publication's logos: the one of the settings, and those before it."""
    query = select(*_FACTS).where(PICTURES.c.use == Use.LOGO.value)
    return [_stored(row) for row in conn.execute(query.order_by(PICTURES.c.url))]


def remember(conn: Connection, fetched: FetchedPicture, *, now: datetime) -> None:
    """Writes the outcome of a fetch. A picture that was there stays until there is another."""
    picture = fetched.picture
    key = _key(WantedPicture(picture.url, picture.use))
    if not picture.hash:
        tried = update(PICTURES).where(PICTURES.c.key == key, PICTURES.c.hash != "")
        if conn.execute(tried.values(tried_at=now)).rowcount:
            return
    failed = 1 if picture.reason else 0
    values = asdict(picture) | {"use": picture.use.value, "tried_at": now}
    values |= asdict(fetched.memory)
    insert = dialect.insert(conn, PICTURES)
    statement = insert.values(key=key, wanted_at=now, failures=failed, **values)
    count = PICTURES.c.failures + 1 if failed else 0
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_=values | {"failures": count},
            where=None if picture.hash else PICTURES.c.hash == "",
        )
    )
    for file in fetched.files:
        row = {"hash": picture.hash, "name": file.name, "content": file.content}
        added = dialect.insert(conn, PICTURE_FILES).values(**row, is_printed=False)
        conn.execute(added.on_conflict_do_nothing(index_elements=["hash", "name"]))


def want(conn: Connection, wanted: Iterable[WantedPicture], *, now: datetime) -> None:
    """Records that these pictures are still asked for."""
    for batch in _batches({_key(picture) for picture in wanted}):
        rows = update(PICTURES).where(PICTURES.c.key.in_(batch))
        conn.execute(rows.values(wanted_at=now))


def file(conn: Connection, hash_: str, name: str) -> PictureFile | None:
    """A file by its address."""
    query = select(_FILE.c.content).where(_FILE.c.hash == hash_, _FILE.c.name == name)
    content = conn.execute(query).scalar()
    return None if content is None else PictureFile(name, bytes(content))


def mark_printed(conn: Connection, files: Iterable[tuple[str, str]]) -> None:
    """Records that an approved issue shows these files, given by hash and name."""
    for batch in _batches(set(files)):
        rows = update(_FILE).where(tuple_(_FILE.c.hash, _FILE.c.name).in_(batch))
        conn.execute(rows.values(is_printed=True))


def forget(conn: Connection, *, before: datetime) -> int:
    """Erases pictures that nothing has asked for since, and files that no issue shows.

    Returns how many files were erased. What an approved issue shows stays for the archive.
    """
    conn.execute(delete(PICTURES).where(PICTURES.c.wanted_at < before))
    is_known = exists().where(PICTURES.c.hash == _FILE.c.hash)
    unused = delete(PICTURE_FILES).where(_FILE.c.is_printed.is_(False), ~is_known)
    return conn.execute(unused).rowcount


def _stored(row: Iterable[Any]) -> StoredPicture:
    values = dict(zip((field.name for field in fields(StoredPicture)), row, strict=True))
    return StoredPicture(**values | {"use": Use(values["use"])})


def _key(picture: WantedPicture) -> str:
    return hashlib.sha256(f"{picture.use} {picture.url}".encode()).hexdigest()


def _batches(keys: Collection[Any]) -> Iterator[list[Any]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]
