"""The editors are told, once for each matter."""

from email import policy
from email.parser import BytesParser

import pytest

from emag.errors import Unreachable
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.letters import notice
from emag.mailing.transports.folder import FolderTransport


@pytest.fixture
def tell(database, settings, clock):
    def tell(key="matter", subject="Something – happened", text="First.\n\nSecond: 1 < 2 & 3."):
        with database.transaction() as conn:
            return notice.notify_editors(
                conn, settings=settings, key=key, subject=subject, text=text, now=clock()
            )

    return tell


@pytest.fixture
def post(database, settings, clock, outbox):
    def post(transport=None):
        transport = transport or FolderTransport(outbox)
        return notice.post(database, transport=transport, settings=settings, now=clock())

    return post


def read(outbox):
    files = sorted(outbox.glob("*.eml"))
    return [BytesParser(policy=policy.default).parsebytes(f.read_bytes()) for f in files]


def test_an_editor_is_told_once_for_each_key(tell, post, outbox):
    assert tell() == 1
    assert tell() == 0
    assert tell("another") == 1
    assert post() == 2
    assert tell() == 0
    assert post() == 0
    assert len(read(outbox)) == 2


def test_what_the_mail_says(tell, post, outbox):
    tell()
    post()
    [mail] = read(outbox)
    assert mail["To"] == "Ann <ann@example.org>"
    assert mail["Subject"] == "Something – happened"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in mail
    assert "Second: 1 < 2 & 3." in mail.get_body(("plain",)).get_content()
    assert "1 &lt; 2 &amp; 3" in mail.get_body(("html",)).get_content()


def test_every_editor_is_told(tell, post, settings, database, clock, outbox):
    editors = ("Ann <ann@example.org>", "bob@example.org", "Čeněk <c@example.org>")
    publication = settings.publication.model_copy(update={"editors": editors})
    wide = settings.model_copy(update={"publication": publication})
    tell()
    with database.transaction() as conn:
        told = notice.notify_editors(
            conn, settings=wide, key="matter", subject="s", text="t", now=clock()
        )
    assert told == 2, "Ann knows already"
    post()
    assert sorted(mail["To"].addresses[0].addr_spec for mail in read(outbox)) == [
        "ann@example.org",
        "bob@example.org",
        "c@example.org",
    ]


class OnProgress:
    name, batch = "told", 1

    def __init__(self, answer):
        self.answer = answer

    def send(self, messages):
        if isinstance(self.answer, Exception):
            raise self.answer
        return [Receipt(self.answer)] * len(messages)

    def close(self):
        pass


@pytest.mark.parametrize(
    ("answer", "again"),
    [
        (Unreachable("away"), 1),
        (Outcome.DEFERRED, 1),
        (Outcome.REFUSED, 0),
        (Outcome.DOUBTFUL, 0),
    ],
)
def test_what_is_tried_again(tell, post, clock, answer, again):
    tell()
    assert post(OnProgress(answer)) == 0
    clock.forward(hours=1)
    assert post() == again
