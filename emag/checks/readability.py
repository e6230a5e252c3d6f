"""Estimates how many years of school an English text asks for, by Flesch and Kincaid's formula."""

import re
from functools import lru_cache

FIRST_YEAR = 5  # the age at which school begins
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)]*(?:\s|$)|\n\s*(?:\n|[-*#>+]|\d+\.)")
_ADDRESS = re.compile(r"\]\([^)]*\)|<?https?://\S+")  # of links in Markdown
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^laeiouycgsxzh]es|[^tdaeiouy]ed|[^laeiouy]e|[aeiouy]le?s?e)$")
# Two vowels that are spoken apart.
_APART = re.compile(r"(?<![cstg])i(?:a|o(?!u?n)|en|et)|ie(?=ty)|e(?:a\b|ing|ol)|ua[lt]|uiet")


def reading_age(text: str) -> float:
    """The age of readers whom the text suits, in years; 0 for a text without words.

    The text may be Markdown.
    """
    text = _prose(text)
    words = _WORD.findall(text)
    if not words:
        return 0.0
    sentences = max(1, len(_SENTENCE_END.findall(text)))
    per_sentence = len(words) / sentences
    per_word = sum(map(syllables, words)) / len(words)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59 + FIRST_YEAR


def count_words(text: str) -> int:
    """How many words the sentences of the text have."""
    return len(_WORD.findall(_prose(text)))


def _prose(text: str) -> str:
    """The text up to its last full stop, without addresses: the rest is no sentence."""
    text = _ADDRESS.sub(" ", text)
    return text[: max(text.rfind(mark) for mark in ".!?…") + 1]


@lru_cache(maxsize=4096)
def syllables(word: str) -> int:
    """About how many syllables an English word has."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    count = len(_VOWELS.findall(word)) + len(_APART.findall(word))
    if _SILENT.search(word):
        count -= 1
    return max(1, count)
