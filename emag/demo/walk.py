"""The road from sign-up to inbox, one step after the other, counted as it goes."""

from collections import Counter
from dataclasses import dataclass

import httpx

from emag.content.gather import gather
from emag.demo import inspection, readers
from emag.demo.catcher import Catcher, Caught
from emag.demo.readers import CONFIRMING, LEAVING, PEOPLE, Readers
from emag.demo.telling import Teller
from emag.desk import approve as desk
from emag.desk.look import look
from emag.issues import store
from emag.issues.draft import draft
from emag.mailing.sending import address, deliver
from emag.newsroom import Newsroom
from subscribers import roll

MAIL_COMES_IN = 10.0  # seconds, at most
EDITOR = "Rosalind Ames"
STATUSES = (
    *("queued", "inflight", "deferred", "accepted"),
    *("refused", "doubtful", "skipped"),
)


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk along the line. Every step prints what it found, and whether that is right."""

    newsroom: Newsroom
    catcher: Catcher
    client: httpx.Client
    tell: Teller

    def go(self) -> int:
        """The number of the issue that was sent."""
        self._sign_up()
        self._confirm()
        self._gather()
        number = self._draft()
        self._approve(number)
        self._send(number)
        self._look_into_inboxes()
        self._look_into_archive(number)
        return number

    @property
    def _readers(self) -> Readers:
        secret = self.newsroom.settings.environment.signup_secret
        return Readers(self.client, secret=secret, now=self.newsroom.now().timestamp())

    def _standing(self) -> dict[str, int]:
        with self.newsroom.database.reading() as conn:
            return roll.counts(conn)

    def _sign_up(self) -> None:
        self.tell.step("Readers sign up: a website posts to /hooks/signup, each post signed")
        forged = self._readers.sign_up(PEOPLE[0], forged=True)
        self.tell.fact(f"a post with somebody else's signature: {forged}", holds=forged == 401)  # noqa: PLR2004 - HTTP
        statuses = Counter(self._readers.sign_up(person) for person in PEOPLE)
        taken = statuses[202]
        self.tell.fact(f"{len(PEOPLE)} sign-ups: {taken} × 202", holds=taken == len(PEOPLE))
        self.catcher.wait_for(len(PEOPLE), seconds=MAIL_COMES_IN)
        asked = {mail.recipient for mail in self.catcher.caught()}
        self.tell.fact(
            f"{len(asked)} mails ask for confirmation, one each",
            holds=asked == {person.address for person in PEOPLE}
            and len(self.catcher.caught()) == len(PEOPLE),
        )

    def _confirm(self) -> None:
        self.tell.step("Readers confirm: the link shows a page, its button confirms")
        mails = self.catcher.caught()
        links = [readers.link(readers.to(person, mails)[0], "confirm") for person in CONFIRMING]
        seen = Counter(self._readers.look_at(link) for link in links)
        waiting = self._standing()["pending"]
        self.tell.fact(
            f"{seen[200]} pages looked at; still pending, as looking confirms nothing: {waiting}",
            holds=seen[200] == len(CONFIRMING) and waiting == len(PEOPLE),
        )
        pressed = Counter(self._readers.press(link) for link in links)
        now = self._standing()
        self.tell.fact(
            f"{pressed[200]} buttons pressed: {now['active']} active, {now['pending']} pending",
            holds=pressed[200] == now["active"] == len(CONFIRMING)
            and now["pending"] == len(PEOPLE) - len(CONFIRMING),
        )
        self.catcher.wait_for(len(PEOPLE) + len(CONFIRMING), seconds=MAIL_COMES_IN)
        welcome = {mail.recipient for mail in self.catcher.caught()[len(PEOPLE) :]}
        self.tell.fact(
            f"{len(welcome)} mails bid welcome",
            holds=welcome == {person.address for person in CONFIRMING},
        )

    def _gather(self) -> None:
        self.tell.step("Sources are gathered: two feeds over HTTP, one folder of Markdown")
        room = self.newsroom
        for each in gather(room.database, room.sources, now=room.now()):
            fine = each.ok and each.new > 0 and not each.notes
            self.tell.fact(f"{each.name}: {each.seen} seen, {each.new} new", holds=fine)
            for line in (each.error, *each.notes):
                if line:
                    self.tell.remark(line)
        again = gather(room.database, room.sources, now=room.now())
        new = sum(each.new + each.changed for each in again)
        self.tell.fact(f"gathered again: {new} new", holds=new == 0)

    def _draft(self) -> int:
        self.tell.step("The issue is drafted from what was gathered")
        room = self.newsroom
        issue = draft(room.database, room.settings, now=room.now())
        parts = ", ".join(f"{len(s.picks)} {s.name}" for s in issue.sections)
        self.tell.fact(f"issue {issue.number}, “{issue.subject}”: {parts}", holds=bool(issue.picks))
        with room.database.reading() as conn:
            verdicts = store.verdicts(conn, issue.number)
        left = [(candidate.story.title, v.reason) for v, candidate in verdicts if not v.chosen]
        for title, reason in left:
            self.tell.remark(f"{title} – {reason}")
        self.tell.fact(
            f"{len(verdicts)} candidates = {len(issue.picks)} in + {len(left)} out, with reasons",
            holds=len(verdicts) == len(issue.picks) + len(left) and len(left) == 1,
        )
        return issue.number

    def _approve(self, number: int) -> None:
        self.tell.step("It is checked and approved")
        room = self.newsroom
        view = look(room.database, room.settings, number, now=room.now())
        faults, blocking = view.faults, view.blocking
        self.tell.fact(
            f"pre-flight: {len(blocking)} faults that block, {len(faults) - len(blocking)} to look "
            f"at; {view.html_bytes:,} bytes of HTML",
            holds=not blocking,
        )
        for message, count in Counter(fault.message for fault in faults).items():
            self.tell.remark(f"{count} × {message}")
        issue = desk.approve(room.database, room.settings, number, now=room.now(), by=EDITOR)
        self.tell.fact(
            f"approved by {issue.approved_by}; frozen as {issue.document_hash[:12]}…",
            holds=issue.document_hash == view.hash,
        )

    def _send(self, number: int) -> None:
        self.tell.step("It is sent by SMTP; one reader leaves in the meantime")
        room = self.newsroom
        planned = address.address(room.database, number, now=room.now())
        self.tell.fact(f"{planned} readers planned", holds=planned == len(CONFIRMING))
        status = self._readers.leave(self._latest_to(LEAVING.address))
        left = self._standing()["unsubscribed"]
        self.tell.fact(
            f"{LEAVING.name} unsubscribes with one click: {status}; {left} has left",
            holds=status == 200 and left == 1,  # noqa: PLR2004 - HTTP
        )
        counts = deliver.deliver(
            room.database,
            number,
            transport=room.transport,
            settings=room.settings,
            keys=room.keys,
            now=room.now,
        )
        parts = {status: counts[status] for status in STATUSES if counts[status]}
        told = " + ".join(f"{count} {status}" for status, count in parts.items())
        self.tell.fact(
            f"{planned} planned = {told}",
            holds=sum(parts.values()) == planned
            and parts == {"accepted": len(CONFIRMING) - 1, "skipped": 1},
        )

    def _latest_to(self, recipient: str) -> Caught:
        return [mail for mail in self.catcher.caught() if mail.recipient == recipient][-1]

    def _look_into_inboxes(self) -> None:
        self.tell.step("What the mail server caught")
        mails = inspection.issues(self.catcher.caught())
        copies = Counter(mail.recipient for mail in mails)
        expected = {person.address for person in CONFIRMING if person is not LEAVING}
        self.tell.fact(
            f"{len(mails)} copies of the issue, one for each of {len(copies)} readers",
            holds=set(copies) == expected and set(copies.values()) == {1},
        )
        everything = len(self.catcher.caught())
        letters = everything - len(mails)
        self.tell.fact(
            f"{everything} messages = {len(PEOPLE)} to confirm + {len(CONFIRMING)} welcomes + "
            f"{len(mails)} copies",
            holds=letters == len(PEOPLE) + len(CONFIRMING),
        )
        gone = copies[LEAVING.address]
        self.tell.fact(f"copies to {LEAVING.name}, who left: {gone}", holds=gone == 0)
        uninvited = sum(copies[person.address] for person in PEOPLE if not person.confirms)
        self.tell.fact(f"copies to those who never confirmed: {uninvited}", holds=uninvited == 0)
        faults = [fault for mail in mails for fault in inspection.faults(mail)]
        self.tell.fact(
            f"every header once, text before HTML, no line too long: {len(faults)} faults",
            holds=not faults,
        )
        for fault in sorted(set(faults)):
            self.tell.remark(fault)

    def _look_into_archive(self, number: int) -> None:
        self.tell.step("The archive shows it to everybody")
        page = self.client.get(f"/archive/{number}")
        mine = [link for link in ("/unsubscribe/", "/preferences/", "[[") if link in page.text]
        self.tell.fact(
            f"/archive/{number}: {page.status_code}, with nobody's links in it",
            holds=page.status_code == 200 and not mine,  # noqa: PLR2004 - HTTP
        )
        feed = self.client.get("/archive/feed.xml")
        entries = feed.text.count("<entry>")
        self.tell.fact(f"/archive/feed.xml: {entries} issue", holds=entries == 1)
