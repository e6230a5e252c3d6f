"""Forms are decoded as UTF-8, within bounds, and never with an error of the server."""

import base64
import json
import time
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import BadForm, TooLarge
from subscribers.web import DirectSignUp, router
from subscribers.web.fields import MAX_FIELD, MAX_FIELDS, MULTIPART, URLENCODED, parse_form

NAMES = st.text(
    st.characters(exclude_characters='"\\\r\n\0', exclude_categories=["Cs"]),
    min_size=1,
    max_size=20,
)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(
    lambda value: "--edge" not in value
)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
KIND = f"{MULTIPART}; boundary=edge"


def multipart(pairs, boundary="edge", end="--"):
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in pairs
    ]
    return ("".join(parts) + f"--{boundary}{end}\r\n").encode()


@given(PAIRS)
def test_a_multipart_form_is_read_as_it_was_written(pairs):
    assert parse_form(KIND, multipart(pairs)).pairs == tuple(pairs)


@given(PAIRS)
def test_a_urlencoded_form_is_read_as_it_was_written(pairs):
    assert parse_form(URLENCODED, urlencode(pairs).encode()).pairs == tuple(pairs)


@given(st.binary(max_size=2_000), st.sampled_from([KIND, URLENCODED, MULTIPART, "", "text/plain"]))
def test_any_octets_are_fields_or_a_refusal(raw, kind):
    try:
        parse_form(kind, raw)
    except (BadForm, TooLarge):
        return


@given(st.data(), PAIRS)
def test_a_damaged_multipart_form_is_fields_or_a_refusal(data, pairs):
    raw = multipart(pairs)
    start = data.draw(st.integers(0, len(raw)))
    damage = raw[:start] + data.draw(st.binary(max_size=5)) + raw[start + 3 :]
    try:
        parse_form(KIND, damage)
    except (BadForm, TooLarge):
        return


def test_a_name_that_comes_twice():
    fields = parse_form(URLENCODED, b"topics=a&topics=b&email=x")
    assert fields.texts("topics") == ["a", "b"]
    assert fields.text("topics") == "b"
    assert fields.text("nothing") == ""
    assert list(fields) == ["topics", "email"]


def test_files_are_left_out():
    part = b'--edge\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nxyz\r\n'
    assert parse_form(KIND, part + multipart([("email", "ann")])).pairs == (("email", "ann"),)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8", "us-ascii"])
def test_utf_8_may_be_named(charset):
    for kind in (f"{KIND}; charset={charset}", f"{MULTIPART}; charset={charset}; boundary=edge"):
        assert parse_form(kind, multipart([("name", "Zoë")])).text("name") == "Zoë"


CHARSETS = ["punycode", "utf-7", "idna", "latin-1", "utf-16", "punycode-", "unknown", '"punycode"']


@pytest.mark.parametrize("charset", CHARSETS)
def test_any_other_charset_is_refused(charset):
    part = "--edge\r\nContent-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset="
    with pytest.raises(BadForm):
        parse_form(f"{KIND}; charset={charset}", multipart([("a", "b")]))
    with pytest.raises(BadForm):
        parse_form(KIND, f"{part}{charset}\r\n\r\nb\r\n--edge--\r\n".encode())
    with pytest.raises(BadForm):
        parse_form(f"{URLENCODED}; charset={charset}", b"a=b")


@pytest.mark.parametrize("many", [MAX_FIELDS + 1, 5_000])
def test_too_many_or_too_long_fields_are_refused(many):
    pairs = [("a", "b")] * many
    long = [("a", "b" * (MAX_FIELD + 1))]
    for some in (pairs, long):
        with pytest.raises(TooLarge):
            parse_form(KIND, multipart(some))
        with pytest.raises(TooLarge):
            parse_form(URLENCODED, urlencode(some).encode())
    assert len(parse_form(KIND, multipart([("a", "b")] * MAX_FIELDS)).pairs) == MAX_FIELDS


HEAD = b"Content-Disposition: form-data; name="
MALFORMED = [
    b"",
    b"--edge",
    b"--edge--",
    b"nothing of the kind",
    b"--edge\r\n\r\nno headers\r\n--edge--\r\n",
    b"--edge\r\n" + HEAD + b'"email"\r\n\r\nno end',
    b"--edge\r\n" + HEAD + b'"email"\r\nno blank line\r\n--edge--\r\n',
    b"--edge\r\nX: y\r\n\r\nno name\r\n--edge--\r\n",
    b"--edge\r\n: empty\r\n\r\nx\r\n--edge--\r\n",
    b"--edgeX\r\n" + HEAD + b"a\r\n\r\nx\r\n--edge--\r\n",
    b"--edge\r\n" * 100,
]


@pytest.fixture
def client(site, stage, web):
    stage.pages = FastAPI()
    stage.pages.add_middleware(DirectSignUp, site=site)
    stage.pages.include_router(router(site))
    return web


@pytest.mark.parametrize("raw", MALFORMED[3:])
def test_a_malformed_form_is_answered_with_400(client, raw, dump):
    before = dump()
    for path in ("/signup", "/hooks/signup", "/preferences/some-token"):
        headers = {"Content-Type": KIND, "Authorization": "Bearer hook-token-for-tests"}
        answer = client.post(path, content=raw, headers=headers)
        assert answer.status_code == 400, path
    assert dump() == before


@pytest.mark.parametrize("kind", [MULTIPART, f"{MULTIPART}; boundary=", f"{MULTIPART}; boundary=ä"])
def test_a_form_without_a_boundary_is_answered_with_400(client, kind):
    headers = {"Content-Type": kind.encode()}
    answer = client.post("/signup", content=multipart([("email", "a")]), headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("deep", [b"[" * 2_900, b'{"number":' + b"[" * 2_000, b"[" * 40_000])
def test_a_proof_of_work_that_is_nested_too_deeply_is_answered_with_400(site, stage, deep, web):
    stage.pages = FastAPI()
    stage.pages.include_router(router(replace(site, work=1_000)))
    fields = {"email": "ann@example.org", "altcha": base64.b64encode(deep).decode()}
    # Above the bound of a field it is too large, whatever it holds.
    status = 400 if len(fields["altcha"]) <= MAX_FIELD else 413
    assert web.post("/signup", data=fields).status_code == status


@pytest.mark.parametrize("payload", ["", "x", base64.b64encode(json.dumps([1]).encode()).decode()])
def test_a_wrong_proof_of_work_asks_again(site, stage, payload, web):
    stage.pages = FastAPI()
    stage.pages.include_router(router(replace(site, work=1_000)))
    answer = web.post("/signup", data={"email": "ann@example.org", "altcha": payload})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (f"{MULTIPART}; charset=punycode; boundary=edge", multipart([("email", "9" * 65_000)])),
        (KIND, b"--edge\r\n" * 8_000),
        (KIND, b"--edge\r\n" + b"a: b\r\n" * 10_000 + b"\r\nx\r\n--edge--\r\n"),
        (KIND, b"--edge\r\n" + HEAD + b'"' + b"\\a" * 32_000 + b"\r\n\r\nx\r\n--edge--\r\n"),
        (KIND, b"--edge\r\n" + HEAD + b"; a=b" * 12_000 + b"\r\n\r\nx\r\n--edge--\r\n"),
        (MULTIPART + "; a=" * 15_000, b"--edge--"),
        (URLENCODED, b"%41" * 21_000),
        (URLENCODED, b"&" * 65_000),
        (URLENCODED, b"=" * 65_000),
    ],
)
def test_no_form_costs_much_time(kind, raw):
    began = time.process_time()
    with suppress(BadForm, TooLarge):
        parse_form(kind, raw)
    assert time.process_time() - began < 2
