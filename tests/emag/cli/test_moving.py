"""A backup is made while people sign up; an erased reader leaves no trace."""

import json
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest

from emag import bootstrap
from emag.schedule.tick import tick

from .test_serve import serving

TOKEN = {"Authorization": "Bearer a-token-for-tests"}


@pytest.fixture
def open_to_all(publication):
    """A webhook, and no limit but that of an address."""
    with (publication / ".env").open("a") as env:
        env.write("\nEMAG_SIGNUP_TOKEN=a-token-for-tests\n")
        for name in ("PER_NETWORK", "PER_DOMAIN", "PER_HOUR", "FLOOD"):
            env.write(f"EMAG_SIGNUP__{name}=0\n")


class Crowd:
    """Signs people up by the webhook, from several threads, until it is told to stop."""

    def __init__(self, url, threads=4):
        self.url, self.accepted, self.over = url, [], threading.Event()
        self.enough, self.faults = threading.Event(), []
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(threads)]

    def run(self, number):
        with httpx.Client(base_url=self.url, headers=TOKEN, timeout=60) as web:
            count = 0
            while not self.over.is_set():
                address = f"reader{number}-{count}@example.org"
                answer = web.post("/hooks/signup", json={"email": address})
                if answer.status_code != 202:
                    self.faults.append(answer.status_code)
                self.accepted.append(address)  # it is acknowledged: it must last
                count += 1
                if len(self.accepted) > 60:
                    self.enough.set()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.usefixtures("open_to_all")
def test_a_backup_during_sign_ups_is_complete_and_sends_nothing(emag, publication, tmp_path):
    copy, fresh = tmp_path / "copy.db", tmp_path / "fresh"
    with serving(publication, "--no-engine") as (_, data), Crowd(data["url"]) as crowd:
        assert crowd.enough.wait(120)
        acknowledged = set(crowd.accepted)
        emag("db", "backup", copy)
        during = len(crowd.accepted)
        while len(crowd.accepted) < during + 20:  # the service goes on
            assert not crowd.over.wait(0.01)
    assert crowd.faults == []
    with closing(sqlite3.connect(copy)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    fresh.mkdir()
    for name in ("emag.toml", ".env"):
        shutil.copy(publication / name, fresh)
    assert json.loads(emag("--dir", fresh, "db", "restore", copy, "--json").out)["aside"] is None
    held = emag("--dir", fresh, "subscriber", "list", "--json").json["subscribers"]
    assert acknowledged <= {item["address"] for item in held}
    assert emag("--dir", fresh, "consent", "verify", "--json").json["ok"]
    assert "restored" in " ".join(round_of(fresh))
    assert not list(fresh.glob("outbox/*.eml"))
    assert emag("--dir", fresh, "db", "release", "--json").json["was_held"]
    round_of(fresh)
    assert len(list(fresh.glob("outbox/*.eml"))) >= 50


def round_of(folder):
    """What one round of the schedule says."""
    newsroom = bootstrap.open_newsroom(folder, now=lambda: datetime.now(UTC))
    try:
        return tick(newsroom)
    finally:
        newsroom.transport.close()
        newsroom.database.close()


@pytest.mark.usefixtures("open_to_all", "drafted")
def test_erasing_a_reader_removes_every_trace_but_sent_mails(emag, publication, tmp_path):
    """Signed up over HTTP, imported, written to, reported on, erased: the files are looked through,
    in several encodings. Mails that the folder transport wrote are mails, and stay."""
    reader, agent = "Zerlina.Quux@forget-me.example", "Lynx-of-Zerlina/9.7"
    visitor = {"User-Agent": agent, "X-Forwarded-For": "203.0.113.77"}
    file = tmp_path / "old.csv"
    file.write_text(f"email,name\n{reader},\nann@example.org,\n")
    with serving(publication) as (process, data):
        with httpx.Client(base_url=data["url"], headers=visitor, timeout=60) as web:
            web.post("/signup", data={"email": reader, "name": "Zerlina Quux"})
            hook = {"email": reader, "ip": "203.0.113.77", "user_agent": agent, "source": reader}
            web.post("/hooks/signup", json=hook, headers=TOKEN)
        emag("subscriber", "import", file, "--basis", "agreed on paper")
        emag("issue", "approve", "1", "--as", "Ann")
        emag("issue", "send", "1", "--yes")
        emag("consent", "receipt", reader)
        export = tmp_path / "all.jsonl"
        emag("subscriber", "export", "--format", "jsonl", "--out", export)
        emag("subscriber", "import", export, "--basis", "the same list")
        assert traces(publication, reader)
        assert emag("subscriber", "erase", reader, "--json").json["status"] == "suppressed"
        emag("db", "vacuum")
        assert traces(publication, reader) == []
        process.terminate()
        _, text = process.communicate(timeout=60)
    for word in ("zerlina", "quux", "203.0.113.77", "lynx"):
        assert word not in text.lower()
    assert traces(publication, reader) == []
    assert emag("consent", "verify", "--json").json["ok"]
    file.write_text(f"email\n{reader}\n")
    assert emag("subscriber", "import", file, "--basis", "x", "--json").json["suppressed"] == 1


def traces(publication, address):
    """In which files of the folder a word of that reader stands, but for mails in the outbox."""
    words = ("zerlina", "quux", "forget-me", "203.0.113.77", "lynx-of", address.lower())
    forms = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le", "utf-16-be")]
    forms += [word.encode().hex().encode() for word in words]
    files = [path for path in publication.rglob("*") if path.is_file() and path.suffix != ".eml"]
    assert publication / "emag.db" in files
    return [(path.name, form) for path in files for form in forms if form in lower(path)]


def lower(path):
    return path.read_bytes().lower()


def test_vacuum_shrinks_the_database_and_prints_its_size(emag, publication, tmp_path):
    file = tmp_path / "old.csv"
    file.write_text("email\n" + "".join(f"r{n}@example.org\n" for n in range(3_000)))
    result = emag("subscriber", "import", file, "--basis", "x", "--json").json
    emag("subscriber", "import", "--undo", result["id"])
    data = emag("db", "vacuum", "--json").json
    assert data["after"] < data["before"]
    assert "bytes" in emag("db", "vacuum").out
