"""Attacks in every field that a feed, a reader or an editor can fill, on every page of the desk."""

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, islice

import pytest

from emag.content import store as pool
from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.desk import arrange, edit, promos, words
from emag.desk.opening import open_issue
from emag.desk.promo_booking import Wish
from emag.errors import EmagError
from emag.issues.draft import draft_special
from emag.issues.promo import Promo, PromoKind
from emag.issues.words import Field
from subscribers.errors import BadAddress
from tests.emag.web.desk.test_roles import guarded

STORIES = 60
# What must not be in a page: other scripts than the desk's own, handlers, script addresses. A mail
# in a frame has a base of its own.
FOREIGN = """() => [
  ...[...document.scripts].filter(s => !s.src.startsWith(location.origin + "/desk/static/")),
  ...[...document.querySelectorAll("*")].filter(e =>
    [...e.attributes].some(a => /^on/i.test(a.name) || /^\\s*javascript:/i.test(a.value))),
  ...document.querySelectorAll("object, embed, meta[http-equiv=refresh], main svg script"),
  ...document.querySelectorAll(document.getElementById("main") ? "base" : "none"),
].map(e => e.outerHTML.slice(0, 120))"""
CONTROL = "<p>before</p><img src='x:' onerror='alert(1)'><script>alert(2)</script>"


@pytest.fixture
def attacks(corpus) -> list[str]:
    cases = json.loads((corpus / "hostile" / "xss_payloads.json").read_text("utf-8"))
    strings = json.loads((corpus / "hostile" / "naughty_strings.json").read_text("utf-8"))
    payloads = [text for case in cases for text in _texts(case["payload"])]
    assert len(payloads) > 100
    return [*payloads, *filter(str.strip, strings), "<script>alert(1)</script>", CONTROL]


def _texts(payload) -> Iterator[str]:
    if isinstance(payload, str):
        yield payload
    else:
        yield from (text for text in payload if isinstance(text, str))


def fill(press, attacks: list[str]) -> int:
    """Writes the attacks into everything that can hold a text; returns the issue."""
    room, texts = press.newsroom, cycle(attacks)
    database, settings, now = room.database, room.settings, room.now()
    with database.transaction() as conn:
        for number in range(STORIES):
            story = _story(number, texts)
            pool.admit(conn, story, section="posts", now=now)
    issue = open_issue(database, settings, room.pages, now=now, by="Ann")
    number = issue.number
    for pick, texts_of_pick in zip(issue.picks, _chunks(texts, 3), strict=False):
        for field, text in zip((Field.TITLE, Field.SUMMARY, Field.BY), texts_of_pick, strict=True):
            _try(
                words.write, database, settings, number, pick.candidate, {field: text}, press=press
            )
    for text in islice(texts, 40):
        _try(
            edit.write,
            database,
            settings,
            number,
            subject=text,
            preheader=text,
            note=text,
            press=press,
        )
    for text in islice(texts, 12):
        promo = Promo(PromoKind.ANNOUNCEMENT, text, "end", text, "", "", "", text, text)
        _try(promos.add, database, settings, promo, Wish(runs=1), press=press)
        _try(draft_special, database, settings, title=text, press=press)
    for place, text in enumerate(islice(texts, 30)):
        _try_reader(room, f"reader{place}@example.org", text)
    _try(arrange.drop, database, settings, number, [issue.picks[0].candidate], press=press)
    return number


def _story(number: int, texts: Iterator[str]) -> Story:
    is_job = number % 4 == 0
    vacancy = Vacancy(next(texts), next(texts), next(texts), salary=next(texts)) if is_job else None
    return Story(
        source="desk",
        kind=Kind.JOB if is_job else Kind.POST,
        link=f"https://crier.example.org/{number}?a=%22%3E%3Cscript%3Ealert(3)%3C/script%3E",
        title=next(texts),
        summary=next(texts),
        author=next(texts),
        categories=(next(texts),),
        place=next(texts),
        vacancy=vacancy,
    )


def _chunks(texts: Iterator[str], size: int) -> Iterator[list[str]]:
    while True:
        yield list(islice(texts, size))


def _try(verb, *arguments, press, **named) -> None:
    """A verb may refuse an attack with a sentence; it may not fail in another way."""
    with suppress(EmagError):
        verb(*arguments, now=press.newsroom.now(), by="Ann", **named)


def _try_reader(room, address: str, text: str) -> None:
    with suppress(BadAddress, EmagError):
        room.readers.add(address, by="Ann", name=text, basis=text)


@pytest.mark.browser
@pytest.mark.usefixtures("corpus")
def test_no_attack_runs_on_any_page(desk, browser, attacks):
    number = fill(desk.press, attacks)
    token = desk.token(desk.invite())
    context = desk.context(browser, token)
    ran, blocked = [], []
    context.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    context.on("console", lambda line: blocked.append(line.text) if _is_breach(line.text) else None)
    page = context.new_page()
    paths = pages(desk.press, number)
    assert {"/desk/pool", f"/desk/issues/{number}", "/desk/readers/1"} <= {*paths}
    for path in paths:
        page.goto(path, wait_until="load")
        assert page.evaluate(FOREIGN) == [], path
        assert ran == [], path
        assert blocked == [], path
    context.close()


@pytest.mark.browser
def test_an_attack_would_be_noticed(desk, browser):
    """The positive control: the same listeners see a script that does run."""
    context = desk.context(browser)
    ran = []
    context.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page = context.new_page()
    page.set_content(CONTROL)
    page.wait_for_timeout(100)
    assert sorted(ran) == ["1", "2"]
    assert len(page.evaluate(FOREIGN)) == 2
    context.close()


def _is_breach(text: str) -> bool:
    return "Content Security Policy" in text or "Content-Security-Policy" in text


def pages(press, number: int) -> list[str]:
    """Every page of the desk, with the number of the issue where it names one."""
    paths = [route.path for route in guarded(press) if route.method == "GET"]
    return sorted({_filled(path, number) for path in paths if not path.endswith(".json")})


def _filled(path: str, number: int) -> str:
    for parameter in ("{which}", "{number}", "{issue}"):
        path = path.replace(f"/desk/issues/{parameter}", f"/desk/issues/{number}")
    return (
        path if "{" not in path else path.replace(path[path.index("{") : path.index("}") + 1], "1")
    )
