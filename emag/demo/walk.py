"""The steps of the demo from sign-up to inbox; each step checks its counts."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from emag.content.gather import gather
from emag.demo import inspection, readers, staff
from emag.demo.catcher import Catcher, Caught
from emag.demo.readers import CONFIRMING, PEOPLE, UNSUBSCRIBING, ReaderActions
from emag.demo.report import DemoReport
from emag.demo.staff import EDITOR
from emag.desk import approve as desk
from emag.desk import pictures, records
from emag.desk.look import look
from emag.issues import verdicts
from emag.issues.draft import draft
from emag.issues.issue import Status
from emag.mailing.sending import address, deliver
from emag.newsroom import Newsroom
from subscribers import roll

MAIL_TIMEOUT = 10.0  # seconds
STATUSES = (
    *("queued", "inflight", "deferred", "accepted"),
    *("refused", "doubtful", "skipped"),
)


@dataclass(frozen=True, slots=True)
class Walk:
    """One run of the demo. Every step prints its results and whether they are right."""

    newsroom: Newsroom
    catcher: Catcher
    client: httpx.Client
    report: DemoReport
    publish_more: Callable[[], None]
    nudge: Callable[[], None]

    def run(self) -> int:
        """Runs all steps and returns the number of the issue that was sent."""
        self._sign_up()
        self._confirm()
        self._gather()
        number = self._draft()
        self._approve(number)
        self._send(number)
        self._check_inboxes()
        self._check_archive(number)
        self._prepare_next(number)
        return number

    @property
    def _actions(self) -> ReaderActions:
        secret = self.newsroom.settings.environment.signup_secret
        return ReaderActions(self.client, secret=secret, now=self.newsroom.now().timestamp())

    def _reader_counts(self) -> dict[str, int]:
        with self.newsroom.database.reading() as conn:
            return roll.counts(conn)

    def _sign_up(self) -> None:
        self.report.step("Readers sign up: a website posts to /hooks/signup, each post signed")
        forged = self._actions.sign_up(PEOPLE[0], forged=True)
        self.report.result(f"a post with a wrong signature: {forged}", ok=forged == 401)  # noqa: PLR2004 - HTTP
        statuses = Counter(self._actions.sign_up(reader) for reader in PEOPLE)
        accepted = statuses[202]
        self.report.result(f"{len(PEOPLE)} sign-ups: {accepted} × 202", ok=accepted == len(PEOPLE))
        self.catcher.wait_for(len(PEOPLE), seconds=MAIL_TIMEOUT)
        recipients = {mail.recipient for mail in self.catcher.caught()}
        self.report.result(
            f"{len(recipients)} confirmation mails, one for each reader",
            ok=recipients == {reader.address for reader in PEOPLE}
            and len(self.catcher.caught()) == len(PEOPLE),
        )

    def _confirm(self) -> None:
        self.report.step("Readers confirm: the link opens a page, its button confirms")
        mails = self.catcher.caught()
        links = [readers.link(readers.to(reader, mails)[0], "confirm") for reader in CONFIRMING]
        opened = Counter(self._actions.look_at(link) for link in links)
        waiting = self._reader_counts()["pending"]
        self.report.result(
            f"{opened[200]} pages opened; opening confirms nothing, so {waiting} are still pending",
            ok=opened[200] == len(CONFIRMING) and waiting == len(PEOPLE),
        )
        pressed = Counter(self._actions.press(link) for link in links)
        now = self._reader_counts()
        self.report.result(
            f"{pressed[200]} buttons pressed: {now['active']} active, {now['pending']} pending",
            ok=pressed[200] == now["active"] == len(CONFIRMING)
            and now["pending"] == len(PEOPLE) - len(CONFIRMING),
        )
        self.catcher.wait_for(len(PEOPLE) + len(CONFIRMING), seconds=MAIL_TIMEOUT)
        welcome = {mail.recipient for mail in self.catcher.caught()[len(PEOPLE) :]}
        self.report.result(
            f"{len(welcome)} welcome mails",
            ok=welcome == {reader.address for reader in CONFIRMING},
        )

    def _gather(self) -> None:
        self.report.step("The sources are read: two feeds over HTTP, one folder of Markdown")
        room = self.newsroom
        for source in gather(room.database, room.sources, now=room.now()):
            fine = source.ok and source.new > 0 and not source.notes
            self.report.result(f"{source.name}: {source.entries} seen, {source.new} new", ok=fine)
            for line in (source.error, *source.notes):
                if line:
                    self.report.detail(line)
        again = gather(room.database, room.sources, now=room.now())
        new = sum(source.new + source.changed for source in again)
        self.report.result(f"read again: {new} new", ok=new == 0)

    def _draft(self) -> int:
        self.report.step("The issue is drafted from the new stories")
        room = self.newsroom
        issue = draft(room.database, room.settings, now=room.now(), by=EDITOR)
        pictures.fetch(room.database, room.settings, room.pictures, now=room.now())
        parts = ", ".join(f"{len(s.picks)} {s.name}" for s in issue.sections)
        self.report.result(
            f"issue {issue.number}, “{issue.subject}”: {parts}", ok=bool(issue.picks)
        )
        with room.database.reading() as conn:
            judged = verdicts.listing(conn, issue.number)
        left_out = [(candidate.story.title, v.reason) for v, candidate in judged if not v.chosen]
        for title, reason in left_out:
            self.report.detail(f"{title} – {reason}")
        self.report.result(
            f"{len(judged)} candidates = {len(issue.picks)} in + {len(left_out)} out",
            ok=len(judged) == len(issue.picks) + len(left_out) and len(left_out) == 1,
        )
        return issue.number

    def _approve(self, number: int) -> None:
        self.report.step("The issue is checked and approved")
        room = self.newsroom
        view = look(room.database, room.settings, number, now=room.now())
        faults, blocking = view.faults, view.blocking
        self.report.result(
            f"pre-flight: {len(blocking)} faults block, {len(faults) - len(blocking)} warn; "
            f"{view.html_bytes:,} bytes of HTML",
            ok=not blocking,
        )
        for message, count in Counter(fault.message for fault in faults).items():
            self.report.detail(f"{count} × {message}")
        issue = desk.approve(
            room.database,
            room.settings,
            number,
            now=room.now(),
            by=EDITOR,
            outside=room.outside,
        ).issue
        self.report.result(
            f"approved by {issue.approved_by}; frozen as {issue.document_hash[:12]}…",
            ok=issue.document_hash == view.hash,
        )

    def _send(self, number: int) -> None:
        self.report.step("The issue is sent by SMTP; one reader unsubscribes meanwhile")
        room = self.newsroom
        planned = address.address(room.database, number, now=room.now(), by=EDITOR)
        self.report.result(f"{planned} readers planned", ok=planned == len(CONFIRMING))
        status = self._actions.unsubscribe(self._latest_to(UNSUBSCRIBING.address))
        unsubscribed = self._reader_counts()["unsubscribed"]
        self.report.result(
            f"{UNSUBSCRIBING.name} unsubscribes with one click: {status}; "
            f"{unsubscribed} reader is unsubscribed",
            ok=status == 200 and unsubscribed == 1,  # noqa: PLR2004 - HTTP
        )
        counts = deliver.deliver(
            room.sender,
            number,
            settings=room.settings,
            keys=room.keys,
        )
        parts = {status: counts[status] for status in STATUSES if counts[status]}
        sum_of_parts = " + ".join(f"{count} {status}" for status, count in parts.items())
        self.report.result(
            f"{planned} planned = {sum_of_parts}",
            ok=sum(parts.values()) == planned
            and parts == {"accepted": len(CONFIRMING) - 1, "skipped": 1},
        )

    def _latest_to(self, recipient: str) -> Caught:
        return [mail for mail in self.catcher.caught() if mail.recipient == recipient][-1]

    def _check_inboxes(self) -> None:
        self.report.step("The caught messages are checked")
        mails = inspection.issues(self.catcher.caught())
        copies = Counter(mail.recipient for mail in mails)
        expected = {reader.address for reader in CONFIRMING if reader is not UNSUBSCRIBING}
        self.report.result(
            f"{len(mails)} copies of the issue, one for each of {len(copies)} readers",
            ok=set(copies) == expected and set(copies.values()) == {1},
        )
        total = len(self.catcher.caught())
        letters = total - len(mails)
        self.report.result(
            f"{total} messages = {len(PEOPLE)} confirmations + {len(CONFIRMING)} welcomes + "
            f"{len(mails)} copies",
            ok=letters == len(PEOPLE) + len(CONFIRMING),
        )
        count = copies[UNSUBSCRIBING.address]
        self.report.result(
            f"copies to {UNSUBSCRIBING.name}, who unsubscribed: {count}", ok=count == 0
        )
        count = sum(copies[reader.address] for reader in PEOPLE if not reader.confirms)
        self.report.result(f"copies to readers who never confirmed: {count}", ok=count == 0)
        faults = [fault for mail in mails for fault in inspection.faults(mail)]
        self.report.result(
            f"every header once, text before HTML, no line too long: {len(faults)} faults",
            ok=not faults,
        )
        for fault in sorted(set(faults)):
            self.report.detail(fault)

    def _check_archive(self, number: int) -> None:
        self.report.step("The public archive shows the issue")
        page = self.client.get(f"/archive/{number}")
        personal = [link for link in ("/unsubscribe/", "/preferences/", "[[") if link in page.text]
        self.report.result(
            f"/archive/{number}: {page.status_code}, without personal links",
            ok=page.status_code == 200 and not personal,  # noqa: PLR2004 - HTTP
        )
        feed = self.client.get("/archive/feed.xml")
        entries = feed.text.count("<entry>")
        self.report.result(f"/archive/feed.xml: {entries} issue", ok=entries == 1)

    def _prepare_next(self, number: int) -> None:
        self.report.step("A week later: the next issue waits for an approval at the desk")
        room = self.newsroom
        caught = len(self.catcher.caught())
        invited = staff.invite(room)
        self.publish_more()
        waiting = staff.prepare(room, after=records.issue(room.database, number))
        issue = records.issue(room.database, waiting.issue.number)
        self.report.result(
            f"issue {issue.number}, “{issue.subject}”, from {waiting.new_stories} new stories: "
            f"{issue.status.value.replace('_', ' ')}",
            ok=issue.status is Status.IN_REVIEW and len(issue.picks) == waiting.new_stories,
        )
        self.nudge()
        expected = invited + 1  # an invitation each, and one is asked to approve
        self.catcher.wait_for(caught + expected, seconds=MAIL_TIMEOUT)
        mails = len(self.catcher.caught()) - caught
        self.report.result(
            f"{invited} editors invited, 1 asked to approve: {mails} mails", ok=mails == expected
        )
