"""Letters to one reader use the same transport as issues, and are no list mail."""

import re
from datetime import timedelta
from email import policy
from email.parser import BytesParser

import pytest

from emag.errors import PressError, Unreachable
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.letters.notice import notify_editors
from emag.mailing.letters.post import post_letters
from emag.mailing.transports.folder import FolderTransport
from subscribers import membership
from subscribers.consent import Evidence


@pytest.fixture
def sign_up(database, keys, clock):
    def sign_up(address, name=""):
        with database.transaction() as conn:
            evidence = Evidence("form")
            membership.sign_up(
                conn, keys, address=address, name=name, evidence=evidence, now=clock()
            )

    return sign_up


@pytest.fixture
def post(database, settings, keys, clock, outbox):
    def post(transport=None):
        transport = transport or FolderTransport(outbox)
        return post_letters(
            database, transport=transport, settings=settings, keys=keys, now=clock()
        )

    return post


@pytest.fixture
def letters(outbox):
    def letters():
        files = sorted(outbox.glob("*.eml"))
        return [BytesParser(policy=policy.default).parsebytes(f.read_bytes()) for f in files]

    return letters


def link(letter, where):
    text = letter.get_body(("plain",)).get_content()
    return re.search(rf"https://mail\.crier\.example\.org/{where}/(\S+)", text)[1]


def test_a_sign_up_gets_a_confirmation(sign_up, post, letters, keys, clock):
    sign_up("ann@example.net", "Ann & “Co”")
    assert post() == 1
    [letter] = letters()
    assert letter["To"].addresses[0].addr_spec == "ann@example.net"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "The Town Crier" in letter["Subject"]
    for name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"):
        assert name not in letter
    assert "[[" not in letter.get_body(("html",)).get_content()
    assert keys.read("not_me", link(letter, "not-me"), now=clock())
    assert post() == 0, "once"


def test_its_link_confirms_until_it_expires(sign_up, post, letters, database, keys, clock):
    sign_up("ann@example.net")
    post()
    token = link(letters()[0], "confirm")
    with pytest.raises(Exception, match="too old"):
        keys.read("confirm", token, now=clock() + timedelta(days=8))
    with database.transaction() as conn:
        result = membership.confirm(conn, keys, token, evidence=Evidence("link"), now=clock())
    assert result.outcome == "confirmed"
    assert post() == 1, "the welcome"
    welcome = [letter for letter in letters() if "unsubscribe" in letter.as_string()][-1]
    assert keys.read("unsubscribe", link(welcome, "unsubscribe"), now=clock()) == result.ref
    assert keys.read("preferences", link(welcome, "preferences"), now=clock()) == result.ref
    assert welcome["Auto-Submitted"] == "auto-generated"


def test_a_change_of_address_is_confirmed_at_the_new_address(
    sign_up, post, letters, database, keys, clock
):
    sign_up("ann@example.net")
    post()
    token = link(letters()[0], "confirm")
    with database.transaction() as conn:
        result = membership.confirm(conn, keys, token, evidence=Evidence("link"), now=clock())
    post()
    with database.transaction() as conn:
        membership.request_address_change(
            conn, keys, result.ref, address="new@example.net", now=clock()
        )
    assert post() == 1
    letter = letters()[-1]
    [request] = [m for m in letters() if m["To"].addresses[0].addr_spec == "new@example.net"]
    with database.transaction() as conn:
        membership.confirm_address_change(
            conn, keys, link(request, "confirm"), evidence=Evidence("link"), now=clock()
        )
    assert letter["Message-ID"]


def test_bounces_of_letters_and_of_deliveries_are_not_mixed_up(sign_up, post, letters, keys):
    sign_up("ann@example.net")
    post()
    mark = letters()[0]["Return-Path"].strip("<>").partition("@")[0].removeprefix("bounces+")
    assert keys.read_short("confirm", mark) == 1
    assert keys.read_short("bounce", mark) is None


class Answering:
    """A transport that gives one answer to every message."""

    name, batch = "answering", 10

    def __init__(self, answer):
        self.answer, self.sent = answer, 0

    def send(self, messages):
        self.sent += len(messages)
        if isinstance(self.answer, Exception):
            raise self.answer
        return [Receipt(self.answer, "why")] * len(messages)

    def close(self):
        pass


@pytest.mark.parametrize(
    ("answer", "posted_later"),
    [
        (Unreachable("away"), 1),
        (Outcome.DEFERRED, 1),
        (Outcome.UNSENT, 1),
        (Outcome.REFUSED, 0),
        (Outcome.DOUBTFUL, 0),
    ],
)
def test_a_letter_is_tried_again_unless_it_was_refused_or_may_have_arrived(
    sign_up, post, clock, answer, posted_later
):
    sign_up("ann@example.net")
    assert post(Answering(answer)) == 0
    assert post() == 0, "not at once"
    clock.forward(hours=1)
    assert post() == posted_later


def test_a_server_that_cannot_be_reached_is_asked_once(sign_up, post, clock):
    for n in range(25):
        sign_up(f"ann@example{n}.net")
    unreachable = Answering(Unreachable("away"))
    post(unreachable)
    assert unreachable.sent == 10
    assert post() == 15, "the other letters stay due"


def test_many_letters_are_posted_in_groups(sign_up, post, letters):
    for n in range(25):
        sign_up(f"ann@example{n}.net")
    assert post() == 25
    assert len({letter["Message-ID"] for letter in letters()}) == 25


def test_a_template_that_cannot_be_printed_delays_only_its_own_letters(
    sign_up, post, letters, settings, database, clock
):
    sign_up("ann@example.net")
    with database.transaction() as conn:
        notify_editors(conn, settings=settings, key="k", subject="s", text="t", now=clock())
    broken = settings.template_folders[0] / "confirm" / "subject.txt"
    broken.parent.mkdir(parents=True)
    broken.write_text("{{ nothing.of.this }}")
    with pytest.raises(PressError):
        post()
    assert [letter["Subject"] for letter in letters()] == ["s"]
    broken.unlink()
    clock.forward(hours=1)
    assert post() == 1
