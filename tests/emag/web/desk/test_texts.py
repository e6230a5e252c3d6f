"""The desk has the same texts in each of its languages, with the same values to fill in."""

import string
import tomllib

import pytest

from emag.settings import shipped_templates

FOLDER = shipped_templates() / "words" / "desk"
LANGUAGES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
PAGES = sorted(path.name for path in (FOLDER / "en").glob("*.toml"))


def texts(language: str, page: str) -> dict[str, str]:
    """The texts of a page by key; of plurals, only the general form."""

    def flat(table: dict, above: str) -> dict[str, str]:
        found_texts: dict[str, str] = {}
        for key, value in table.items():
            if isinstance(value, dict):
                found_texts |= flat(value, f"{above}{key}.")
            elif not key.isdigit():
                found_texts[above + key] = value
        return found_texts

    return flat(tomllib.loads((FOLDER / language / page).read_text(encoding="utf-8")), "")


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_a_file(language):
    assert sorted(path.name for path in (FOLDER / language).glob("*.toml")) == PAGES


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_are_the_same_in_each_language(language, page):
    english, translated = texts("en", page), texts(language, page)
    assert sorted(translated) == sorted(english)
    different = [key for key, text in english.items() if not has_slots(translated[key], text, key)]
    assert different == []


def has_slots(text: str, original: str, key: str) -> bool:
    """The same values; a sentence of a verb may leave out what only a terminal needs."""
    if key.startswith("sentence."):
        return slots(text) <= slots(original)
    return slots(text) == slots(original)
