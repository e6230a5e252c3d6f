"""What readers are told: whole in every language, and a publication may say it otherwise."""

from datetime import UTC, date, datetime

import pytest

from emag.doctor import templates as doctor
from emag.errors import PressError
from emag.press.compose import compose, compose_mail
from emag.press.words import words
from emag.settings import shipped_templates

LANGUAGES = sorted(file.stem for file in (shipped_templates() / "words").glob("*.toml"))


@pytest.fixture
def speak(settings, make):
    """The words of the publication in that language, with files of its own."""

    def speak(language, **files):
        folder = settings.folder / "templates" / "words"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        return words(make.settings(settings, publication={"language": language}))

    return speak


def test_the_promised_languages_are_shipped():
    assert {"cy", "de", "en", "fr"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_slots(speak, language):
    texts = speak(language)
    assert texts.faults == ()
    for key, text in texts.texts.items():
        assert text != "", key


def test_shipped_languages_differ_from_english(speak):
    english = speak("en").texts
    for language in set(LANGUAGES) - {"en"}:
        texts = speak(language).texts
        same = [key for key in english if texts[key] == english[key]]
        assert len(same) < 30, (language, same)  # names, months and patterns may be alike


@pytest.mark.parametrize(
    ("setting", "language", "heading"),
    [
        ("de-AT", "de-AT", "Ihre Seite"),
        ("cy", "cy", "Eich tudalen"),
        ("en-US", "en-US", "Your page"),
        ("nl", "en-GB", "Your page"),
        ("../../etc", "en-GB", "Your page"),
    ],
)
def test_language_is_the_language_of_the_texts(speak, setting, language, heading):
    texts = speak(setting)
    assert (texts.language, texts.direction) == (language, "ltr")
    assert texts("preferences.heading") == heading


def test_a_missing_language_is_a_fault(speak):
    (fault,) = speak("nl").faults
    missing = "There is no templates/words/nl.toml: readers get English texts"
    assert fault == f"{missing}; add the file to translate them"


def test_doctor_names_what_is_wrong_with_the_words(settings, make):
    dutch = make.settings(settings, publication={"language": "nl"})
    assert [(f.area, f.severity) for f in doctor.examine(dutch)] == [("templates", "warn")]
    assert list(doctor.examine(settings)) == []
    folder = settings.folder / "templates" / "words"
    folder.mkdir(parents=True)
    shipped = (shipped_templates() / "words" / "de.toml").read_text("utf-8")
    dutch_words = shipped.replace('browser = "Im Browser ansehen"\n', "")
    (folder / "nl.toml").write_text(dutch_words, encoding="utf-8")
    (fault,) = doctor.examine(dutch)
    lacks = "templates/words/nl.toml lacks letter.foot.browser"
    assert fault.message == f"{lacks}: add them, readers get English there"


def test_a_publication_adds_a_language_and_missing_texts_are_english(speak):
    files = '[preferences]\nheading = "صفحتك"\n'
    texts = speak("ar", ar=files)
    assert (texts.language, texts.direction) == ("ar", "rtl")
    assert texts("preferences.heading") == "صفحتك"
    assert texts("preferences.save") == "Save"
    (fault,) = texts.faults
    assert fault.startswith("templates/words/ar.toml lacks date.at, date.hours, ")
    assert fault.endswith("more: add them, readers get English there")


def test_a_publication_replaces_one_text(speak):
    texts = speak("en-GB", en='[signup]\nbutton = "Count me in"\n')
    assert (texts("signup.button"), texts("signup.email")) == ("Count me in", "Email address")
    assert texts.faults == ()


def test_an_unusable_text_is_named_and_not_used(speak):
    files = '[signup]\nheading = "{titel}"\nemail = "{"\nnobody = "says this"\nbutton = "Los"\n'
    texts = speak("de", de=files)
    assert texts("signup.heading", title="X") == "X per E-Mail"
    assert texts("signup.email") == "E-Mail-Adresse"
    assert texts("signup.button") == "Los"
    assert "signup.heading holds {titel}, which nothing fills in" in texts.faults[0]
    assert "no page uses signup.nobody" in " ".join(texts.faults)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[page]\nhello = "x"', "no page uses page.hello: correct the key or remove it"),
        ('[date]\nmonths = ["x"]', "no page uses date.months: correct the key or remove it"),
        ('[home]\nall = "{n}"', "home.all holds {n}, which nothing fills in: remove it"),
        ('[unsubscribe]\nheading = "x"', "unsubscribe.heading does not hold {title}: add it"),
        ('[tally.jobs]\nother = "Jobs"', "tally.jobs.other does not hold {n}: add it"),
        ('[tally.jobs]\none = "one job"', ""),
        ('[tally.jobs]\n7 = "seven jobs"', ""),
        (
            '[tally.jobs]\nfew = "{n} jobs"',
            "tally.jobs.few is a form that the language does not have: remove it",
        ),
    ],
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_publication_s_own_texts_are_checked_as_emag_s_are(speak, language, text, fault):
    faults = speak(language, **{language: text}).faults
    assert faults == ((f"templates/words/{language}.toml: {fault}",) if fault else ())


def test_a_language_needs_each_of_its_plural_forms(speak):
    shipped = (shipped_templates() / "words" / "en.toml").read_text("utf-8")
    spoken = speak("pl", pl=shipped)
    (fault,) = spoken.faults
    assert fault.startswith("templates/words/pl.toml lacks tally.posts.few, tally.posts.many, ")
    assert spoken.count("tally.posts", 5) == "5 stories"


def test_a_broken_file_is_one_sentence(speak):
    with pytest.raises(PressError, match=r"de\.toml cannot be read"):
        speak("de", de="[signup\n")


def test_numbers_and_dates_follow_the_language(speak):
    english, welsh, french = speak("en"), speak("cy"), speak("fr")
    assert english.count("thanks.works", 1) == "The link in it works for a day."
    assert "2 ddiwrnod" in welsh.count("thanks.works", 2)
    assert "7 diwrnod" in welsh.count("thanks.works", 7)
    assert [french.day(date(2026, 3, d)) for d in (1, 2)] == ["1er mars 2026", "2 mars 2026"]
    assert speak("de").long_day(date(2026, 3, 6)) == "Freitag, 6. März 2026"
    assert english.moment(datetime(2026, 3, 6, 7, 5, tzinfo=UTC)) == "6 March 2026, 07:05"


def test_letters_are_in_the_publications_language(settings, make):
    german = make.settings(settings, publication={"language": "de"})
    letter = compose_mail("confirm", german, {})
    assert letter.subject == "Bitte bestätigen Sie, dass Sie The Town Crier möchten"
    assert 'lang="de"' in letter.html
    assert "Das war ich nicht" in " ".join(letter.text.split())
    dutch = make.settings(settings, publication={"language": "nl"})
    assert 'lang="en-GB"' in compose_mail("welcome", dutch, {}).html


def test_a_title_is_escaped_in_the_letter_and_plain_in_its_text(settings, make):
    odd = make.settings(settings, publication={"title": "Bins & <boats>"})
    letter = compose_mail("welcome", odd, {})
    assert "Bins &amp; &lt;boats&gt;" in letter.html
    assert "Bins & <boats>" in letter.text


def test_a_reader_is_told_how_to_leave_in_the_publication_s_language(issue, settings, make):
    german = make.settings(settings, publication={"language": "de"})
    document = compose(issue, german, now=make.at)
    tree = make.tree(document.html)
    assert tree.xpath("//a[@href='[[unsubscribe_url]]']/text()") == ["Abmelden"]
    assert "Abmelden: [[unsubscribe_url]]" in document.text


def test_a_language_without_a_form_for_one_does_not_get_the_english_one(speak):
    spoken = speak("xx", xx='[corrections.heading]\nother = "xx"\n')
    assert spoken.count("corrections.heading", 1) == "xx"


@pytest.mark.parametrize("language", ["en-GB", "cy"])
def test_the_desk_has_every_sentence_in_english_and_welsh(settings, make, language):
    publication = {"language": language}
    spoken = words(make.settings(settings, publication=publication), desk=True)
    assert spoken.faults == ()
    assert len(spoken.texts) > 600
