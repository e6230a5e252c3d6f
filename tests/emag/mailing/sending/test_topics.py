"""Each reader is sent the topics they chose, and nothing where the issue has none of them."""

from collections import Counter
from dataclasses import replace
from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from emag.mailing.copy import mail_merge
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome
from emag.mailing.sending import deliver, ledger
from emag.mailing.sending import rehearse as rehearsal
from emag.mailing.sending.address import address
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.folder import FolderTransport
from emag.mailing.transports.sendgrid import SendGridTransport
from emag.mailing.transports.smtp import SmtpTransport
from emag.press.document import Document
from emag.settings import load
from subscribers import membership, roll
from subscribers.roll import Reader
from subscribers.tables import SUBSCRIBERS
from subscribers.tokens import Keys
from tests.conftest import SECRET, START, TOML
from tests.emag.mailing.conftest import DOCUMENT, Answer

HTML = """<!DOCTYPE html>
<html><body><p>[[greeting]]</p>
[[only jobs posts]]Two kinds[[/only]][[only posts]]One kind[[/only]][[only jobs]]Work[[/only]]
[[when posts]]<h2>Märkte</h2>[[/when]]
[[when jobs]]<h2>A lamplighter</h2>[[/when]]
<a href="[[unsubscribe_url]]">Unsubscribe</a> <a href="[[preferences_url]]">Preferences</a>
</body></html>
"""
TEXT = """[[greeting]]

[[when posts]]

Märkte

[[/when]]
[[when jobs]]

A lamplighter

[[/when]]

Leave: [[unsubscribe_url]]
Change: [[preferences_url]]
"""
PRINTED = Document("Märkte – no. 1", "[[only posts]]Märkte[[/only]]", HTML, TEXT)
EVERYBODY = replace(
    PRINTED,
    html=HTML.replace("</body>", "[[when *]]For all[[/when]]</body>"),
    text=TEXT + "[[when *]]For all[[/when]]\n",
)
POSTS, JOBS = "Märkte", "A lamplighter"
NOTHING = "the issue has no story of the topics that the reader chose"


@pytest.fixture
def chose(database):
    """Puts readers on the list with their topics, in this order."""

    def add(*choices):
        rows = [
            {
                "ref": f"ref-{n:06d}",
                "address": f"reader{n}@example.net",
                "key": f"reader{n}@example.net",
                "name": "",
                "status": "active",
                "topics": list(topics),
                "since": START,
                "joined_at": START,
                "ask": 0,
                "open": False,
                "soft": 0,
            }
            for n, topics in enumerate(choices, 1)
        ]
        with database.transaction() as conn:
            for start in range(0, len(rows), 1000):
                conn.execute(insert(SUBSCRIBERS), rows[start : start + 1000])

    return add


@pytest.fixture
def send(database, approved, quick, keys, clock):
    """Addresses an issue and sends it; its counts, without those that are none."""

    def send(transport, document=PRINTED, *, between=lambda: None, **options):
        number = approved(document)
        address(database, number, now=clock(), by="ann")
        between()
        settings = quick(connections=2, **options)
        counts = deliver.deliver(
            Sender(database, transport, Terms.of(settings), clock),
            number,
            settings=settings,
            keys=keys,
        )
        assert counts["planned"] == counts["accepted"] + counts["skipped"]
        return {name: many for name, many in counts.items() if many}

    return send


@pytest.fixture
def skipped(database):
    def skipped(number=1):
        with database.reading() as conn:
            rows = list(ledger.listing(conn, number, status="skipped"))
        return {row.address: row.reason for row in rows}

    return skipped


def read(data):
    """The recipient, and what both parts show of the two stories."""
    mail = BytesParser(policy=policy.default).parsebytes(data)
    parts = [mail.get_body((kind,)).get_content() for kind in ("html", "plain")]
    assert not any("[[" in part for part in parts)
    assert all("https://mail.crier.example.org/unsubscribe/" in part for part in parts)
    html, text = ([title for title in (POSTS, JOBS) if title in part] for part in parts)
    assert html == text
    return mail["To"].addresses[0].addr_spec, html


def test_three_readers_get_three_issues_over_real_smtp(chose, send, relay, skipped):
    chose([], ["jobs"], ["events", "posts"], ["events"], ["gone"], ["jobs", "gone"])
    server = relay()
    transport = SmtpTransport("127.0.0.1", server.port, "none", timeout=5.0)
    assert send(transport) == {"planned": 6, "accepted": 5, "skipped": 1}
    transport.close()
    assert dict(read(received.data) for received in server.received) == {
        "reader1@example.net": [POSTS, JOBS],
        "reader2@example.net": [JOBS],
        "reader3@example.net": [POSTS],
        "reader5@example.net": [POSTS, JOBS],
        "reader6@example.net": [JOBS],
    }
    assert len(server.received) == 5
    assert skipped() == {"reader4@example.net": NOTHING}


def test_a_choice_counts_until_the_moment_of_sending(
    chose, send, database, keys, clock, outbox, skipped
):
    chose(["posts"], ["posts"], ["events"])

    def between():
        with database.transaction() as conn:
            membership.set_preferences(conn, keys, "ref-000001", topics=["jobs"], now=clock())
            membership.set_preferences(conn, keys, "ref-000003", topics=[], now=clock())

    assert send(FolderTransport(outbox), between=between) == {"planned": 3, "accepted": 3}
    assert dict(read(file.read_bytes()) for file in outbox.glob("*.eml")) == {
        "reader1@example.net": [JOBS],
        "reader2@example.net": [POSTS],
        "reader3@example.net": [POSTS, JOBS],
    }
    assert skipped() == {}


def test_stories_for_everybody_reach_who_chose_other_topics(chose, send, outbox):
    chose(["events"], ["jobs"])
    assert send(FolderTransport(outbox), EVERYBODY) == {"planned": 2, "accepted": 2}
    got = dict(read(file.read_bytes()) for file in outbox.glob("*.eml"))
    assert got == {"reader1@example.net": [], "reader2@example.net": [JOBS]}
    assert all(b"For all" in file.read_bytes() for file in outbox.glob("*.eml"))


def test_an_issue_for_nobody_ends_and_says_why(chose, send, outbox, skipped):
    many = 1_203  # more than are looked at in one go
    chose(*[["events"]] * many)
    assert send(FolderTransport(outbox)) == {"planned": many, "skipped": many}
    assert not outbox.exists()
    assert Counter(skipped().values()) == {NOTHING: many}


def test_a_document_of_before_goes_to_everybody(chose, send, outbox):
    chose([], ["jobs"], ["events"])
    assert send(FolderTransport(outbox), DOCUMENT) == {"planned": 3, "accepted": 3}


def test_a_rehearsal_says_who_would_get_what(database, approved, chose, settings, keys, clock):
    chose([], [], ["jobs"], ["events"], ["gone"], ["posts", "jobs"], ["jobs", "events"])
    number = approved(PRINTED)
    result = rehearsal.rehearse(
        database, number, PRINTED, edition=1, settings=settings, keys=keys, now=clock
    )
    assert (result.planned, result.rendered, result.without_story, result.faults) == (7, 6, 1, ())
    variants = [(v.topics, v.is_whole, v.readers) for v in result.variants]
    assert variants == [(("jobs", "posts"), True, 4), (("jobs",), False, 2)]
    whole, jobs = (variant.html_bytes for variant in result.variants)
    assert whole == PRINTED.html_bytes > jobs


@pytest.mark.sqlite
def test_a_test_copy_shows_everything(database, approved, settings, keys, clock, outbox):
    rehearsal.send_test(
        database,
        approved(PRINTED),
        PRINTED,
        edition=1,
        to="ann@example.org",
        transport=FolderTransport(outbox),
        settings=settings,
        keys=keys,
        now=clock(),
    )
    [file] = outbox.glob("*.eml")
    assert read(file.read_bytes()) == ("ann@example.org", [POSTS, JOBS])


def sent(request):
    """Which stories a request holds."""
    parts = [[t for t in (POSTS, JOBS) if t in part["value"]] for part in request["content"]]
    assert parts[0] == parts[1]
    return tuple(parts[0])


def test_readers_who_chose_the_same_share_a_request(chose, send, provider):
    chose(*[["jobs"], [], ["posts"], ["jobs", "posts"]] * 600)
    transport = SendGridTransport("SG.key", provider.host, 5.0)
    assert send(transport) == {"planned": 2400, "accepted": 2400}
    got = Counter()
    for request in provider.requests:
        to = [personal["to"][0]["email"] for personal in request["personalizations"]]
        got.update((one, sent(request)) for one in to)
    wanted = [(JOBS,), (POSTS, JOBS), (POSTS,), (POSTS, JOBS)]
    assert got == {(f"reader{n}@example.net", wanted[(n - 1) % 4]): 1 for n in range(1, 2401)}
    # 3 for 2,400 readers, and one more wherever the choice changes within a batch.
    assert len(provider.requests) <= 3 + 4


def test_one_choice_of_all_costs_no_request_more(chose, send, provider):
    chose(*[["jobs", "posts"]] * 2000)
    transport = SendGridTransport("SG.key", provider.host, 5.0)
    assert send(transport) == {"planned": 2000, "accepted": 2000}
    assert len(provider.requests) == 2


@pytest.fixture
def merge(settings, keys):
    def merge(document=PRINTED):
        return mail_merge.of_document(1, document, settings, keys, edition=1)

    return merge


@pytest.mark.sqlite
def test_each_has_a_receipt_in_order_whatever_they_chose(merge, provider, clock):
    choices = ["", '["jobs"]', '["posts"]', '["jobs"]', '["posts", "jobs"]', '["jobs"]']
    all_of_it = merge()
    messages = [
        all_of_it.message(n, Reader(n, f"r{n}", f"reader{n}@example.net", "", topics), now=clock())
        for n, topics in enumerate(choices, 1)
    ]

    def refuse(_request):
        return Answer(400, [{"message": "bad", "field": "personalizations.1.to.0.email"}])

    provider.answers += [Answer(), refuse]  # the second of those who chose jobs
    got = SendGridTransport("SG.key", provider.host, 5.0).send(messages)
    ok, refused = Outcome.ACCEPTED, Outcome.REFUSED
    assert [receipt.outcome for receipt in got] == [ok, ok, ok, refused, ok, ok]
    requests = provider.requests
    requested = [(sent(r), [p["to"][0]["email"] for p in r["personalizations"]]) for r in requests]
    assert [(titles, "".join(one[6] for one in to)) for titles, to in requested] == [
        ((POSTS, JOBS), "15"),
        ((JOBS,), "246"),
        ((JOBS,), "26"),
        ((POSTS,), "3"),
    ]


@pytest.mark.sqlite
def test_variants_are_cut_once_and_are_not_more_than_there_can_be(merge):
    merged = merge()
    spelt = ['["jobs"]', '["jobs","events"]', '["events", "jobs", "jobs"]', '["gone","jobs"]']
    assert len({id(merged.encoded_for(topics)) for topics in spelt}) == 1
    for topics in ("", "[]", "null", "{}", "[1, [2]]", '["posts","jobs"]', '["gone"]'):
        assert merged.encoded_for(topics) is merged.encoded
    assert merged.encoded_for('["events"]') is None
    with pytest.raises(ValueError, match="topics that the reader chose"):
        merged.message(1, Reader(1, "r", "a@example.net", "", '["events"]'), now=START)


@pytest.mark.sqlite
def test_a_list_with_any_number_of_choices_takes_bounded_memory(settings, keys):
    names = [f"t{n}" for n in range(9)]
    html = "".join(f"[[when {name}]]{name}[[/when]]" for name in names) + "[[unsubscribe_url]]"
    merged = mail_merge.of_document(1, Document("s", "", html, html), settings, keys, edition=1)
    for n in range(1, 2**9):
        chosen = [name for at, name in enumerate(names) if n >> at & 1]
        topics = str(chosen).replace("'", '"')
        wire = Message(
            1, "b@example.org", "a@example.net", "", merged.encoded_for(topics),
            {"unsubscribe_url": "https://x.example.org/"}, "m", START,
        ).wire()  # fmt: skip
        assert [name in wire.decode() for name in names] == [name in chosen for name in names]
        assert len(merged._encodings) <= 64
    for n in range(5_000):
        assert merged.encoded_for(f'["t1", "gone-{n}"]') is not None
    assert len(merged._chosen) <= 4_096


def test_readers_are_greeted_in_their_language(settings, keys):
    publication = settings.publication.model_copy(update={"language": "cy"})
    welsh = settings.model_copy(update={"publication": publication})
    merged = mail_merge.of_document(1, PRINTED, welsh, keys, edition=1)
    readers = [
        Reader(1, "a", "ann@example.net", "{Ann}", ""),
        Reader(2, "b", "b@example.net", "", ""),
    ]
    messages = [merged.message(reader.id, reader, now=START) for reader in readers]
    assert [message.values["greeting"] for message in messages] == ["Helo {Ann},", "Helo,"]


@given(st.lists(st.sampled_from(["posts", "jobs", "events", "gone"]), unique=True))
def test_what_is_sent_is_what_the_frozen_document_shows(settings_of_all, chosen):
    merged = mail_merge.of_document(1, PRINTED, settings_of_all, Keys(SECRET), edition=1)
    reader = Reader(1, "ref", "ann@example.net", "", str(chosen).replace("'", '"'))
    offered = [topic for topic in chosen if topic != "gone"]
    if offered == ["events"]:
        assert merged.encoded_for(reader.topics) is None
        return
    _, got = read(merged.message(1, reader, now=START).wire())
    assert got == [
        title
        for topic, title in (("posts", POSTS), ("jobs", JOBS))
        if not offered or topic in offered
    ]
    assert roll.chosen(reader.topics) == tuple(chosen)


@pytest.fixture(scope="module")
def settings_of_all(tmp_path_factory):
    folder = tmp_path_factory.mktemp("publication")
    (folder / "emag.toml").write_text(TOML)
    base = "https://mail.crier.example.org"
    return load(folder, {"EMAG_SECRET_KEY": SECRET, "EMAG_BASE_URL": base})
