"""Takes from an advert's text what is printed beside it: pay, place, hours and closing date."""

import re

from emag.content.vacancies import deadline
from emag.content.vacancies.labels import NAMES, joined
from emag.content.vacancies.pay import PAY
from emag.content.vacancies.segments import Nature, nature
from emag.content.vacancies.vacancy import Vacancy

_LABEL = re.compile(rf"\b(?:{NAMES})[ ]*(?::|\s[–-]\s|\|)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"“‘'(]?[A-Z0-9£])|\s+[·|•]\s+")
# What every advert says in the same words.
_APPLYING = re.compile(
    r"(?:to apply\b|how to apply|apply (?:now|online|here|at|via|by)\b|(?:the )?(?:interviews?"
    r"|sift\w*)\b"
    r"|for (?:an informal|more|further|any)\b|please (?:apply|see|visit|contact|note|send"
    r"|click|read)\b"
    r"|we reserve the right|cynhelir|i wneud cais|am (?:sgwrs|ragor|fwy))",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s*\([^()]{4,90}\)")
_ENOUGH = 500  # characters; nobody prints more
_SHORT = 60  # characters of a line of terms
_FEW = 9  # words of a sentence that says no more than the place


def without_terms(text: str, vacancy: Vacancy) -> str:
    """The start of the advert's prose, a line a block, without the terms that `vacancy` holds."""
    lines = (line.strip(" *·•|–-") for line in joined(text).splitlines())
    prose: list[str] = []
    for line in filter(None, lines):
        prose += [words] if (words := _prose(line, vacancy)) else []
        if sum(map(len, prose)) > _ENOUGH:
            break
    return "\n".join(prose)


def _prose(line: str, vacancy: Vacancy) -> str:
    rest = line.casefold()
    for name in filter(None, (vacancy.role, vacancy.employer, vacancy.place, vacancy.salary)):
        rest = rest.replace(name.casefold(), "")
    if not re.search(r"\w", rest):  # the headline once more
        return ""
    line = _BRACKET.sub(lambda bracket: _without_terms(bracket[0], vacancy), line)
    prose = " ".join(s for s in _SENTENCE.split(line) if s and not _repeats(s, vacancy))
    place = re.escape(vacancy.place) if vacancy.place else r"(?!)"
    based = re.match(rf"based (?:in|at) (?:our )?{place}, (?P<rest>\w)", prose, re.IGNORECASE)
    return based["rest"].upper() + prose[based.end() :] if based else prose


def _without_terms(bracket: str, vacancy: Vacancy) -> str:
    """Nothing for “(£40,000, closing 29 March)”."""
    is_pay = bool(vacancy.salary and PAY.search(bracket))
    return "" if is_pay or _names_closing(bracket, vacancy) else bracket


def _names_closing(text: str, vacancy: Vacancy) -> bool:
    closes = vacancy.closes
    return bool(closes and deadline.read(text, published=closes).day)


def _is_term(sentence: str) -> bool:
    """True for “Full-time, permanent.” and “Leeds (hybrid)”."""
    words = sentence.strip(" .")
    return len(words) < _SHORT and nature(words) in {Nature.TERM, Nature.MODE, Nature.PLACE}


def _repeats(sentence: str, vacancy: Vacancy) -> bool:
    """True for a sentence that is there to name a term."""
    if len(_LABEL.findall(sentence)) > 1 or _LABEL.match(sentence):
        return True
    if _APPLYING.match(sentence) or _is_term(sentence):
        return True
    if vacancy.salary and PAY.search(sentence):
        return True
    if _names_closing(sentence, vacancy):
        return True
    place = vacancy.place.casefold()
    return (
        bool(place)
        and place in sentence.casefold()
        and len(sentence.split()) < _FEW
        and bool(
            re.search(
                r"\b(?:based|located|location|office|working from)\b", sentence, re.IGNORECASE
            )
        )
    )
