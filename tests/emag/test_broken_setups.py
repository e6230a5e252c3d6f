"""A table of broken settings, environments, zones, files and services: each has a sentence.

None is silent, and no sentence is a library's. A row is what is broken, and a part of the sentence.
"""

import re
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from emag import bootstrap
from emag.doctor import (
    contradictions,
    database,
    domain,
    examine_folder,
    files,
    mailbox,
    outside,
    own_templates,
    relay,
    setup,
)
from emag.doctor.clock import clock_problems
from emag.errors import DatabaseError, SettingsError
from emag.settings import load
from subscribers import membership
from subscribers.consent import Evidence
from tests.conftest import SECRET, START
from tests.emag.cli.test_doctor import dkim, name_server

# What pydantic, SQLAlchemy, the drivers, httpx and Python themselves would say.
LIBRARY = re.compile(
    r"Input should|validation error|unable to parse|Value error|sqlalchem|psycopg|sqlite3|Errno|"
    r"Traceback|[a-z]Error\b|Expected '|Invalid |object at 0x|\[SSL|Connection refused|NoneType"
)
MAIL = """
[publication]
title = "Crier"
sender = "Crier <crier@crier.dev>"
editors = ["Ann <ann@crier.dev>", "Ben <ben@crier.dev>"]
postal_address = "1 Market Square"
"""
SOURCE = '[[sources]]\nname = "{}"\nkind = "feed"\nurl = "https://crier.dev/f"\nsection = "{}"\n'
ENV = {"EMAG_SECRET_KEY": SECRET, "EMAG_BASE_URL": "https://mail.crier.dev"}


def check(sentences, part):
    assert any(part in sentence for sentence in sentences), (part, sentences)
    for sentence in sentences:
        assert not LIBRARY.search(sentence), sentence


SETTINGS = [
    # What cannot be read at all.
    ("[publication\n", "line 1"),
    ('[publication]\ntitle = "x\n', "line 2"),
    ('[publication]\ntitle = "x"\ntitle = "y"\n', "sets something twice"),
    ("= 3\n", "line 1"),
    ('[publication]\ntitel = "x"\n', "publication.titel is not a setting; did you mean"),
    ("[publication]\n", "publication.title is missing"),
    ('[publication]\ntitle = ""\nsender = "a@crier.dev"\n', "publication.title: it is empty"),
    ('[publication]\ntitle = 7\nsender = "a@crier.dev"\n', "publication.title: write a text"),
    ('publication = "x"\n', "publication: write a table"),
    (MAIL + "[publicaton]\n", "publicaton is not a setting"),
    (MAIL.replace("Crier <crier@crier.dev>", "nobody"), "“nobody” is not a mailbox"),
    (MAIL.replace('"1 Market Square"', "1"), "publication.postal_address: write a text"),
    (MAIL + 'timezone = "Mars/Olympus"\n', "is not a time zone"),
    (MAIL + 'kicker_case = "loud"\n', 'write "as-given", "sentence" or "upper"'),
    (MAIL + "[schedule]\nsend = 7\n", "schedule.send"),
    (MAIL + '[schedule]\nsend = "someday"\n', "is not a time that repeats"),
    (MAIL + '[schedule]\nsend = "fri 25:00"\n', "no time of day"),
    (MAIL + '[schedule]\nsend = "fri 01:30"\n', "clocks"),
    (MAIL + '[schedule]\nsend = "fifth fri 07:30"\n', "is not first, second"),
    (MAIL + "[schedule]\nevery = 0\n", "is not a number of weeks"),
    (MAIL + "[schedule]\nevery = 2\n", "needs a first date"),
    (MAIL + '[schedule]\nskip = "christmas"\n', "is not a date"),
    (MAIL + '[schedule]\nholidays = "Narnia"\n', "is not a region"),
    (MAIL + '[schedule]\non_holiday = "dance"\n', 'write "before", "after", "skip" or "send"'),
    (MAIL + '[schedule]\nmax_lateness = "soon"\n', "is not a duration"),
    (MAIL + "[schedule]\nmax_lateness = []\n", "write a duration"),
    (MAIL + "[schedule]\nminimum_stories = -1\n", "write 0 or more"),
    (MAIL + '[schedule]\nminimum_stories = "some"\n', "write a whole number"),
    (MAIL + "[schedule]\nminimum_stories = 1.5\n", "write a whole number"),
    (MAIL + '[approval]\nfour_eyes = "always"\n', 'write "off", "warn" or "required"'),
    (MAIL + '[transport]\nkind = "pigeon"\n', 'write "folder", "smtp" or "sendgrid"'),
    (MAIL + "[transport]\nport = 99999\n", "write 65535 or less"),
    (MAIL + "[transport]\nport = 0\n", "write 1 or more"),
    (MAIL + '[transport]\nrate = "fast"\n', "write a number"),
    (MAIL + "[transport]\nwarm_up = 5\n", "write a list"),
    (MAIL + "[transport]\nwarm_up = [0]\n", "write 1 or more"),
    (MAIL + '[transport]\nmark_header = "Subject: x"\n', "not allowed here"),
    (MAIL + '[transport]\ndkim_selector = "a b"\n', "not allowed here"),
    (MAIL + '[transport]\nbounce_address = "bounces"\n', "is not a mailbox"),
    (MAIL + '[network]\nallow_private = "maybe"\n', "write true or false"),
    (MAIL + '[theme]\naccent = "green"\n', "is not a colour"),
    (MAIL + "[theme]\nlogo_width = 5\n", "write 16 or more"),
    (MAIL + '[signup]\nper_network = "x"\n', "write a whole number"),
    (MAIL + '[signup.fields]\ne_mail = "x"\n', "the webhook has no field “e_mail”"),
    (MAIL + '[privacy]\nevidence = "for ever"\n', "is not a duration"),
    (MAIL + '[privacy]\ndeliveries = "1d"\n', "too short"),
    (MAIL + '[backup]\nat = "night"\n', "is not a time of day"),
    (MAIL + "[backup]\nkeep = 0\n", "write 1 or more"),
    (MAIL + '[backup]\nfolder = ""\n', "it is empty"),
    (MAIL + '[mailbox]\nkind = "letterbox"\n', 'write "none", "imap" or "pop3"'),
    (MAIL + '[[sources]]\nname = "A b"\nkind = "feed"\n', "is not a name"),
    (MAIL + '[[sources]]\nname = "a"\nkind = "feed"\nurl = "ftp://x"\n', "starts with https://"),
    (MAIL + '[[sources]]\nname = "a"\nkind = "folder"\n', "needs a path"),
    (MAIL + '[[sources]]\nname = "a"\nkind = "fax"\n', "write "),
    (MAIL + SOURCE.format("a", "posts") * 2, "source “a” is named twice"),
    (MAIL + SOURCE.format("a", "nowhere"), "which does not exist"),
    (MAIL + '[sources]\nname = "a"\n', "sources: write a list"),
    (MAIL + '[[sections]]\nname = "a"\nlimit = 0\n', "write 1 or more"),
    (MAIL + '[[sections]]\nname = "a"\n[[sections]]\nname = "a"\n', "section “a” is named twice"),
    (MAIL + '[environment]\nsecret_key = "x"\n', "does not belong in emag.toml"),
    (MAIL + '[desk]\napprove_with = "charm"\n', 'write "passkey" or "code"'),
]

VARIABLES = [
    ({"EMAG_SECRET_KEY": "short"}, "EMAG_SECRET_KEY is too short"),
    ({"EMAG_BASE_URL": "http://mail.crier.dev"}, "public links must be https"),
    ({"EMAG_BASE_URL": "mail.crier.dev"}, "public links must be https"),
    ({"EMAG_BASE_URL": "https://mail.crier.dev/a b"}, "holds a character"),
    ({"EMAG_ENGINE": "steam"}, 'EMAG_ENGINE: write "embedded" or "procrastinate"'),
    ({"EMAG_SEKRET_KEY": "x" * 40}, "did you mean EMAG_SECRET_KEY"),
    ({"EMAG_TRANSPROT__HOST": "x"}, "names no table of emag.toml"),
    ({"EMAG_TRANSPORT__HOTS": "x"}, "did you mean"),
    ({"EMAG_TRANSPORT__PORT": "many"}, "transport.port: write a whole number"),
    ({"EMAG_TRUSTED_PROXIES": "everybody"}, "is not a network"),
]

DATABASES = [
    ("oracle://x/y", "EMAG_DATABASE_URL cannot be read"),
    ("no address", "EMAG_DATABASE_URL cannot be read"),
    ("postgresql://emag:hunter2@127.0.0.1:9/emag", "PostgreSQL does not answer"),
    ("sqlite:////proc/nowhere/emag.db", "no database yet"),
]

CONTRADICTIONS = [
    ('[schedule]\nsend = "fri 07:30"\n', "schedule.draft is off"),
    ('[schedule]\ndraft = "thu 16:00"\n', "schedule.send is off"),
    ('[schedule]\ndraft = "fri 16:00"\nsend = "fri 07:30"\n', "is no time before schedule.send"),
    ('[schedule]\ndraft = "fri 07:30"\nsend = "fri 07:30"\n', "is no time before schedule.send"),
    (
        '[schedule]\ndraft = "fri 07:00"\nsend = "fri 08:00"\n[approval]\nremind = "2h"\n',
        "approval.remind is longer",
    ),
    ("[schedule]\nminimum_stories = 500\n", "no issue would ever be drafted"),
    ('[schedule]\nskip = ["2026-12-25"]\n', "schedule.skip names dates"),
    (
        '[schedule]\napproval = "automatic"\n[approval]\nfour_eyes = "required"\n',
        "nobody looks",
    ),
    ('[[sections]]\nname = "posts"\n' + SOURCE.format("a", "posts"), "write topics = []"),
    (SOURCE.format("a", "posts"), "“jobs” has no source"),
    ("[jobs]\nrepeat = 1\n", "jobs.repeat is set"),
    ("[transport]\nwarm_up = [5]\n", "transport.warm_up does nothing"),
    ("[transport]\nrate = 5\ndomain_rate = 9\n", "transport.domain_rate is higher"),
    ('[transport]\nkind = "smtp"\nport = 465\n', "usually goes with port 587"),
    ('[transport]\nkind = "smtp"\nsecurity = "tls"\n', "usually goes with port 465"),
    (
        '[transport]\nbounce_address = "crier@crier.dev"\n[mailbox]\nremove = true\n',
        "the sender's own address",
    ),
]

SETUPS = [
    ({"EMAG_SECRET_KEY": ""}, "", "EMAG_SECRET_KEY is not set"),
    ({}, MAIL.replace('"1 Market Square"', '""'), "publication.postal_address is empty"),
    ({}, re.sub(r"editors = .*", "editors = []", MAIL), "publication.editors is empty"),
    ({}, "", "There are no [[sources]]"),
    ({"EMAG_BASE_URL": "http://127.0.0.1:8400"}, "", "readers cannot reach it"),
    ({"EMAG_BASE_URL": "http://127.0.0.1:8400"}, "", "passkey"),
    ({"EMAG_ENGINE": "procrastinate"}, "", "procrastinate needs PostgreSQL"),
    ({"EMAG_SIGNUP_SECRET": "short"}, "", "can be guessed"),
    (
        {"EMAG_SIGNUP_TOKEN": "t" * 20, "EMAG_STORIES_TOKEN": "t" * 20},
        "",
        "is also one of the sign-up",
    ),
    ({}, MAIL + '[signup]\ndisposable = "none.txt"\n', "there is no file none.txt"),
    ({}, MAIL + '[signup]\ntopics = ["sports"]\n', "no section has that name"),
    ({}, MAIL + '[mailbox]\nkind = "imap"\n', "are not both set"),
    ({}, MAIL + '[transport]\nkind = "smtp"\nhost = "relay.dev"\nsecurity = "none"\n', "without"),
    ({"EMAG_SMTP_USERNAME": "x"}, MAIL + '[transport]\nkind = "smtp"\n', "Only one of EMAG_SMTP"),
]

SPF, DKIM, DMARC = "{d} TXT", "s1._domainkey.{d} TXT", "_dmarc.{d} TXT"
ZONES = [
    ({SPF: []}, "has no SPF record"),
    ({SPF: ['"v=spf1 mx -all"', '"v=spf1 -all"']}, "2 SPF records: keep only one"),
    ({SPF: ['"v=spf1 -all"']}, "says that nobody sends for it"),
    ({SPF: ['"v=spf1 ip4:192.0.2.1 +all"']}, "lets everybody send"),
    ({SPF: ['"v=spf1 ip4:192.0.2.1 all"']}, "lets everybody send"),
    ({SPF: ['"v=spf1 ip4:192.0.2.1 ?all"']}, "decides nothing"),
    ({SPF: ['"v=spf1 ip4:192.0.2.1"']}, "has no end"),
    ({SPF: ['"v=spf1 -all ip4:192.0.2.1"']}, "comes after “all”"),
    ({SPF: ['"v=spf1 ipv4:192.0.2.1 -all"']}, "which is no term of SPF"),
    ({SPF: ['"v=spf1 ip4:192.0.2.999 -all"']}, "no address of that kind"),
    ({SPF: ['"v=spf1 ip6:192.0.2.1 -all"']}, "no address of that kind"),
    ({SPF: ['"v=spf1 include:gone.{d} -all"']}, "which has no SPF record"),
    ({SPF: ['"v=spf1 redirect=gone.{d}"']}, "which has no SPF record"),
    ({SPF: ['"v=spf1 include:{d} ip4:192.0.2.1 -all"']}, "in a circle"),
    ({SPF: ['"v=spf1 ptr ip4:192.0.2.1 -all"']}, "“ptr”, which receivers ignore"),
    ({SPF: ['"v=spf1 a:gone.{d} ip4:192.0.2.1 -all"']}, "has no such record"),
    (
        {SPF: ['"v=spf1 ' + " ".join(f"a:gone{n}.{{d}}" for n in range(3)) + ' -all"']},
        "3 hosts that do not exist",
    ),
    ({SPF: ['"v=spf1 ' + " ".join(["mx"] * 11) + ' -all"']}, "asks for 11 other records"),
    ({DKIM: []}, "no DKIM key"),
    ({DKIM: ['"v=DKIM1; p="']}, "was withdrawn"),
    ({DKIM: ['"v=DKIM1; p=AAAA"']}, "cannot be read"),
    ({DMARC: []}, "has no DMARC record"),
    ({DMARC: ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"']}, "2 DMARC records"),
    ({DMARC: ['"v=DMARC1; rua=mailto:a@b.dev"']}, "names no policy"),
    ({"{d} MX": []}, "has no mail server"),
    ({"{d} MX": ["0 ."]}, "has no mail server"),
]

HEALTH, LOGO = "https://mail.crier.dev/healthz", "https://crier.dev/logo.png"
SERVICES = [
    (
        "https://mail.crier.dev/healthz",
        (200, "text/html", "<p>nginx</p>"),
        "something else answers",
    ),
    ("https://mail.crier.dev/healthz", (502, "text/html", "bad gateway"), "answers (502)"),
    ("https://mail.crier.dev/healthz", None, "cannot be reached"),
    ("https://crier.dev/logo.png", (404, "text/html", "gone"), "answers 404"),
    ("https://crier.dev/logo.png", (200, "text/html", "<p>"), "is no picture"),
    ("https://crier.dev/logo.png", None, "theme.logo"),
]


def written(folder, text, variables=None):
    (folder / "emag.toml").write_text(text)
    return load(folder, ENV | (variables or {}))


def messages(problems):
    return [problem.message for problem in problems]


def test_the_table_is_long_enough():
    tables = (SETTINGS, VARIABLES, DATABASES, CONTRADICTIONS, SETUPS, ZONES, SERVICES)
    assert sum(map(len, tables)) >= 120


@pytest.mark.parametrize(("text", "part"), SETTINGS)
def test_settings(tmp_path, text, part):
    with pytest.raises(SettingsError) as caught:
        written(tmp_path, text)
    check(caught.value.faults, part)


def test_settings_that_are_no_text(tmp_path):
    (tmp_path / "emag.toml").write_bytes(MAIL.encode() + b'tagline = "\xff"\n')
    check(messages(examine_folder(tmp_path, now=lambda: START)), "not text in UTF-8, in line 7")
    (tmp_path / "emag.toml").unlink()
    check(messages(examine_folder(tmp_path, now=lambda: START)), "There is no emag.toml")


@pytest.mark.parametrize(("variables", "part"), VARIABLES)
def test_variables(tmp_path, variables, part):
    with pytest.raises(SettingsError) as caught:
        written(tmp_path, MAIL, variables)
    check(caught.value.faults, part)
    assert not any("xxxx" in fault for fault in caught.value.faults), "a secret is shown"


@pytest.mark.parametrize(("url", "part"), DATABASES)
def test_databases(tmp_path, url, part):
    settings = written(tmp_path, MAIL, {"EMAG_DATABASE_URL": url})
    check(messages(database.examine(settings, now=lambda: START)), part)
    with pytest.raises((DatabaseError, SettingsError)) as caught:
        bootstrap.open_database(settings)
    check([str(caught.value)], part)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("text", "part"), CONTRADICTIONS)
def test_contradictions(tmp_path, text, part):
    check(messages(contradictions.examine(written(tmp_path, MAIL + text))), part)


def test_four_eyes_of_one_editor(tmp_path):
    text = re.sub(r"editors = .*", 'editors = ["ann@crier.dev"]', MAIL)
    settings = written(tmp_path, text + '[approval]\nfour_eyes = "required"\n')
    check(messages(contradictions.examine(settings)), "there is one editor")


def test_settings_that_agree_are_left_alone(tmp_path):
    sources = "".join(SOURCE.format(name, name) for name in ("posts", "jobs", "events"))
    agreed = '[schedule]\ndraft = "thu 16:00"\nsend = "fri 07:30"\n'
    assert messages(contradictions.examine(written(tmp_path, MAIL + sources + agreed))) == []


@pytest.mark.parametrize(("variables", "text", "part"), SETUPS)
def test_setups(tmp_path, variables, text, part):
    settings = written(tmp_path, text or MAIL, variables)
    check(messages(setup.examine(settings, now=lambda: START)), part)


@pytest.fixture(scope="module")
def zones():
    """One name server for all rows: each has a domain of its own."""
    key = dkim(rsa.generate_private_key(65537, 2048))
    good = {
        "{d} MX": ["10 mx.crier.dev."],
        "{d} NS": ["ns.crier.dev."],
        SPF: ['"v=spf1 ip4:192.0.2.0/24 -all"'],
        DKIM: key,
        DMARC: ['"v=DMARC1; p=none"'],
    }
    zone = {}
    for number, (changed, _) in enumerate([*ZONES, ({}, "")]):
        name = f"row{number}.dev"
        for record, values in (good | changed).items():
            zone[record.format(d=name)] = [value.replace("{d}", name) for value in values]
    with name_server(zone) as names:
        yield names


def of_domain(tmp_path, names, number, more=""):
    text = MAIL.replace("crier@crier.dev", f"crier@row{number}.dev")
    settings = written(tmp_path, f'{text}[transport]\nkind = "smtp"\nhost = "relay.dev"\n{more}')
    return messages(domain.examine(settings, names))


@pytest.mark.parametrize("number", range(len(ZONES)))
def test_zones(tmp_path, zones, number):
    check(of_domain(tmp_path, zones, number), ZONES[number][1])


def test_a_good_zone_has_no_fault_and_a_named_selector_must_be_there(tmp_path, zones):
    last = len(ZONES)
    assert of_domain(tmp_path, zones, last) == []
    assert of_domain(tmp_path, zones, last, 'dkim_selector = "s1"\n') == []
    check(of_domain(tmp_path, zones, last, 'dkim_selector = "other"\n'), "other._domainkey.")


@contextmanager
def web(answers):
    """A real HTTP server that plays all sites: a transport that leads every request to it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, kind, body = answers[self.headers["X-Asked"]]
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    class Rerouted(httpx.HTTPTransport):
        def handle_request(self, request):
            address, port = str(request.url), server.server_address[1]
            if answers.get(address) is None:
                port = 9  # nothing answers there
            url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
            return super().handle_request(httpx.Request("GET", url, headers={"X-Asked": address}))

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with Rerouted() as transport:
                yield transport
        finally:
            server.shutdown()
            thread.join()


def test_services(tmp_path):
    settings = written(tmp_path, MAIL + '[theme]\nlogo = "https://crier.dev/logo.png"\n')
    good = {
        HEALTH: (200, "application/json", '{"ok": true}'),
        LOGO: (200, "image/png", "png"),
    }
    answers = {}
    with web(answers) as transport:

        def examined():
            return messages(outside.examine(settings, now=lambda: START, transport=transport))

        answers |= good
        assert examined() == []
        for url, answer, part in SERVICES:
            answers |= good | {url: answer}
            check(examined(), part)


def test_files(tmp_path):
    settings = written(tmp_path, MAIL + '[backup]\nat = "03:30"\nfolder = "emag.toml/b"\n')
    (tmp_path / ".env").write_text("")
    (tmp_path / ".env").chmod(0o640)
    (tmp_path / "emag.db").touch(0o644)
    (tmp_path / "emag.db").chmod(0o644)
    sentences = messages(files.examine(settings))
    check(sentences, "chmod 600")
    check(sentences, "emag.db can be read by other users")
    check(sentences, "emag.toml/b cannot be written")
    for name in (".env", "emag.db"):
        (tmp_path / name).chmod(0o600)
    assert messages(files.examine(written(tmp_path, MAIL))) == []


def test_own_templates(tmp_path):
    folder = tmp_path / "templates" / "web"
    folder.mkdir(parents=True)
    (folder / "sign.html").write_text("{{ say('x') }}")
    (folder / "home.html").write_text("{% if x %}")
    (folder / "error.html").write_text("{{ status | sparkle }}{% include 'web/part.html' %}")
    (folder / "part.html").write_text("part")
    (folder / "archive.html").write_bytes(b"\xff")
    sentences = messages(own_templates.examine(written(tmp_path, MAIL)))
    check(sentences, "templates/web/sign.html replaces no template of emag")
    check(sentences, "templates/web/home.html, line 1, has a tag")
    check(sentences, "filter “sparkle”")
    check(sentences, "templates/web/archive.html cannot be read")
    assert len(sentences) == 4


def test_a_key_that_is_not_the_list_s(tmp_path):
    settings = written(tmp_path, MAIL)
    store = bootstrap.connect(settings)
    bootstrap.upgrade(store, bootstrap.anchor(settings))
    with store.transaction() as conn:
        evidence = Evidence("import", wording="agreed on paper")
        keys = bootstrap.keys(settings)
        reader = {"address": "ann@crier.dev", "name": "", "evidence": evidence, "now": START}
        membership.add_on_basis(conn, keys, **reader)
    store.close()
    assert messages(database.examine(settings, now=lambda: START)) == []
    other = written(tmp_path, MAIL, {"EMAG_SECRET_KEY": "o" * 40})
    check(messages(database.examine(other, now=lambda: START)), "is not the key of this list")


def test_the_mailbox_and_the_relay(tmp_path):
    smtp = MAIL + '[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n'
    check(messages(mailbox.examine(written(tmp_path, smtp))), "Nobody reads bounces")
    check(messages(relay.examine(written(tmp_path, smtp))), "nothing answers at that port")
    box = MAIL + '[mailbox]\nkind = "imap"\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n'
    login = {"EMAG_MAILBOX_USERNAME": "x", "EMAG_MAILBOX_PASSWORD": "y"}
    check(messages(mailbox.examine(written(tmp_path, box, login))), "correct [mailbox]")


@pytest.mark.parametrize(
    ("hours", "part"), [(26, "1,560 minutes ahead"), (-1, "60 minutes behind")]
)
def test_a_wrong_clock(hours, part):
    check(messages(clock_problems(timedelta(hours=hours), "crier.dev")), part)
    assert messages(clock_problems(timedelta(seconds=30), "crier.dev")) == []
