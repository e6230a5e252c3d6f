"""The twelve readers of the demo: they sign up, confirm and unsubscribe over HTTP."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from emag.demo.catcher import Caught
from emag.demo.inbox import one_click


@dataclass(frozen=True, slots=True)
class DemoReader:
    """A reader who signs up; if `confirms`, they also press the button on the confirmation page."""

    name: str
    address: str
    confirms: bool = True


PEOPLE = (
    DemoReader("Amara Okonjo", "amara.okonjo@thornmere.example"),
    DemoReader("Ben Tregarth", "ben@saltwick.example"),
    DemoReader("Ceri Vaughan", "ceri.vaughan@wexcombe.example"),
    DemoReader("Devika Rao", "devika.rao@marrowby.example"),
    DemoReader("Ellis Fairweather", "ellis@northmarsh-fire.example"),
    DemoReader("Freya Lindqvist", "freya.lindqvist@aldermoor.example"),
    DemoReader("George Penhale", "george.penhale@marrowby.example", confirms=False),
    DemoReader("Hafsa Malik", "hafsa.malik@thornmere.example"),
    DemoReader("Ivor Blackwood", "ivor@blackwood-and-co.example", confirms=False),
    DemoReader("Jo Sweeting", "jo.sweeting@wexcombe.example"),
    DemoReader("Kit Marlowe-Jones", "kit@dalewater.example"),
    DemoReader("Léa Fontaine", "lea.fontaine@aldermoor.example", confirms=False),
)
CONFIRMING = tuple(reader for reader in PEOPLE if reader.confirms)
UNSUBSCRIBING = CONFIRMING[3]  # unsubscribes while the issue is being sent


class ReaderActions:
    """The HTTP requests of readers. `now`, in seconds since 1970, is signed with each sign-up."""

    def __init__(self, client: httpx.Client, *, secret: str, now: float) -> None:
        self._client, self._secret, self._stamp = client, secret, str(int(now))

    def sign_up(self, reader: DemoReader, *, forged: bool = False) -> int:
        """Posts a sign-up to the webhook, as a website does; returns the HTTP status."""
        form = {"email": reader.address, "name": reader.name, "source": "the demo's website"}
        body = json.dumps(form).encode()
        secret = "a wrong secret" if forged else self._secret
        mac = hmac.new(secret.encode(), f"{self._stamp}.".encode() + body, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "X-Emag-Timestamp": self._stamp,
            "X-Emag-Signature": f"v1={mac.hexdigest()}",
        }
        return self._client.post("/hooks/signup", content=body, headers=headers).status_code

    def look_at(self, link: str) -> int:
        """Fetches the page of a link, as a mail scanner does; returns the HTTP status."""
        return self._client.get(link).status_code

    def press(self, link: str) -> int:
        """Presses the button on the page of a link; returns the HTTP status."""
        return self._client.post(link).status_code

    def unsubscribe(self, mail: Caught) -> int:
        """Sends the one-click request of a mail program (RFC 8058); returns the HTTP status."""
        address = one_click(mail) or link(mail, "unsubscribe")
        answer = httpx.post(address, data={"List-Unsubscribe": "One-Click"}, timeout=10)
        return answer.status_code


def link(mail: Caught, page: str) -> str:
    """Returns the first link to /PAGE/… in the text part, "" if there is none."""
    match = re.search(rf"https?://\S+/{page}/[^\s>)\]]+", mail.part("plain"))
    return match[0] if match else ""


def to(reader: DemoReader, mails: Iterable[Caught]) -> list[Caught]:
    """Returns the messages to a reader."""
    return [mail for mail in mails if mail.recipient == reader.address]
