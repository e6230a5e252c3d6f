"""The doctor names all faults at once, and sends nothing."""

import base64
import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from emag.cli.call import now
from emag.doctor import domain, relay, setup
from emag.settings import load

SETTINGS = """
[publication]
title = "Crier"
sender = "Crier <crier@{domain}>"
editors = ["ann@crier.dev"]
postal_address = "1 Market Square"
[[sources]]
name = "posts"
kind = "feed"
url = "https://crier.dev/feed.xml"
[transport]
kind = "{kind}"
port = {port}
security = "{security}"
host = "127.0.0.1"
"""


@pytest.fixture
def configured(tmp_path):
    """Settings in as few words as a test needs."""

    def build(*, at="crier.dev", kind="folder", port=25, security="none", **environ):
        text = SETTINGS.format(domain=at, kind=kind, port=port, security=security)
        (tmp_path / "emag.toml").write_text(text)
        lasting = {"secret_key": "k" * 40, "base_url": "https://mail.crier.dev"} | environ
        return load(tmp_path, {f"EMAG_{name.upper()}": value for name, value in lasting.items()})

    return build


@contextmanager
def name_server(zone):
    """A real name server for a zone of {"name TYPE": [text, …]}; it knows no other name."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    zone_names = {key.partition(" ")[0] for key in zone}

    def serve():
        while True:
            try:
                wire, peer = server.recvfrom(4096)
            except OSError:
                return
            if wire == b"stop":
                return
            query = dns.message.from_wire(wire)
            name, kind = query.question[0].name, query.question[0].rdtype
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            plain = name.to_text(omit_final_dot=True)
            faults = zone.get(f"{plain} {dns.rdatatype.to_text(kind)}", [])
            if faults:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *faults))
            elif plain not in zone_names:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            server.sendto(answer.to_wire(), peer)

    thread = threading.Thread(target=serve)
    thread.start()
    names = dns.resolver.Resolver(configure=False)
    names.nameservers, names.port = ["127.0.0.1"], server.getsockname()[1]
    try:
        yield names
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"stop", server.getsockname())
        thread.join()
        server.close()


def dkim(key) -> list[str]:
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        raw = base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
        return [f'"v=DKIM1; k=ed25519; p={raw}"']
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    text = base64.b64encode(der).decode()
    # A TXT record is made of strings of at most 255 octets.
    return ['"v=DKIM1; k=rsa; p=' + '" "'.join(text[i : i + 200] for i in range(0, 999, 200)) + '"']


@pytest.fixture(scope="module")
def strong():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def good(strong):
    return {
        "crier.dev MX": ["10 mx.crier.dev."],
        "crier.dev TXT": ['"v=spf1 include:_spf.crier.dev -all"', '"other=thing"'],
        "crier.dev NS": ["ns.crier.dev."],
        "s1._domainkey.crier.dev TXT": dkim(strong),
        "_dmarc.crier.dev TXT": ['"v=DMARC1; p=none; rua=mailto:d@crier.dev"'],
        "_spf.crier.dev TXT": ['"v=spf1 ip4:192.0.2.0/24 -all"'],
    }


def faults_of(settings, zone):
    with name_server(zone) as names:
        return {f.message: f.severity for f in domain.examine(settings, names)}


def test_a_complete_domain_has_no_fault(configured, good):
    assert faults_of(configured(kind="smtp"), good) == {}


def test_dmarc_is_inherited_from_the_domain_above(configured, good):
    lower = {key.replace("crier.dev", "news.crier.dev"): value for key, value in good.items()}
    lower |= {"_spf.crier.dev TXT": good["_spf.crier.dev TXT"]}
    lower["_dmarc.crier.dev TXT"] = lower.pop("_dmarc.news.crier.dev TXT")
    assert faults_of(configured(at="news.crier.dev", kind="smtp"), lower) == {}


@pytest.mark.parametrize(
    ("record", "value", "part", "severity"),
    [
        ("crier.dev TXT", [], "no SPF record", "warn"),
        ("crier.dev TXT", ['"v=spf1 -all"', '"v=spf1 mx -all"'], "2 SPF records", "block"),
        ("crier.dev TXT", ['"v=spf1 mx +all"'], "lets everybody send", "warn"),
        ("crier.dev MX", [], "no mail server", "warn"),
        ("crier.dev MX", ["0 ."], "no mail server", "warn"),
        ("s1._domainkey.crier.dev TXT", [], "no DKIM key", "warn"),
        ("s1._domainkey.crier.dev TXT", ['"v=DKIM1; p="'], "was withdrawn", "warn"),
        ("s1._domainkey.crier.dev TXT", ['"v=DKIM1; p=AAAA"'], "cannot be read", "warn"),
        ("_dmarc.crier.dev TXT", [], "no DMARC record", "warn"),
        ("_dmarc.crier.dev TXT", ['"v=DMARC1; rua=mailto:a@b.c"'], "names no policy", "warn"),
    ],
)
def test_each_fault_of_a_domain_is_named(configured, good, record, value, part, severity):
    faults = faults_of(configured(kind="smtp"), good | {record: value})
    assert len(faults) == 1
    [(message, how)] = faults.items()
    assert part in message
    assert how == severity


@pytest.mark.parametrize(("bits", "severity"), [(1024, "warn"), (768, "block")])
def test_a_short_key_is_measured(configured, good, bits, severity):
    # 768 bits cannot be generated any more, but such keys are still published.
    weak = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) + 1).public_key() if bits < 1024 else None

    class Key:
        def public_key(self):
            return weak or rsa.generate_private_key(65537, bits).public_key()

    faults = faults_of(configured(kind="smtp"), good | {"s1._domainkey.crier.dev TXT": dkim(Key())})
    assert [(str(bits) in message, how) for message, how in faults.items()] == [(True, severity)]


def test_a_key_on_an_edwards_curve_is_fine(configured, good):
    record = {"s1._domainkey.crier.dev TXT": dkim(ed25519.Ed25519PrivateKey.generate())}
    assert faults_of(configured(kind="smtp"), good | record) == {}


def test_a_domain_that_does_not_exist_blocks(configured):
    faults = faults_of(configured(kind="smtp"), {})
    assert next(iter(faults.items()))[1] == "block"
    assert "crier.dev does not exist" in next(iter(faults))


def test_without_a_name_server_it_warns(configured):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        names = dns.resolver.Resolver(configure=False)
        names.nameservers, names.port, names.timeout = ["127.0.0.1"], deaf.getsockname()[1], 0.2
        [finding] = domain.examine(configured(), names, timeout=0.3)
    assert finding.severity == "warn"
    assert "No name server answers" in finding.message


@pytest.mark.parametrize(("kind", "severity"), [("folder", "warn"), ("sendgrid", "block")])
def test_a_reserved_domain_is_accepted_for_trying_out(configured, kind, severity):
    [finding] = domain.examine(configured(at="mail.example.org", kind=kind))
    assert finding.severity == severity


class Authenticator:
    """Accepts one name and password, and collects the senders' addresses."""

    def __init__(self):
        self.senders, self.refuses = [], False

    def __call__(self, server, session, envelope, mechanism, data):
        is_known = data.login == b"crier" and data.password == b"right"
        return AuthResult(success=is_known, handled=False)

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.senders.append(address)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        return "553 5.7.1 Sender address rejected: not owned" if self.refuses else "250 OK"

    async def handle_DATA(self, server, session, envelope):
        raise AssertionError("the doctor sends nothing")


@contextmanager
def relaying(**options):
    authenticator = Authenticator()
    controller = Controller(
        authenticator, hostname="127.0.0.1", port=_free(), authenticator=authenticator, **options
    )
    controller.start()
    try:
        yield controller.port, authenticator
    finally:
        controller.stop()


def _free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def relayed(settings):
    return [finding.message for finding in relay.examine(settings)]


def test_a_relay_that_answers_is_sent_nothing(configured):
    with relaying() as (port, authenticator):
        assert relayed(configured(kind="smtp", port=port)) == []
        authenticator.refuses = True
        [message] = relayed(configured(kind="smtp", port=port))
    assert authenticator.senders == ["bounces+check@crier.dev"] * 2
    assert "refuses mail from bounces+check@crier.dev to crier@crier.dev: “553 5.7.1" in message


def test_a_relay_with_a_log_in(configured):
    name = {"smtp_username": "crier", "smtp_password": "right"}
    with relaying(auth_require_tls=False) as (port, _):
        assert relayed(configured(kind="smtp", port=port, **name)) == []
        [message] = relayed(configured(kind="smtp", port=port, **name | {"smtp_password": "wrong"}))
    assert "refuses EMAG_SMTP_USERNAME (535)" in message
    assert "wrong" not in message


def test_a_relay_without_starttls_and_an_unreachable_one(configured):
    with relaying() as (port, _):
        [message] = relayed(configured(kind="smtp", port=port, security="starttls"))
        assert "does not offer STARTTLS" in message
        [message] = relayed(configured(kind="smtp", port=port, security="tls"))
        assert "cannot be trusted" in message
    [message] = relayed(configured(kind="smtp", port=port))
    assert "cannot be reached: nothing answers at that port" in message


@contextmanager
def provider(status, body):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            right = self.headers["Authorization"] == "Bearer SG.right"
            self.send_response(status if right and self.path == "/v3/scopes" else 401)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


SCOPES = json.dumps({"scopes": ["mail.send"]}).encode()


@pytest.mark.parametrize(
    ("key", "status", "body", "part"),
    [
        ("SG.right", 200, SCOPES, None),
        ("SG.wrong", 200, SCOPES, "refuses EMAG_SENDGRID_API_KEY (401)"),
        ("SG.right", 200, b'{"scopes": ["stats.read"]}', "lacks mail.send"),
        ("SG.right", 200, b"<html>", "cannot be reached"),
        ("SG.right", 503, b"", "answers 503"),
        ("", 200, SCOPES, "EMAG_SENDGRID_API_KEY is not set"),
    ],
)
def test_the_scopes_of_the_provider_s_key_are_checked(configured, key, status, body, part):
    with provider(status, body) as host:
        settings = configured(
            kind="sendgrid", sendgrid_api_key=key, sendgrid_host=host, sendgrid_webhook_key="k"
        )
        faults = relayed(settings)
    assert len(faults) == (part is not None)
    assert part is None or part in faults[0]
    assert "SG." not in "".join(faults)


def test_a_provider_whose_reports_nobody_can_verify(configured):
    with provider(200, SCOPES) as host:
        faults = relayed(
            configured(kind="sendgrid", sendgrid_api_key="SG.right", sendgrid_host=host)
        )
    assert any("EMAG_SENDGRID_WEBHOOK_KEY is not set" in message for message in faults)


def test_settings_that_cannot_be_used(configured):
    faults = list(
        setup.examine(configured(engine="procrastinate", sendgrid_webhook_key="no key"), now=now)
    )
    assert [finding.message.partition(" ")[0].rstrip(":") for finding in faults] == [
        "EMAG_ENGINE",
        "EMAG_SENDGRID_WEBHOOK_KEY",
    ]
    assert {finding.severity for finding in faults} == {"block"}


def test_settings_that_are_allowed_but_not_wise(configured, tmp_path):
    assert list(setup.examine(configured(), now=now)) == []
    text = (tmp_path / "emag.toml").read_text()
    text = text.replace('postal_address = "1 Market Square"', "").replace("host =", "#")
    text = text.replace('kind = "folder"', 'kind = "smtp"\nhost = "smtp.crier.dev"')
    (tmp_path / "emag.toml").write_text(
        text + '[theme]\nink = "#999999"\n[signup]\ntopics = ["posts", "sport"]\n'
    )
    faint = load(tmp_path, {"EMAG_SMTP_USERNAME": "crier"})
    faults = "\n".join(finding.message for finding in setup.examine(faint, now=now))
    for part in (
        "EMAG_SECRET_KEY is not set",
        "postal_address is empty",
        "EMAG_BASE_URL is http://localhost:8400",
        "without encryption",
        "Only one of EMAG_SMTP_USERNAME and EMAG_SMTP_PASSWORD",
        "theme.ink #999999 has a contrast of only 2.8",
        "signup.topics offers “sport”",
    ):
        assert part in faults
    assert "“posts”" not in faults


def test_passkeys_need_a_host_name(configured):
    def sentences(base_url):
        return " ".join(p.message for p in setup.examine(configured(base_url=base_url), now=now))

    assert "passkeys need a host name, not an IP address" in sentences("http://127.0.0.1:8400")
    assert "passkeys" not in sentences("http://localhost:8400")
