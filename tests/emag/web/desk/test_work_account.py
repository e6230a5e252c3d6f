"""Work accounts: OpenID Connect with a small provider of our own, over real HTTP."""

import base64
import hashlib
import json
import secrets
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from emag import bootstrap, instance
from emag.audit import record
from emag.demo import hosting
from emag.editors import people
from emag.errors import SettingsError
from emag.settings import load
from emag.web import app as web
from tests.emag.web.conftest import ENVIRON, TOML

TENANT = "0d5b0f3e-1111-2222-3333-444455556666"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one"})


class Provider:
    """Answers as the organisation. `claims` and `key` are what the next token holds."""

    def __init__(self, clock, path):
        self.clock, self.path, self.key = clock, path, KEY
        self.claims, self.codes, self.issuer_path = {}, {}, path
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.give(provider.get(self.path))

            def do_POST(self):
                length = int(self.headers["content-length"])
                self.give(provider.post(parse_qs(self.rfile.read(length).decode())))

            def give(self, answer):
                self.send_response(200 if answer else 404)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, path):
        if path == f"{self.path}/.well-known/openid-configuration":
            return {
                "issuer": self.host + self.issuer_path,
                "authorization_endpoint": f"{self.host}/authorize",
                "token_endpoint": f"{self.host}/token",
                "jwks_uri": f"{self.host}/keys",
            }
        return {"keys": [KEY.as_dict(private=False)]} if path == "/keys" else None

    def consent(self, address):
        """What the person does there. Returns the code and the state."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return code, query["state"]

    def post(self, form):
        form = {key: values[0] for key, values in form.items()}
        query = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            query is None
            or form["client_secret"] != "s3cret"
            or challenge != query["code_challenge"]
        ):
            return None
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.host + self.issuer_path,
            "aud": "client-1",
            "sub": "subject-1",
            "nonce": query["nonce"],
            "iat": now,
            "exp": now + 300,
        }
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims | self.claims, self.key)
        return {"id_token": token, "access_token": "x", "token_type": "Bearer"}


def served(migrated, tmp_path, clock, provider, name, tenant):
    folder = shutil.copytree(migrated, tmp_path / "publication")
    sso = f'[desk.sso]\nprovider = "{name}"\ntenant = "{tenant}"\nclient_id = "client-1"\n'
    (folder / "emag.toml").write_text(TOML + sso)
    environ = ENVIRON | {"EMAG_SSO_SECRET": "s3cret", "EMAG_SSO_HOST": provider.host}
    newsroom = bootstrap.open_newsroom(folder, now=clock, environ=environ)
    instance.release(newsroom.database)
    for mailbox in ("Ann <ann@example.org>", "Ben <ben@example.org>"):
        people.invite(
            newsroom.database, newsroom.settings, mailbox, ["operator"], now=clock(), by="Olga"
        )
    return newsroom


@pytest.fixture
def microsoft(clock):
    provider = Provider(clock, f"/{TENANT}/v2.0")
    provider.claims = {"tid": TENANT, "oid": "person-1", "preferred_username": "Ann@example.org"}
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


@pytest.fixture
def google(clock):
    provider = Provider(clock, "")
    provider.claims = {"hd": "example.org", "email": "ann@example.org", "email_verified": True}
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


@pytest.fixture
def desk_with(migrated, tmp_path, clock):
    """Serves the desk with an organisation; gives a function that signs in there."""
    opened = []

    def _with(provider, name, tenant):
        newsroom = served(migrated, tmp_path, clock, provider, name, tenant)
        listener = hosting.listen(0)
        serving = hosting.serving(web.create(newsroom), listener)
        base = serving.__enter__()
        opened.append((newsroom, listener, serving))
        headers = {"Sec-Fetch-Site": "same-origin"}
        client = httpx.Client(base_url=base, headers=headers, timeout=20)
        opened.append(client)

        def sign_in(again="", browser=None):
            begun = client.get(f"/desk/sign-in/organisation?next=/desk/editors{again}")
            assert begun.status_code == 303
            code, state = provider.consent(begun.headers["location"])
            page = client.get(f"/desk/sign-in/organisation/back?code={code}&state={state}")
            assert page.status_code == 200
            assert 'name="state"' in page.text  # a link changes nothing: it shows a button
            return (browser or client).post(
                "/desk/sign-in/organisation/finish", data={"code": code, "state": state}
            )

        return newsroom, client, sign_in

    yield _with
    for item in reversed(opened):
        if isinstance(item, httpx.Client):
            item.close()
        else:
            newsroom, listener, serving = item
            serving.__exit__(None, None, None)
            listener.close()
            newsroom.transport.close()
            newsroom.database.close()


def test_a_work_account_signs_in_whoever_was_invited(desk_with, microsoft, clock):
    newsroom, client, sign_in = desk_with(microsoft, "microsoft", TENANT)
    assert "Sign in with Microsoft" in client.get("/desk/sign-in").text
    answer = sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/editors")
    assert ">Invite</button>" in client.get("/desk/editors").text  # strong and fresh
    assert "with your work account" in client.get("/desk/you").text
    with newsroom.database.reading() as conn:
        kinds = [entry.kind for entry in record.listing(conn)]
    assert kinds[:2] == ["signed-in", "account-linked"]
    clock.forward(minutes=11)
    assert client.get("/desk/sign-in/organisation").status_code == 303
    microsoft.claims |= {"auth_time": int(clock().timestamp()) - 600}
    assert sign_in("&again=yes").status_code == 403
    microsoft.claims |= {"auth_time": int(clock().timestamp())}
    assert sign_in("&again=yes").status_code == 303
    assert ">Invite</button>" in client.get("/desk/editors").text


def test_the_account_names_the_person_and_the_address_does_not(desk_with, microsoft):
    newsroom, client, sign_in = desk_with(microsoft, "microsoft", TENANT)
    assert sign_in().status_code == 303
    client.post("/desk/sign-out")
    microsoft.claims |= {"preferred_username": "ben@example.org"}  # Ann has another address now
    assert sign_in().status_code == 303
    assert "ann@example.org" in client.get("/desk/you").text
    client.post("/desk/sign-out")
    microsoft.claims |= {"oid": "person-2", "preferred_username": "ann@example.org"}
    assert sign_in().status_code == 403  # somebody else has the address of Ann now
    people.remove(newsroom.database, "Ann", now=newsroom.now(), by="Olga")
    microsoft.claims |= {"oid": "person-1"}
    assert sign_in().status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": "eve@example.org"},
        {"tid": "another-tenant"},
        {"oid": ""},
        {"iss": "https://login.microsoftonline.com/common/v2.0"},
        {"aud": "client-2"},
        {"aud": ["client-1", "client-2"]},
        {"nonce": "another"},
        {"exp": 1},
        {"idp": "https://sts.windows.net/another-tenant/"},
        {"preferred_username": "", "email": "ann@example.org"},
    ],
)
def test_a_token_that_is_not_of_this_tenant_is_refused(desk_with, microsoft, claims):
    _, client, sign_in = desk_with(microsoft, "microsoft", TENANT)
    microsoft.claims |= claims
    assert sign_in().status_code == 403
    assert client.get("/desk").status_code == 303


def test_a_forged_signature_another_issuer_and_another_browser_are_refused(desk_with, microsoft):
    _, client, sign_in = desk_with(microsoft, "microsoft", TENANT)
    with httpx.Client(base_url=client.base_url, headers=client.headers) as elsewhere:
        assert sign_in(browser=elsewhere).status_code == 403
    microsoft.key = OTHER_KEY
    assert sign_in().status_code == 403
    microsoft.key, microsoft.issuer_path = KEY, "/another/v2.0"
    assert client.get("/desk/sign-in/organisation").status_code == 422


def test_google_needs_the_organisation_and_a_verified_address(desk_with, google):
    _, client, sign_in = desk_with(google, "google", "example.org")
    for claims in ({"hd": "gmail.com"}, {"hd": None}, {"email_verified": False}):
        google.claims, before = google.claims | claims, google.claims
        assert sign_in().status_code == 403
        google.claims = before
    assert sign_in().status_code == 303
    assert "ann@example.org" in client.get("/desk/you").text


@pytest.mark.parametrize(
    ("sso", "fault"),
    [
        ('provider = "microsoft"\ntenant = "common"\nclient_id = "x"', "let everybody in"),
        ('provider = "google"\ntenant = ""\nclient_id = "x"', "organisation's domain"),
        ('provider = "google"\ntenant = "example.org"', "client_id is missing"),
    ],
)
def test_settings_name_one_tenant(folder, sso, fault):
    with (folder / "emag.toml").open("a") as file:
        file.write(f"[desk.sso]\n{sso}\n")
    with pytest.raises(SettingsError, match=fault):
        load(folder, {})


def test_without_its_secret_an_organisation_is_refused(folder):
    with (folder / "emag.toml").open("a") as file:
        file.write(f'[desk.sso]\nprovider = "microsoft"\ntenant = "{TENANT}"\nclient_id = "x"\n')
    settings = load(folder, {"EMAG_SECRET_KEY": "k" * 40})
    with pytest.raises(SettingsError, match="EMAG_SSO_SECRET is not set"):
        bootstrap.organisation.work_accounts(settings)
