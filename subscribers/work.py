"""Proof of work in sign-up forms, after the protocol of ALTCHA (altcha.org, version 1)."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from subscribers.errors import BadForm
from subscribers.tokens import Keys

MAX_PAYLOAD = 4_000  # characters; a widget sends about 400
WITHIN = timedelta(minutes=30)  # the time to fill in the form


def challenge(keys: Keys, *, most: int, now: datetime) -> dict[str, str | int]:
    """Makes a challenge: find the number up to `most` whose salted hash this is.

    The `&` at the end of the salt keeps digits of the number from being read as part of the time.
    """
    expires = int((now + WITHIN).timestamp())
    salt = f"{secrets.token_hex(12)}?expires={expires}&"
    wanted = _hash(salt, secrets.randbelow(most + 1))
    return {
        "algorithm": "SHA-256",
        "challenge": wanted,
        "maxnumber": most,
        "salt": salt,
        "signature": keys.sign_challenge(wanted),
    }


def solution(keys: Keys, payload: str, *, now: datetime) -> str:
    """Gives the challenge that was solved in time, or nothing. It must not count twice.

    Raises BadForm for a payload that no widget sends: too long, or nested too deeply.
    """
    if len(payload) > MAX_PAYLOAD:
        raise BadForm
    try:
        answer = json.loads(base64.b64decode(payload, validate=True))
    except (binascii.Error, ValueError):
        return ""
    except RecursionError as error:
        raise BadForm from error
    if not isinstance(answer, dict) or answer.get("algorithm") != "SHA-256":
        return ""
    number, texts = (
        answer.get("number"),
        [answer.get(n) for n in ("challenge", "salt", "signature")],
    )
    if type(number) is not int or not all(isinstance(t, str) and t.isascii() for t in texts):
        return ""
    wanted, salt, signature = map(str, texts)
    if not (salt.endswith("&") and keys.is_own_challenge(wanted, signature)):
        return ""
    expires = parse_qs(salt.partition("?")[2]).get("expires", [""])[0]
    is_in_time = expires.isdecimal() and now.timestamp() <= int(expires[:12])
    return wanted if is_in_time and hmac.compare_digest(_hash(salt, number), wanted) else ""


def _hash(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()
