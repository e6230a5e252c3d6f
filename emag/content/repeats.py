"""Takes from an advert's text what is printed beside it: pay, place, hours and closing date."""

import re

from emag.content import deadline
from emag.content.pay import PAY
from emag.content.vacancy import Vacancy

_LABELS = (
    r"salary|pay|remuneration|compensation|package|(?:job |work )?location|place of work|base"
    r"|hours|working pattern"
    r"|contract(?: type)?|job type|employment type|position type|tenure|term|grade|band"
    r"|closing date(?: and time)?|closing"
    r"|closes|deadline|(?:application|vacancy|advert|posting) (?:deadline|end date"
    r"|closing date)|interview(?: date)?s?"
    r"|interviews?(?: will be)? held|start date|posted|date posted|reference"
    r"|job ref(?:erence)?|ref(?: no)?|vacancy (?:id|number)|job id"
    r"|department|directorate|team|service|employer|organisation|company|reports to"
    r"|responsible to|category|sector"
    r"|cyflog|lleoliad|oriau|contract|dyddiad cau|dyddiad cyfweld|cyfeirnod|adran"
)
_LABEL = re.compile(rf"\b(?:{_LABELS})[ ]*(?::|\s[–-]\s|\|)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"“‘'(]?[A-Z0-9£])|\s+[·|•]\s+")
_ENOUGH = 500  # characters; nobody prints more
_FEW = 9  # words of a sentence that says no more than the place


def without_terms(text: str, vacancy: Vacancy) -> str:
    """The start of the advert's prose, a line a block, without the terms that `vacancy` holds."""
    lines = (line.strip(" *·•|–-") for line in text.splitlines())
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
    if _LABEL.match(line):
        return ""
    return " ".join(s for s in _SENTENCE.split(line) if s and not _repeats(s, vacancy))


def _repeats(sentence: str, vacancy: Vacancy) -> bool:
    """True for a sentence that is there to name a term."""
    if len(_LABEL.findall(sentence)) > 1 or _LABEL.match(sentence):
        return True
    if vacancy.salary and PAY.search(sentence):
        return True
    if vacancy.closes and deadline.read(sentence, published=vacancy.closes).day:
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
