"""Signs in with OpenID Connect at one tenant of Microsoft Entra or one organisation at Google.

A token counts only if its issuer is exactly that tenant: no library's check of “common” issuers is
loosened. OpenID Connect Core 1.0; PKCE (RFC 7636).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from emag.editors.work_account import WorkIdentity, WorkRequest
from emag.errors import WorkAccountRefused

_PATIENCE = 10.0  # seconds
_LEEWAY = 120  # seconds by which clocks may differ
_AGAIN = timedelta(minutes=5)  # how long ago somebody may have proved who they are
_AWAY = "Your organisation's sign-in cannot be reached: try it again, or use a code by mail."
_HOSTS = {"microsoft": "https://login.microsoftonline.com", "google": "https://accounts.google.com"}
_LABELS = {"microsoft": "Microsoft", "google": "Google"}


@dataclass(frozen=True, slots=True)
class OpenIdClient:
    """This publication at the organisation. `host` is only another one in tests and clouds."""

    provider: str
    tenant: str
    client_id: str
    client_secret: str
    redirect: str
    host: str = ""

    @property
    def label(self) -> str:
        return _LABELS[self.provider]

    @property
    def issuer(self) -> str:
        host = self.host or _HOSTS[self.provider]
        return f"{host}/{self.tenant}/v2.0" if self.provider == "microsoft" else host

    def begin(self, *, again: bool = False) -> WorkRequest:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        options = {"prompt": "login", "max_age": "0"} if again else {}
        if self.provider == "google":
            options["hd"] = self.tenant
        address = prepare_grant_uri(
            self._metadata()["authorization_endpoint"],
            client_id=self.client_id,
            response_type="code",
            redirect_uri=self.redirect,
            scope="openid email profile",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **options,
        )
        kind = "again" if again else "first"
        return WorkRequest(str(address), f"{kind}.{state}.{nonce}.{verifier}")

    def finish(self, secret: str, *, code: str, state: str, now: datetime) -> WorkIdentity:
        kind, expected, nonce, verifier = _parts(secret)
        if not code or not secrets.compare_digest(expected.encode(), state.encode()):
            raise WorkAccountRefused("This sign-in was not begun in this browser: begin again.")
        metadata = self._metadata()
        token = self._token(metadata["token_endpoint"], code, verifier)
        claims = self._claims(token, metadata["jwks_uri"], nonce, now=now)
        identity = self._identity(claims, now=now)
        if kind == "again" and now - identity.authenticated_at > _AGAIN:
            raise WorkAccountRefused("Your organisation did not ask you who you are: try it again.")
        return identity

    def _metadata(self) -> Mapping[str, str]:
        """What the organisation says of itself, which must be who we think it is."""
        metadata = _json(lambda: httpx.get(self._discovery, timeout=_PATIENCE))
        if metadata.get("issuer") != self.issuer:
            raise WorkAccountRefused("The organisation calls itself by another name.")
        return metadata

    @property
    def _discovery(self) -> str:
        return f"{self.issuer}/.well-known/openid-configuration"

    def _token(self, address: str, code: str, verifier: str) -> str:
        data = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": self.redirect,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        answer = _json(lambda: httpx.post(address, data=data, timeout=_PATIENCE))
        return str(answer.get("id_token", ""))

    def _claims(self, token: str, address: str, nonce: str, *, now: datetime) -> Mapping[str, Any]:
        keys = _json(lambda: httpx.get(address, timeout=_PATIENCE))
        registry = JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            decoded = jwt.decode(token, _key_set(keys), algorithms=["RS256"])
            registry.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise WorkAccountRefused("Your organisation's answer is not valid.") from error
        audience = decoded.claims["aud"]
        if audience not in (self.client_id, [self.client_id]):
            raise WorkAccountRefused("Your organisation's answer is for somebody else.")
        return decoded.claims

    def _identity(self, claims: Mapping[str, Any], *, now: datetime) -> WorkIdentity:
        number = claims.get("auth_time")
        at = datetime.fromtimestamp(number, UTC) if isinstance(number, int) else now
        if self.provider == "google":
            if claims.get("hd") != self.tenant:
                raise WorkAccountRefused("This account is not one of your organisation.")
            is_verified = claims.get("email_verified") is True
            address = str(claims.get("email", "")) if is_verified else ""
            return WorkIdentity(f"{self.issuer} {claims['sub']}", address.lower(), at)
        if claims.get("tid") != self.tenant or not claims.get("oid"):
            raise WorkAccountRefused("This account is not one of your organisation.")
        account = f"{self.issuer} {claims['tid']} {claims['oid']}"
        return WorkIdentity(account, _entra_address(claims, self.issuer).lower(), at)


def _entra_address(claims: Mapping[str, Any], issuer: str) -> str:
    """The mail address that the tenant vouches for; a guest's is anybody's word.

    `email` counts only where its domain's owner is verified: in Entra anybody who manages any
    tenant can write any address there (“nOAuth”, 2023).
    """
    if claims.get("idp", issuer) != issuer:
        return ""
    if claims.get("xms_edov") in (True, 1, "1", "true"):
        return str(claims.get("email", ""))
    return str(claims.get("preferred_username", ""))


def _key_set(values: Mapping[str, Any]) -> KeySet:
    listing: Any = {"keys": values.get("keys", [])}
    return KeySet.import_key_set(listing)


def _parts(secret: str) -> tuple[str, str, str, str]:
    parts = secret.split(".")
    if len(parts) != 4 or not all(parts):  # noqa: PLR2004 - as `begin` writes it
        raise WorkAccountRefused("This sign-in was not begun in this browser: begin again.")
    return parts[0], parts[1], parts[2], parts[3]


def _json(ask: Any) -> Mapping[str, Any]:
    """What the organisation answers. Raises WorkAccountRefused."""
    try:
        answer = ask()
        answer.raise_for_status()
        values = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise WorkAccountRefused(_AWAY) from error
    if not isinstance(values, dict):
        raise WorkAccountRefused(_AWAY)
    return values
