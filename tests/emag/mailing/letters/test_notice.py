"""Editors are notified once of each matter."""

from email import policy
from email.parser import BytesParser

import pytest

from emag.editors.editor import Editor
from emag.editors.letters import queue_code
from emag.editors.role import Role
from emag.errors import Unreachable
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.letters.notice import notify_editors
from emag.mailing.letters.post import post_letters
from emag.mailing.transports.folder import FolderTransport


@pytest.fixture
def notify(database, settings, clock):
    def notify(key="matter", subject="Something – happened", text="First.\n\nSecond: 1 < 2 & 3."):
        with database.transaction() as conn:
            return notify_editors(
                conn, settings=settings, key=key, subject=subject, text=text, now=clock()
            )

    return notify


@pytest.fixture
def post(database, settings, keys, clock, outbox):
    def post(transport=None):
        transport = transport or FolderTransport(outbox)
        return post_letters(
            database, transport=transport, settings=settings, keys=keys, now=clock()
        )

    return post


def read(outbox):
    files = sorted(outbox.glob("*.eml"))
    return [BytesParser(policy=policy.default).parsebytes(f.read_bytes()) for f in files]


def test_an_editor_is_notified_once_for_each_key(notify, post, outbox):
    assert notify() == 1
    assert notify() == 0
    assert notify("another") == 1
    assert post() == 2
    assert notify() == 0
    assert post() == 0
    assert len(read(outbox)) == 2


def test_a_code_is_mailed_in_the_desks_language(database, settings, keys, clock, outbox):
    publication = settings.publication.model_copy(update={"language": "cy"})
    welsh = settings.model_copy(update={"publication": publication})
    ann = Editor("ann@example.org", "Ann", (Role.EDITOR,), clock(), "Ben")
    with database.transaction() as conn:
        queue_code(conn, welsh, ann, "ABCD2345", now=clock())
    transport = FolderTransport(outbox)
    post_letters(database, transport=transport, settings=welsh, keys=keys, now=clock())
    [mail] = read(outbox)
    assert mail["Subject"] == "Eich cod ar gyfer The Town Crier"
    assert mail.get_body(("plain",)).get_content().count("Eich cod: ABCD2345") == 1
    assert '<html lang="cy" dir="ltr"' in mail.get_body(("html",)).get_content()


def test_the_notice_holds_the_subject_and_the_text(notify, post, outbox):
    notify()
    post()
    [mail] = read(outbox)
    assert mail["To"] == "Ann <ann@example.org>"
    assert mail["Subject"] == "Something – happened"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in mail
    assert "Second: 1 < 2 & 3." in mail.get_body(("plain",)).get_content()
    assert "1 &lt; 2 &amp; 3" in mail.get_body(("html",)).get_content()


def test_every_editor_is_notified(notify, post, settings, database, clock, outbox):
    editors = ("Ann <ann@example.org>", "bob@example.org", "Čeněk <c@example.org>")
    publication = settings.publication.model_copy(update={"editors": editors})
    wide = settings.model_copy(update={"publication": publication})
    notify()
    with database.transaction() as conn:
        queued = notify_editors(
            conn, settings=wide, key="matter", subject="s", text="t", now=clock()
        )
    assert queued == 2, "Ann was notified before"
    post()
    assert sorted(mail["To"].addresses[0].addr_spec for mail in read(outbox)) == [
        "ann@example.org",
        "bob@example.org",
        "c@example.org",
    ]


class Answering:
    """A transport that gives one answer to every message."""

    name, batch = "answering", 1

    def __init__(self, answer):
        self.answer = answer

    def send(self, messages):
        if isinstance(self.answer, Exception):
            raise self.answer
        return [Receipt(self.answer)] * len(messages)

    def close(self):
        pass


@pytest.mark.parametrize(
    ("answer", "posted_later"),
    [
        (Unreachable("away"), 1),
        (Outcome.DEFERRED, 1),
        (Outcome.REFUSED, 0),
        (Outcome.DOUBTFUL, 0),
    ],
)
def test_a_notice_is_tried_again_unless_it_was_refused_or_may_have_arrived(
    notify, post, clock, answer, posted_later
):
    notify()
    assert post(Answering(answer)) == 0
    clock.forward(hours=1)
    assert post() == posted_later
