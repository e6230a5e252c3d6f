"""Mails in every language: no fixed word of another one, dates by CLDR, mirrored where read so."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import product
from pathlib import Path

import lxml.html
import pytest

from emag.content.story import Kind
from emag.content.vacancies.vacancy import Vacancy
from emag.issues import lines
from emag.issues.issue import Issue
from emag.issues.promo import Promo, PromoKind
from emag.press import occasions
from emag.press.compose import compose, compose_mail
from emag.press.dates import Dates
from emag.press.document import fill, public
from emag.press.language import locale_of, plural_forms
from emag.press.words import words
from emag.settings import parse, shipped_templates
from tests.conftest import TOML
from tests.emag.press.conftest import AT, a_job, a_post, an_event, an_issue
from tests.emag.press.test_clients import NAMES

LANGUAGES = sorted({file.stem for file in (shipped_templates() / "words").glob("*.toml")} - {"en"})
MARK = "Zqx"  # stands for all that editors and sources write
SLOTS = ("greeting", "edition", "unsubscribe_url", "preferences_url", "confirm_url", "not_me_url")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_WORDS = re.compile(r"https?://\S+|\S+@\S+|\{\w+\}")
NIGHT = datetime(2026, 3, 13, 19, 30, tzinfo=UTC)


@lru_cache
def publication(theme: str, language: str):
    settings = parse(f'{TOML}\n[theme]\nname = "{theme}"', Path("/nowhere"), {})
    marks = {"title": MARK, "tagline": MARK, "postal_address": f"{MARK}\n{MARK}"}
    changed = settings.publication.model_copy(update=marks | {"language": language})
    return settings.model_copy(update={"publication": changed})


@lru_cache
def marked_issue() -> Issue:
    """An issue with every kind of story, whose texts are all marked."""
    closes = datetime(2026, 3, 16, 12, tzinfo=UTC)
    vacancy = Vacancy(MARK, MARK, MARK, salary="£1", places=2, closes_at=closes)
    texts = {"title": MARK, "summary": MARK}
    posts = [a_post(n, **texts, author=MARK, kicker=MARK, picture=None) for n in range(9)]
    jobs = [
        a_job(0, **texts, vacancy=replace(vacancy, job_of_the_week=True)),
        a_job(1, **texts, vacancy=replace(vacancy, closes_at=None, closes=date(2027, 1, 8))),
    ]
    times = [(AT, None), (NIGHT, NIGHT.replace(hour=21)), (NIGHT, NIGHT.replace(day=15))]
    times += [(NIGHT.replace(month=2), NIGHT), (NIGHT, NIGHT.replace(day=14, hour=0, minute=0))]
    events = [
        an_event(n, **texts, starts=starts, ends=ends, place=MARK)
        for n, (starts, ends) in enumerate(times)
    ]
    promos = tuple(
        Promo(kind, MARK, "end", text=MARK, link="https://a.org", button=MARK, advertiser=MARK)
        for kind in PromoKind
    )
    issue = an_issue(posts, jobs, events, note=MARK, promos=promos)
    sections = tuple(replace(section, title=MARK) for section in issue.sections)
    return lines.automatic(replace(issue, sections=sections), fallback=MARK)


def words_of(*texts: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(_NO_WORDS.sub(" ", " ".join(texts)))}


def text_of(html: str) -> str:
    """All that a person sees or hears of an HTML part."""
    tree = lxml.html.document_fromstring(html)
    for style in [*tree.iter("style")]:
        style.drop_tree()
    return " ".join([*tree.itertext(), *tree.xpath("//@alt | //@title | //@aria-label")])


def mails(theme: str, language: str):
    settings = publication(theme, language)
    texts = words(settings)
    values = dict.fromkeys(SLOTS, "") | {"greeting": texts("greeting.named", name=MARK)}
    issue = compose(marked_issue(), settings, now=AT)
    for chosen in (issue.topics, frozenset({"jobs"})):
        yield fill(issue.for_topics(chosen), values)
    yield public(issue, archive_url="https://mail.crier.example.org/archive/12", texts=texts)
    for letter in ("confirm", "welcome", "change"):
        yield fill(compose_mail(letter, settings, {}), values)


@pytest.mark.parametrize(("theme", "language"), [*product(NAMES, LANGUAGES)])
def test_no_fixed_word_is_english_in_another_language(theme, language):
    english = words_of(*words(publication(theme, "en")).texts.values())
    english |= words_of(*map(Dates(locale_of("en")).long, days()))
    expected = words_of(*words(publication(theme, language)).texts.values(), MARK)
    expected |= words_of(*map(Dates(locale_of(language)).long, days()))
    expected |= words_of(*map(Dates(locale_of(language)).month, days()))
    printed = 0
    for mail in mails(theme, language):
        printed_words = words_of(mail.subject, mail.preheader, text_of(mail.html), mail.text)
        assert printed_words - expected == set(), mail.subject
        printed += len(printed_words & (expected - english))
    assert printed > 60, "hardly a word of the language was printed, so nothing was tested"


def days() -> list[date]:
    """Every month, every day of the week, and a first of the month."""
    return [date(2026, month, 1) for month in range(1, 13)]


def test_every_kind_of_story_and_every_automatic_line_is_in_the_marked_issue():
    issue = marked_issue()
    assert {pick.story.kind for pick in issue.picks} == set(Kind)
    assert (issue.subject, issue.preheader) == (MARK, " · ".join([f"{MARK}, {MARK}", MARK, MARK]))


@pytest.mark.parametrize("theme", NAMES)
@pytest.mark.parametrize("language", ["ar", "he", "ur"])
def test_a_mail_is_mirrored_where_the_language_is_read_from_right_to_left(theme, language):
    settings = publication(theme, language)
    mail = compose(an_issue(), settings, now=AT).whole
    assert f'<html lang="{language}" dir="rtl"' in mail.html
    assert "direction:ltr" not in mail.html
    assert "italic" not in mail.html, "a slanted letter of these scripts is a fault"
    for element in lxml.html.document_fromstring(mail.html).body.iter(lxml.html.etree.Element):
        style = element.get("style") or ""
        is_foreign = "foreign" in (element.get("class") or "")
        assert "text-align:left" not in style or is_foreign, style
        assert element.get("align") != "left", style
    tree = lxml.html.document_fromstring(mail.html)
    (fixed,) = tree.xpath("//*[text()='Job of the week']")
    assert (fixed.get("lang"), fixed.get("dir")) == ("en-GB", "ltr")
    long = Dates(locale_of(language)).long(date(2026, 3, 6))
    assert long in text_of(mail.html)
    assert long in mail.text


def test_a_text_that_a_words_file_lacks_is_marked_as_english(tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "ar.toml").write_text('[issue]\nread = "اقرأ المقال"\n', "utf-8")
    settings = publication("noticeboard", "ar")
    folders = (tmp_path, *settings.template_folders[1:])
    mail = compose(an_issue(), Overridden(settings, folders), now=AT).whole
    tree = lxml.html.document_fromstring(mail.html)
    marked = [element.text_content() for element in tree.xpath("//*[@lang='en-GB'][@dir='ltr']")]
    assert {"[[greeting]]", "Job of the week", "Issue [[edition]]"} <= set(marked)
    assert "اقرأ المقال" in mail.text
    assert "اقرأ المقال" not in marked
    assert "to midday" not in mail.text, "times are joined as the language does"


class Overridden:
    """Settings with other folders of templates."""

    def __init__(self, settings, folders):
        self._settings, self.template_folders = settings, folders

    def __getattr__(self, name):
        return getattr(self._settings, name)


def test_an_arabic_text_in_an_english_mail_has_a_direction():
    arabic = "أخبار المجلس"
    posts = [a_post(0), a_post(1, kicker=arabic, author=arabic, summary=arabic)]
    mail = compose(an_issue(posts, 0, 0), publication("noticeboard", "en"), now=AT).whole
    tree = lxml.html.document_fromstring(mail.html)
    marked = [e.get("class") for e in tree.xpath(f"//*[contains(text(), '{arabic}')]/@dir/..")]
    assert len(marked) == 3
    assert mail.html.count('dir="rtl"') == 3


@pytest.mark.parametrize(
    ("language", "long", "near", "short", "time"),
    [
        ("en-GB", "Sunday 1 March 2026", "Sunday 1 March", "1 March", "5:30pm"),
        ("en-US", "Sunday, March 1, 2026", "Sunday, March 1", "March 1", "5:30pm"),
        ("en", "Sunday 1 March 2026", "Sunday 1 March", "1 March", "5:30pm"),
        ("cy", "Dydd Sul, 1 Mawrth 2026", "Dydd Sul, 1 Mawrth", "1 Mawrth", "17:30"),
        ("de-AT", "Sonntag, 1. März 2026", "Sonntag, 1. März", "1. März", "17:30"),
        ("fr", "dimanche 1er mars 2026", "dimanche 1er mars", "1er mars", "17:30"),
        ("es", "domingo, 1 de marzo de 2026", "domingo, 1 de marzo", "1 de marzo", "17:30"),
        ("ar", "الأحد، 1 مارس 2026", "الأحد، 1 مارس", "1 مارس", "5:30 م"),
        ("he", "יום ראשון, 1 במרץ 2026", "יום ראשון, 1 במרץ", "1 במרץ", "17:30"),
        ("ja", "2026年3月1日日曜日", "3月1日(日曜日)", "3月1日", "17:30"),
        ("xx", "Sunday 1 March 2026", "Sunday 1 March", "1 March", "5:30pm"),
    ],
)
def test_dates_are_written_as_the_language_does(language, long, near, short, time):
    dates, at = Dates(locale_of(language)), datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    written = (dates.long(at), dates.near(at, at), dates.short(at), dates.clock(at.time()))
    assert written == (long, near, short, time)


@pytest.mark.parametrize(
    ("language", "when"),
    [
        ("cy", ["Dydd Iau, 5 Mawrth, 09:00", "Dydd Gwener, 13 Mawrth, 19:30 – 21:30"]),
        ("de", ["Donnerstag, 5. März, 09:00 Uhr", "Freitag, 13. März, 19:30 bis 21:30 Uhr"]),
        ("fr", ["jeudi 5 mars à 09:00", "vendredi 13 mars, de 19:30 à 21:30"]),
        ("nl", ["donderdag 5 maart, 09:00", "vrijdag 13 maart, 19:30 – 21:30"]),
    ],
)
def test_an_event_is_dated_in_the_language(language, when):
    texts, today = words(publication("noticeboard", language)), AT.date()
    both = [(AT, None), (NIGHT, NIGHT.replace(hour=21))]
    assert [occasions.event_time(*times, today, texts) for times in both] == when


def test_numbers_have_the_forms_of_the_language():
    welsh, german = (words(publication("noticeboard", language)) for language in ("cy", "de"))
    assert len(plural_forms("cy")) == len(plural_forms("ar")) == 6
    assert plural_forms("fr") == plural_forms("en") == {"one", "other"}
    events = [welsh.count("tally.events", n) for n in (1, 2, 3, 6, 11)]
    assert events == [
        *("1 digwyddiad", "2 ddigwyddiad", "3 digwyddiad", "6 digwyddiad", "11 digwyddiad")
    ]
    assert german.count("tally.posts", 12_000) == "12.000 Beiträge"
    assert german.listed(["a", "b", "c"]) == "a, b und c"
    assert welsh.listed(["a", "b", "c"]) == "a, b, c", "“a” and “ac” depend on what follows"
