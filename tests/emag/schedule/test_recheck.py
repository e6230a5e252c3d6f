"""Between approval and sending: real ticks, a real website, a real mail server."""

import threading
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from emag import bootstrap
from emag.database import Database
from emag.demo.catcher import Catcher
from emag.desk import approve, dispatch, edit, history
from emag.desk.export import export
from emag.desk.look import look
from emag.errors import WrongMove
from emag.issues import approval, approved, store
from emag.issues.issue import Status
from emag.schedule.tick import tick
from subscribers import membership
from subscribers.consent import Evidence

DRAFT_AT = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
SEND_AT = datetime(2026, 3, 5, 12, 1, tzinfo=UTC)
ITEM = """<item><title>{title}</title><link>{url}/{slug}</link><guid>{slug}</guid>
<pubDate>Wed, 04 Mar 2026 09:0{minute}:00 +0000</pubDate><description>{body}</description></item>"""
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
SECRET = "a-secret-for-tests-only-0123456789abcdef"


class Website:
    """Feeds and pages that a test may change while emag runs."""

    def __init__(self):
        self.url = ""
        self.posts = {"lead": "Lanterns in the fog", "bench": "A bench for two"}
        self.jobs = {"clerk": "Clerk, Anytown council", "editor": "Editor, Otherton council"}
        self.texts = dict.fromkeys((*self.posts, *self.jobs), "A good one.")
        self.pages = {}  # status, body
        self.requests = []

    def answer(self, path):
        self.requests.append(path)
        slug = path.strip("/")
        if slug in {"posts.xml", "jobs.xml"}:
            entries = self.posts if slug == "posts.xml" else self.jobs
            return 200, RSS.format(
                items="".join(
                    ITEM.format(
                        title=title, url=self.url, slug=name, minute=9 - n, body=self.texts[name]
                    )
                    for n, (name, title) in enumerate(entries.items())
                )
            )
        return self.pages.get(slug, (200, "<p>Apply here.</p>"))


@pytest.fixture
def website():
    site = Website()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = site.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def catcher(clock):
    with Catcher(now=clock) as running:
        yield running


@pytest.fixture
def open_room(folder, website, catcher, clock):
    """A newsroom as `emag serve` has it, with two readers; `closed` is the setting of [jobs]."""
    rooms = []

    def _open(closed="hold"):
        toml = (folder / "emag.toml").read_text()
        for name in ("feed", "jobs"):
            target = "posts" if name == "feed" else "jobs"
            toml = toml.replace(
                f"https://crier.example.org/{name}.xml", f"{website.url}/{target}.xml"
            )
        toml = toml.replace('draft = "thu 16:00"', 'draft = "thu 09:00"')
        toml = toml.replace('send = "fri 07:30"', 'send = "thu 12:01"\ngather = "1d"')
        toml += f'[jobs]\nclosed = "{closed}"\n[network]\nallow_private = true\n'
        toml += f'[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {catcher.port}\n'
        toml += 'security = "none"\n'
        (folder / "emag.toml").write_text(toml)
        database = Database(f"sqlite:///{folder / 'emag.db'}")
        bootstrap.upgrade(database)
        database.close()
        environ = {"EMAG_SECRET_KEY": SECRET, "EMAG_BASE_URL": "https://mail.crier.example.org"}
        room = bootstrap.open_newsroom(folder, now=clock, environ=environ)
        rooms.append(room)
        with room.database.transaction() as conn:
            for number in range(2):
                membership.add_on_basis(
                    conn,
                    room.keys,
                    address=f"reader{number}@example.org",
                    name="",
                    evidence=Evidence("import"),
                    now=clock(),
                )
        clock.at = DRAFT_AT
        tick(room)
        return room

    yield _open
    for room in rooms:
        room.transport.close()
        room.database.close()


@pytest.fixture
def send(clock):
    """Lets the time of the send come; two ticks, so that mails about it leave too."""

    def _send(room, at=SEND_AT):
        clock.at = at
        return tick(room) + tick(room)

    return _send


def approve_issue(room, clock, **more):
    return approve.approve(room.database, room.settings, 1, now=clock(), by="Ann", **more)


def status(room):
    with room.database.reading() as conn:
        return store.get(conn, 1).status


def received(catcher, address):
    """What readers or editors got: subject and text of each mail."""
    parser = BytesParser(policy=policy.default)
    messages = [parser.parsebytes(c.octets) for c in catcher.caught() if address in c.recipient]
    return [
        (str(m["Subject"]), " ".join(m.get_body(("plain",)).get_content().split()))
        for m in messages
    ]


def close_by_page(site):
    site.pages["clerk"] = (404, "Not found")


def close_by_words_of_page(site):
    site.pages["clerk"] = (200, "<h1>Clerk</h1><p>This vacancy has now closed.</p>")


def close_by_words_of_feed(site):
    site.texts["clerk"] = "This position has been filled."


def close_by_date(site):
    site.texts["clerk"] = "Closing date: 4 March 2026"


CLOSINGS = [close_by_page, close_by_words_of_page, close_by_words_of_feed, close_by_date]


@pytest.mark.parametrize("close", CLOSINGS, ids=lambda close: close.__name__)
def test_a_job_that_closed_is_absent_from_what_leaves(
    open_room, website, catcher, clock, send, close
):
    room = open_room("drop")
    first = approve_issue(room, clock).issue
    clock.at = SEND_AT - timedelta(minutes=1)
    close(website)
    lines = send(room)
    assert "Issue 1 leaves without “Clerk, Anytown council”" in lines
    assert status(room) is Status.SENT
    mails = received(catcher, "reader")
    assert len(mails) == 2
    for _, text in mails:
        assert "Anytown" not in text
        assert "Otherton" in text
        assert "Lanterns in the fog" in text
    with room.database.reading() as conn:
        record = approved.listing(conn, 1)
        document = approval.frozen(conn, 1)
    assert [entry.by for entry in record] == ["Ann", "emag"]
    assert "after the approval by Ann" in record[1].note
    assert record[1].hash == document.hash != first.document_hash
    subject, text = next(m for m in received(catcher, "ann@") if "leaves without" in m[0])
    assert subject == "Issue 1 leaves without a story"
    assert "“Clerk, Anytown council” is closed" in text
    assert "- “Clerk, Anytown council” is out" in text
    sentences = [e.sentence for e in history.listing(room.database, room.settings, 1)[1]]
    assert any(
        s.startswith("emag dropped “Clerk, Anytown council”: it is closed") for s in sentences
    )
    assert any("emag approved the issue: after the approval by Ann" in s for s in sentences)


@pytest.mark.parametrize("close", CLOSINGS, ids=lambda close: close.__name__)
def test_or_the_issue_is_held(open_room, website, catcher, clock, send, close):
    room = open_room("hold")
    approve_issue(room, clock)
    close(website)
    lines = send(room)
    assert any(
        line.startswith("Issue 1 is held: “Clerk, Anytown council” is closed") for line in lines
    )
    assert status(room) is Status.HELD
    assert received(catcher, "reader") == []
    subject, text = received(catcher, "ann@")[-1]
    assert subject == "Issue 1 is held: a story is over"
    assert "https://mail.crier.example.org/desk/issues/1/review" in text
    assert "emag issue drop 1" in text
    send(room, SEND_AT + timedelta(minutes=5))
    assert len([m for m in received(catcher, "ann@") if "is held" in m[0]]) == 1
    faults = look(room.database, room.settings, 1, now=clock()).blocking
    assert [fault.rule for fault in faults] == ["closed-job"]


def test_the_lead_whose_page_is_gone_is_dropped_and_the_subject_follows(
    open_room, website, catcher, clock, send
):
    room = open_room("drop")
    approve_issue(room, clock)
    website.pages["lead"] = (410, "")
    website.pages["bench"] = (410, "")  # not the lead: nobody asks
    website.requests.clear()
    send(room)
    assert [subject for subject, _ in received(catcher, "reader")] == ["A bench for two"] * 2
    assert "/bench" not in website.requests


def test_a_lead_that_had_no_page_when_it_was_approved_is_no_news(
    open_room, website, catcher, clock, send
):
    website.pages["lead"] = (404, "")
    room = open_room("hold")
    faults = look(room.database, room.settings, 1, now=clock()).faults
    warnings = [(fault.severity, fault.where) for fault in faults if fault.rule == "page-gone"]
    assert warnings == [("warn", "Lanterns in the fog")]
    approve_issue(room, clock, overrides={"link-dead": "it comes back tonight"})
    send(room)
    assert status(room) is Status.SENT
    assert "Lanterns in the fog" in received(catcher, "reader")[0][1]


def test_a_subject_that_names_the_lost_lead_holds_the_issue(
    open_room, website, catcher, clock, send
):
    room = open_room("drop")
    edit.write(
        room.database, room.settings, 1, subject="Lanterns in the fog", now=clock(), by="Ann"
    )
    approve_issue(room, clock)
    website.pages["lead"] = (404, "")
    send(room)
    assert status(room) is Status.HELD
    assert "It could not leave without them" in received(catcher, "ann@")[-1][1]


def test_other_stories_leave_in_the_words_that_were_approved(
    open_room, website, catcher, clock, send
):
    room = open_room("drop")
    approve_issue(room, clock)
    website.posts["lead"] = "Lanterns, rewritten"
    close_by_page(website)
    send(room)
    [(_, text), _] = received(catcher, "reader")
    assert "Lanterns in the fog" in text
    assert "rewritten" not in text


def test_a_website_that_is_down_changes_nothing(open_room, website, catcher, clock, send):
    room = open_room("drop")
    first = approve_issue(room, clock).issue
    for slug in ("clerk", "editor", "lead"):
        website.pages[slug] = (503, "This vacancy has now closed.")
    website.answer = lambda _: (500, "trouble")
    send(room)
    assert status(room) is Status.SENT
    with room.database.reading() as conn:
        assert approval.frozen(conn, 1).hash == first.document_hash
    assert "Anytown" in received(catcher, "reader")[0][1]


def test_what_was_let_pass_at_the_approval_is_not_asked_again(
    open_room, website, catcher, clock, send
):
    room = open_room("hold")
    approve_issue(room, clock)
    close_by_page(website)
    send(room)
    later = clock() + timedelta(minutes=30)
    approve_issue(room, clock, overrides={"closed-job": "extended by phone"}, send_at=later)
    send(room, later)
    assert status(room) is Status.SENT
    assert "Anytown" in received(catcher, "reader")[0][1]


WALKS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//own//walks//EN\r
BEGIN:VEVENT\r
UID:walk@example.org\r
SUMMARY:A walk along the weir\r
DESCRIPTION:We walk at the pace of the slowest.\r
URL:https://walks.example/weir\r
DTSTART;TZID=Europe/London:20260305T121000\r
DTEND;TZID=Europe/London:20260305T122000\r
RRULE:FREQ=WEEKLY;COUNT=4\r
END:VEVENT\r
END:VCALENDAR\r
"""
CALENDAR = (
    '[[sources]]\nname = "walks"\nkind = "calendar"\npath = "walks.ics"\nsection = "events"\n'
)


def test_an_event_that_goes_on_is_printed_with_its_next_date(
    open_room, website, catcher, clock, send, folder
):
    (folder / "walks.ics").write_text(WALKS)
    (folder / "emag.toml").write_text(f"{(folder / 'emag.toml').read_text()}\n{CALENDAR}")
    room = open_room("hold")
    approve_issue(room, clock)
    lines = send(room, SEND_AT + timedelta(minutes=30))  # the walk of this week is over
    assert "Issue 1 leaves with the next date of “A walk along the weir”" in lines
    assert status(room) is Status.SENT
    [(_, text), _] = received(catcher, "reader")
    assert "12 March" in text
    assert "5 March, 12:10" not in text
    subject, text = next(m for m in received(catcher, "ann@") if "leaves with" in m[0])
    assert subject == "Issue 1 leaves with another date"
    assert "“A walk along the weir” is over: it took place on 5 March" in text


def test_sending_by_hand_looks_again_too(open_room, website, catcher, clock):
    room = open_room("hold")
    approve_issue(room, clock)
    close_by_page(website)
    with pytest.raises(WrongMove, match="Issue 1 is held: “Clerk, Anytown council” is closed"):
        dispatch.start(room, 1, by="Ann", stop=threading.Event())
    assert received(catcher, "reader") == []


def test_sending_by_hand_says_what_it_dropped(open_room, website, catcher, clock):
    room = open_room("drop")
    approve_issue(room, clock)
    close_by_page(website)
    result = dispatch.start(room, 1, by="Ann", stop=threading.Event())
    assert result.remark == "Issue 1 leaves without “Clerk, Anytown council”"
    assert result.counts["accepted"] == 2
    assert "Anytown" not in received(catcher, "reader")[0][1]


def test_a_job_whose_page_is_gone_is_not_drafted_until_it_is_back(open_room, website, clock):
    close_by_page(website)
    room = open_room()
    with room.database.reading() as conn:
        titles = [pick.story.title for pick in store.get(conn, 1).picks]
    assert "Clerk, Anytown council" not in titles
    assert "Editor, Otherton council" in titles
    dispatch.cancel(room.database, 1, now=clock(), by="Ann")
    del website.pages["clerk"]
    clock.at = DRAFT_AT + timedelta(days=7)
    tick(room)
    with room.database.reading() as conn:
        titles = [pick.story.title for pick in store.get(conn, 2).picks]
    assert "Clerk, Anytown council" in titles


def test_the_proof_of_what_left_without_a_job_can_be_verified(
    open_room, website, clock, send, tmp_path
):
    room = open_room("drop")
    approve_issue(room, clock)
    close_by_page(website)
    send(room)
    proof = export(room.database, room.settings, 1, tmp_path / "proof", now=clock())
    assert proof.verification.is_whole, proof.verification
