"""Fetching a page from a real server that behaves, and from one that does not."""

import gzip
import socket
import ssl
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from emag.content.sources import Memory
from emag.content.sources.fetch import FetchLimits, fetch
from emag.errors import SourceError
from emag.network import NetworkAccess

HERE = NetworkAccess(allow_private=True)
QUICK = FetchLimits(timeout=0.5, max_bytes=20_000)
PATIENT = FetchLimits(timeout=60, max_bytes=20_000)


def get(url, memory=Memory(), *, limits=PATIENT, network=HERE):  # noqa: B008 - frozen
    return fetch(url, memory, limits=limits, network=network)


def refusal(url, **how):
    with pytest.raises(SourceError) as caught:
        get(url, **how)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 250
    return sentence


def test_a_page_comes_with_what_to_remember(site):
    url = site.serve("/feed", "hello", ETag='"one"', Last_Modified="yesterday", Content_Type="a/b")
    page = get(url)
    assert (page.url, page.body, page.content_type) == (url, b"hello", "a/b")
    assert (page.memory.etag, page.memory.modified) == ('"one"', "yesterday")


def test_an_unchanged_page_costs_a_304(site):
    url = site.serve("/feed", "", status=304)
    assert get(url, Memory(etag='"one"', modified="yesterday")) is None
    _, headers = site.requests[0]
    assert headers["if-none-match"] == '"one"'
    assert headers["if-modified-since"] == "yesterday"


def test_a_304_that_nobody_asked_for_is_an_error(site):
    assert "304" in refusal(site.serve("/feed", "", status=304))


def test_the_same_bytes_are_unchanged_even_without_a_304(site):
    url = site.serve("/feed", "hello")
    assert get(url, get(url).memory) is None


def test_a_changed_page_is_read(site):
    url = site.serve("/feed", "hello")
    memory = get(url).memory
    site.serve("/feed", "goodbye")
    assert get(url, memory).body == b"goodbye"


@pytest.mark.parametrize("packed", [gzip.compress(b"hello", mtime=0), zlib.compress(b"hello")])
def test_a_packed_page_is_unpacked(site, packed):
    assert get(site.serve("/feed", packed, Content_Encoding="gzip")).body == b"hello"


def test_a_bomb_is_not_unpacked_beyond_the_limit(site):
    bomb = gzip.compress(b"\0" * 30_000_000)
    url = site.serve("/bomb", bomb, Content_Encoding="gzip")
    assert "larger than" in refusal(url, limits=FetchLimits(timeout=5, max_bytes=100_000))


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"hello" * 99, mtime=0)[:-12], "gzip"),
        (b"", "gzip"),
        (b"hello", "gzip"),
        (b"x", "br"),
    ],
)
def test_a_page_packed_wrongly_is_refused(site, body, encoding):
    assert "pack" in (sentence := refusal(site.serve("/f", body, Content_Encoding=encoding))) or (
        "ended in its middle" in sentence
    )


def test_a_huge_page_is_refused_by_its_own_word(site):
    url = site.serve("/feed", b"x" * 20_001)
    assert "larger than 20,000 bytes" in refusal(url)


def test_a_huge_page_without_a_length_is_cut_off(site):
    sent = []

    def flood(request):
        request.send_response(200)
        request.end_headers()
        for _ in range(2_000):
            request.wfile.write(b"x" * 10_000)
            sent.append(1)

    assert "larger than" in refusal(site.answer("/flood", flood), limits=FetchLimits(5, 20_000))
    assert len(sent) < 2_000


def _drip(request, *, head):
    """A byte now and then, for ever, in the header or in the body."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: " if head else b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(200):
        request.wfile.write(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("head", [True, False])
def test_a_dripping_page_ends_in_time(site, head):
    url = site.answer("/drip", lambda request: _drip(request, head=head))
    assert "within 0.5 seconds" in refusal(url, limits=QUICK)


def test_silence_ends_in_time(site):
    url = site.answer("/silent", lambda _: time.sleep(2))
    assert "within 0.5 seconds" in refusal(url, limits=QUICK)


def test_a_slow_resolver_ends_in_time():
    def slow(_host, _port):
        time.sleep(2)
        return []

    network = NetworkAccess(addresses=slow)
    assert "within 0.5" in refusal("http://a.example/", limits=QUICK, network=network)


def test_the_time_is_for_all_redirects_together(site):
    def slow(to):
        def answer(request):
            time.sleep(0.3)
            request.send_response(302)
            request.send_header("Location", to)
            request.end_headers()

        return answer

    for number in range(4):
        site.answer(f"/{number}", slow(f"/{number + 1}"))
    assert "within 0.5 seconds" in refusal(site.url + "/0", limits=QUICK)


def test_an_answer_that_breaks_off_is_no_page(site):
    def short(request):
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    assert "broke off" in refusal(site.answer("/short", short))


@pytest.mark.parametrize("noise", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n" + b"a" * 200_000])
def test_what_is_not_http_is_refused(site, noise):
    assert "broke off" in refusal(site.answer("/noise", lambda r: r.wfile.write(noise)))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "password"),
        (403, "refuses"),
        (404, "is not there"),
        (410, "gone"),
        (429, "too often"),
        (500, "trouble"),
        (503, "trouble"),
        (204, "cannot be read"),
    ],
)
def test_every_status_has_its_sentence(site, status, words):
    sentence = refusal(site.serve("/feed", "", status=status))
    assert words in sentence
    assert str(status) in sentence


def test_redirects_are_followed_to_the_end(site):
    site.serve("/feed", "hello")
    site.redirect("/b", "/feed", status=308)
    url = site.redirect("/a", site.url + "/b", status=301)
    page = get(url)
    assert (page.body, page.url) == (b"hello", site.url + "/feed")


def test_a_loop_of_redirects_ends(site):
    site.redirect("/a", "/b")
    site.redirect("/b", "/a")
    assert "more than 5 times" in refusal(site.url + "/a")
    assert len(site.requests) == 6


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://a.example/", "gopher://a.example/"])
def test_a_redirect_to_something_else_is_refused(site, to):
    assert "no web address" in refusal(site.redirect("/a", to))


@pytest.mark.parametrize(
    "to", ["http://[::1", "http://a.example:99999/", "http://exa mple/", "javascript:alert(1)"]
)
def test_a_redirect_to_nonsense_is_refused(site, to):
    assert "check" in refusal(site.redirect("/a", to))


def test_cloud_secrets_are_out_of_reach_even_where_private_networks_are_not(site):
    url = site.redirect("/a", "http://169.254.169.254/latest/meta-data/")
    assert "private network" in refusal(url)


def test_every_hop_is_checked(site):
    """The first host is public as far as the network knows; the second is not."""
    site.serve("/inner", "secret")
    port = site.url.rpartition(":")[2]

    class _FirstOnly(NetworkAccess):
        def permits(self, address):
            return address == "127.0.0.1" and not site.requests

    url = site.redirect("/a", f"http://localhost:{port}/inner")
    assert "private network" in refusal(url, network=_FirstOnly())
    assert [path for path, _ in site.requests] == ["/a"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1"])
def test_this_machine_is_out_of_reach_however_it_is_written(site, host):
    site.serve("/", "hello")
    port = site.url.rpartition(":")[2]
    assert "private network" in refusal(f"http://{host}:{port}/", network=NetworkAccess())
    assert site.requests == []


def test_a_name_is_resolved_once_and_that_answer_is_connected_to(site):
    """DNS rebinding: the second answer would be another machine, and is never asked for."""
    site.serve("/feed", "hello")
    port = site.url.rpartition(":")[2]
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    network = NetworkAccess(allow_private=True, addresses=lambda _host, _port: answers.pop(0))
    assert get(f"http://rebinding.example:{port}/feed", network=network).body == b"hello"
    assert len(answers) == 1
    assert site.requests[0][1]["host"] == f"rebinding.example:{port}"


def test_only_the_permitted_among_several_addresses_are_tried(site):
    site.serve("/feed", "hello")
    port = site.url.rpartition(":")[2]
    network = NetworkAccess(allow_private=True, addresses=lambda *_: ["169.254.1.1", "127.0.0.1"])
    assert get(f"http://two.example:{port}/feed", network=network).body == b"hello"


def test_an_unknown_name_is_named():
    def unknown(_host, _port):
        raise socket.gaierror

    sentence = refusal("http://nowhere.example/", network=NetworkAccess(addresses=unknown))
    assert sentence == "there is no host named nowhere.example; check the address"


def test_a_closed_port_is_named():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    assert "cannot be connected to" in refusal(f"http://127.0.0.1:{port}/")


def test_no_secret_of_an_address_is_repeated(site):
    sentence = refusal(site.url.replace("://", "://ann:hush@") + "/feed?key=hush")
    assert "hush" not in sentence


def test_a_password_in_the_address_is_used_and_not_carried_elsewhere(site):
    site.serve("/feed", "hello")
    port = site.url.rpartition(":")[2]
    site.redirect("/a", f"http://localhost:{port}/feed")
    get(site.url.replace("://", "://ann:hush@") + "/a")
    assert "authorization" in site.requests[0][1]
    assert "authorization" not in site.requests[1][1]


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet():
            connection, _ = server.accept()
            with connection, pytest.raises(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=greet)
        thread.start()
        sentence = refusal(f"https://127.0.0.1:{server.getsockname()[1]}/", limits=FetchLimits(5))
        thread.join()
    assert "no valid certificate" in sentence


def _certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9999))
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file
