"""Reports are read only if they can be verified, and a mailbox only if it is configured."""

import pytest

from emag import bootstrap
from emag.doctor import setup
from emag.errors import SettingsError
from emag.publication import create_publication
from emag.schedule import tick
from emag.settings import load

TOPIC = "arn:aws:sns:eu-west-2:123456789012:bounces"
BOX = {"EMAG_MAILBOX_USERNAME": "ann", "EMAG_MAILBOX_PASSWORD": "p" * 20}


def settings(folder, toml: str = "", **environ: str):
    with (folder / "emag.toml").open("a") as file:
        file.write(toml)
    return load(folder, {"EMAG_SECRET_KEY": "k" * 40, **environ})


def test_a_provider_without_a_key_is_left_out(folder, clock):
    assert bootstrap.feedback(settings(folder), clock) == {}
    half = {"EMAG_POSTMARK_WEBHOOK_USERNAME": "emag"}
    assert bootstrap.feedback(settings(folder, **half), clock) == {}


def test_providers_with_a_key_are_found_by_their_names(folder, clock):
    options = settings(
        folder,
        f'[feedback]\nses_topics = ["{TOPIC}"]\n',
        EMAG_POSTMARK_WEBHOOK_USERNAME="emag",
        EMAG_POSTMARK_WEBHOOK_PASSWORD="p" * 20,
        EMAG_MAILGUN_SIGNING_KEY="k" * 20,
    )
    readers = bootstrap.feedback(options, clock)
    assert {name: one.name for name, one in readers.items()} == {
        name: name for name in ("postmark", "mailgun", "ses")
    }


def test_without_a_mailbox_in_the_settings_none_is_read(folder):
    assert bootstrap.mailbox(settings(folder)) is None


@pytest.mark.parametrize("kind", ["imap", "pop3"])
def test_mailboxes_are_built_by_kind(folder, kind):
    options = settings(folder, f'[mailbox]\nkind = "{kind}"\n', **BOX)
    assert bootstrap.mailbox(options).name == kind


@pytest.mark.parametrize(
    ("kind", "security", "port"),
    [("imap", "tls", 993), ("imap", "starttls", 143), ("pop3", "tls", 995), ("pop3", "none", 110)],
)
def test_the_usual_port_depends_on_kind_and_security(folder, kind, security, port):
    options = settings(folder, f'[mailbox]\nkind = "{kind}"\nsecurity = "{security}"\n', **BOX)
    assert options.mailbox.connect_port == port
    assert options.mailbox.model_copy(update={"port": 7}).connect_port == 7


def test_a_mailbox_without_a_password_is_a_fault_that_the_doctor_finds(folder, clock):
    options = settings(folder, '[mailbox]\nkind = "imap"\n', EMAG_MAILBOX_USERNAME="ann")
    with pytest.raises(SettingsError, match="EMAG_MAILBOX_PASSWORD"):
        bootstrap.mailbox(options)
    assert any(
        "EMAG_MAILBOX_PASSWORD" in problem.message for problem in setup.examine(options, now=clock)
    )


class Box:
    """An empty mailbox that counts its visits."""

    name = "counting"

    def __init__(self) -> None:
        self.visits = 0

    def visit(self):
        self.visits += 1
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_: object):
        pass

    def mails(self):
        return iter(())


@pytest.fixture
def crier(tmp_path, clock):
    folder = tmp_path / "crier"
    create_publication(folder, environ={})
    newsroom = bootstrap.open_newsroom(folder, now=clock, environ={})
    yield newsroom
    newsroom.transport.close()
    newsroom.database.close()


def test_the_schedule_visits_the_mailbox_every_five_minutes(crier, clock):
    box = Box()
    newsroom = type(crier)(
        **{name: getattr(crier, name) for name in crier.__dataclass_fields__ if name != "mailbox"},
        mailbox=box,
    )
    for minutes, visits in ((0, 1), (1, 1), (3, 1), (1, 2), (5, 3)):
        clock.forward(minutes=minutes)
        assert tick.tick(newsroom, stages=tick.RETURNS) == []
        assert box.visits == visits
    assert tick.tick(crier, stages=tick.RETURNS) == []
