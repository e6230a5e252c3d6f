"""A dozen readers: how they sign up, confirm and leave, each over HTTP as in life."""

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
class Person:
    """Somebody who signs up. `confirms` says whether they follow the link that they are sent."""

    name: str
    address: str
    confirms: bool = True


PEOPLE = (
    Person("Amara Okonjo", "amara.okonjo@thornmere.example"),
    Person("Ben Tregarth", "ben@saltwick.example"),
    Person("Ceri Vaughan", "ceri.vaughan@wexcombe.example"),
    Person("Devika Rao", "devika.rao@marrowby.example"),
    Person("Ellis Fairweather", "ellis@northmarsh-fire.example"),
    Person("Freya Lindqvist", "freya.lindqvist@aldermoor.example"),
    Person("George Penhale", "george.penhale@marrowby.example", confirms=False),
    Person("Hafsa Malik", "hafsa.malik@thornmere.example"),
    Person("Ivor Blackwood", "ivor@blackwood-and-co.example", confirms=False),
    Person("Jo Sweeting", "jo.sweeting@wexcombe.example"),
    Person("Kit Marlowe-Jones", "kit@dalewater.example"),
    Person("Léa Fontaine", "lea.fontaine@aldermoor.example", confirms=False),
)
CONFIRMING = tuple(person for person in PEOPLE if person.confirms)
LEAVING = CONFIRMING[3]  # unsubscribes when the issue is already under way


class Readers:
    """What readers do. `now` is in seconds since 1970, for the signature's time stamp."""

    def __init__(self, client: httpx.Client, *, secret: str, now: float) -> None:
        self._client, self._secret, self._stamp = client, secret, str(int(now))

    def sign_up(self, person: Person, *, forged: bool = False) -> int:
        """The status of a signed post to the webhook, as a website's form would send it."""
        told = {"email": person.address, "name": person.name, "source": "the demo's website"}
        body = json.dumps(told).encode()
        secret = "somebody else's" if forged else self._secret
        mac = hmac.new(secret.encode(), f"{self._stamp}.".encode() + body, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "X-Emag-Timestamp": self._stamp,
            "X-Emag-Signature": f"v1={mac.hexdigest()}",
        }
        return self._client.post("/hooks/signup", content=body, headers=headers).status_code

    def look_at(self, link: str) -> int:
        """The status of the page behind the link in the mail, as a scanner would fetch it."""
        return self._client.get(link).status_code

    def press(self, link: str) -> int:
        """The status after the button on that page was pressed."""
        return self._client.post(link).status_code

    def leave(self, mail: Caught) -> int:
        """The status of the mail program's one-click post (RFC 8058): no cookie, no page."""
        address = one_click(mail) or link(mail, "unsubscribe")
        answer = httpx.post(address, data={"List-Unsubscribe": "One-Click"}, timeout=10)
        return answer.status_code


def link(mail: Caught, what: str) -> str:
    """The first link to /`what`/… in the text part."""
    found = re.search(rf"https?://\S+/{what}/[^\s>)\]]+", mail.part("plain"))
    return found[0] if found else ""


def to(person: Person, mails: Iterable[Caught]) -> list[Caught]:
    return [mail for mail in mails if mail.recipient == person.address]
