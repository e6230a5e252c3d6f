"""Whose forwarding headers are believed, and what happens to all others."""

import json
from contextlib import contextmanager
from ipaddress import ip_address

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from emag import bootstrap, instance, untrusted
from emag.demo import hosting
from emag.doctor import proxies as doctor
from emag.errors import SettingsError
from emag.settings import load
from emag.web import app as web
from emag.web.proxies import parse_address
from tests.emag.web.conftest import ENVIRON

ELSEWHERE = {"EMAG_TRUSTED_PROXIES": "10.0.0.0/8"}
FORWARDING = [
    {"X-Forwarded-For": "198.51.100.9"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "crier.example.org"},
    {"X-Real-IP": "10.1.2.3"},
    {"Forwarded": "for=10.1.2.3"},
]


@pytest.fixture
def serve(press, clock):
    """The pages with other variables in the environment; the tests are a peer on loopback."""

    @contextmanager
    def serve(**environ):
        settings = load(press.newsroom.settings.folder, ENVIRON | environ)
        newsroom = bootstrap.open_newsroom(settings.folder, now=clock, environ=ENVIRON | environ)
        instance.release(newsroom.database)
        with (
            hosting.listen(0) as listener,
            hosting.serving(web.create(newsroom), listener) as base,
            httpx.Client(base_url=base, timeout=10) as client,
        ):
            yield client
        newsroom.transport.close()
        newsroom.database.close()

    return serve


def sign_up(client, number, **headers):
    data = {"email": f"reader{number}@example.org"}
    assert client.post("/signup", data=data, headers=headers).status_code == 200


def confirmations(press):
    with press.newsroom.database.reading() as conn:
        return conn.execute(text("SELECT count(*) FROM letters")).scalar_one()


def evidence(press):
    with press.newsroom.database.reading() as conn:
        networks = conn.execute(text("SELECT network FROM evidence")).scalars()
        return {json.loads(network)["ip"] for network in networks if network}


def test_a_proxy_on_this_machine_names_the_visitor(press, serve):
    with serve() as client:
        sign_up(client, 1, **{"X-Forwarded-For": "203.0.113.5, 198.51.100.9"})
    assert evidence(press) == {"198.51.100.9"}


@pytest.mark.parametrize("hops", ["198.51.100.9, 10.0.0.7", "198.51.100.9:4711, 127.0.0.1"])
def test_several_proxies_one_behind_the_other(press, serve, hops):
    with serve(EMAG_TRUSTED_PROXIES="10.0.0.0/8, 127.0.0.0/8") as client:
        sign_up(client, 1, **{"X-Forwarded-For": hops})
    assert evidence(press) == {"198.51.100.9"}


@pytest.mark.parametrize("headers", FORWARDING)
def test_a_stranger_is_not_believed(press, serve, headers):
    with serve(**ELSEWHERE) as client:
        sign_up(client, 1, **headers)
        assert client.get("/metrics", headers=headers).status_code == 403
        assert client.get("/metrics").status_code == 200  # a direct request from this machine
    assert evidence(press) == {"127.0.0.1"}


@pytest.mark.parametrize("headers", FORWARDING)
def test_sign_ups_of_a_stranger_count_under_the_peer_s_own_address(press, serve, headers):
    with serve(EMAG_SIGNUP__PER_NETWORK="5", **ELSEWHERE) as client:
        for number in range(12):
            sign_up(client, number, **headers)
    assert confirmations(press) == 5


def test_an_invented_address_does_not_escape_the_limit(press, serve):
    with serve(EMAG_SIGNUP__PER_NETWORK="5", **ELSEWHERE) as client:
        for number in range(12):
            sign_up(client, number, **{"X-Forwarded-For": f"198.51.{number}.9"})
    assert confirmations(press) == 5


def test_direct_sign_ups_on_this_machine_are_not_counted(press, serve):
    with serve(EMAG_SIGNUP__PER_NETWORK="5") as client:
        for number in range(8):
            sign_up(client, number)
    assert confirmations(press) == 8


@pytest.mark.parametrize("hops", ["unknown", "198.51.100.9, _hidden", "", "1.2.3.4.5", "::ffff:"])
def test_a_trusted_proxy_that_names_nobody_fails_closed(press, serve, hops):
    headers = {"X-Forwarded-For": hops}
    with serve(EMAG_SIGNUP__PER_NETWORK="5") as client:
        assert client.get("/metrics", headers=headers).status_code == 403
        for number in range(8):
            sign_up(client, number, **headers)
    assert confirmations(press) == 5
    assert evidence(press) == {"127.0.0.1"}


def test_a_stranger_is_logged_once_and_named_by_the_doctor(press, serve, caplog, clock):
    folder = press.newsroom.settings.folder
    with serve(**ELSEWHERE) as client:
        for path in ("/", "/archive", "/signup"):
            client.get(path, headers={"X-Forwarded-For": "198.51.100.9"})
    lines = [record.getMessage() for record in caplog.records if "forwarding" in record.message]
    assert len(lines) == 1
    assert "127.0.0.1" in lines[0]
    assert "198.51.100.9" not in caplog.text
    [problem] = doctor.examine(load(folder, ENVIRON | ELSEWHERE), now=clock)
    assert problem.severity == "warn"
    assert "127.0.0.1" in problem.message
    assert "EMAG_TRUSTED_PROXIES" in problem.message
    assert list(doctor.examine(load(folder, ENVIRON), now=clock)) == []  # trusted by now
    clock.forward(days=8)
    assert list(doctor.examine(load(folder, ENVIRON | ELSEWHERE), now=clock)) == []


def test_many_strangers_fill_neither_the_log_nor_the_disk(tmp_path, clock, caplog):
    noted = untrusted.UntrustedSenders(tmp_path, clock)
    for n in range(1_000):
        noted.note(ip_address(f"203.{n // 200}.{n % 200}.7"))
    assert len(caplog.records) == untrusted.MOST
    assert (tmp_path / untrusted.FILE).stat().st_size < 1_000
    assert (tmp_path / untrusted.FILE).stat().st_mode & 0o077 == 0
    assert "203.0.0.0/24" in caplog.text
    assert "203.0.0.7" not in caplog.text  # a person's address is not kept


@pytest.mark.parametrize(
    "value", ["10.0.0.0/33", "proxy.example", "*", "10.0.0.1/8", "::1/129", "10.0.0.0/8;::1"]
)
def test_a_wrong_network_is_a_settings_error(press, value):
    with pytest.raises(SettingsError, match="EMAG_TRUSTED_PROXIES"):
        load(press.newsroom.settings.folder, ENVIRON | {"EMAG_TRUSTED_PROXIES": value})


@given(st.ip_addresses(), st.integers(0, 65535))
def test_an_address_is_read_as_proxies_write_it(address, port):
    expected = getattr(address, "ipv4_mapped", None) or address
    spellings = [str(address), f" {address} ", f"[{address}]:{port}", f"[{address}]"]
    if address.version == 4:
        spellings.append(f"{address}:{port}")
    assert {parse_address(spelling) for spelling in spellings} == {expected}


@given(st.text(max_size=60))
def test_any_other_text_is_no_address(text):
    parse_address(text)
