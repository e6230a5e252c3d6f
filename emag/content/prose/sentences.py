"""Splits text into sentences, and knows abbreviations, initials and numbers."""

import re

from emag.content.prose.block import words

# Never the last word of a sentence: a name or a number follows.
_TITLES = words(
    "mr mrs ms mx dr prof rev revd hon st ste mt gen col lt sgt capt cllr supt insp gov sen "
    "rep pres messrs vs v eg ie e.g i.e viz cf al approx incl excl aka mme cyng parch"
)
# Abbreviations only before a number.
_BEFORE_NUMBERS = words(
    "no nos p pp fig figs vol vols ch sec para ed art tel ext ref c ca jan feb mar apr jun "
    "jul aug sep sept oct nov dec mon tue tues wed weds thu thur thurs fri sat sun max min pt ep "
    "rhif tud"
)
# They may end a sentence: the next word decides.
_EITHER = words("co inc ltd plc corp jr sr bros dept est etc ave rd blvd sq a.m p.m")
_STARTERS = words(
    "the a an it its in on at by for from with and but or so if as we our they their he she "
    "his her i you your this that these those there here when while what who how why more "
    "most all some after before since now then not one two both each every last next today "
    "yesterday"
)
_MONTHS = words(
    "januar februar märz april mai juni juli august september oktober november dezember"
)
_END = re.compile(r"(?:[.!?…]+|[。！？])[\"'”’»)\]]*(?=\s+|$|(?<=[。！？]))")
_WORD = re.compile(r"[\"'“‘«(\[]*([\w.’'&-]*)")
_DOTTED = re.compile(r"(?:[a-z]\.)+[a-z]", re.IGNORECASE)
_CUT = re.compile(r"\s*(?:[\[(]\s*(?:…|\.{3,})\s*[\])]|(?<![.…])(?:\s?…|\s?\.{3,}))\s*$")
_CUT_ENDS = ("…", "...", "]", ")")


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph. The last one may lack its full stop."""
    parts, start = [], 0
    for end in _END.finditer(text):
        if _is_end(text, start, end):
            parts.append(text[start : end.end()].strip())
            start = end.end()
    parts.append(text[start:].strip())
    return [part for part in parts if any(map(str.isalnum, part))]


def is_whole(sentence: str) -> bool:
    """True for a sentence with its full stop, or another sign that it is over."""
    return sentence.rstrip("\"'”’»)]* ").endswith((".", "!", "?", "…", "。", "！", "？"))


def cut_off(text: str) -> str | None:
    """The text before its final ellipsis; None where it has none."""
    end = _CUT.search(text) if text.rstrip().endswith(_CUT_ENDS) else None
    return text[: end.start()].rstrip() if end else None


def ended(text: str) -> str:
    """The text with a full stop, if it has no sign of its own at its end."""
    if is_whole(text) or text.endswith((":", ";", "—", "–")):
        return text
    return text.rstrip(" ,") + "."


def _is_end(text: str, start: int, end: re.Match[str]) -> bool:
    rest = text[end.end() :].lstrip()
    if not rest or end[0][0] in "。！？":
        return True
    following = _WORD.match(rest)
    word = following[1] if following else ""
    if word[:1].islower():
        return False
    if end[0].rstrip("\"'”’»)]") != ".":
        return True
    return _ends_after(text[start : end.start()], word)


def _ends_after(before: str, following: str) -> bool:
    """True if the full stop after `before` ends a sentence, and is not that of an abbreviation."""
    last = before.rpartition(" ")[2].lstrip("(“‘\"'[")
    name = last.casefold()
    if name in _TITLES:
        return False
    is_initial = len(last) == 1 and last.isalpha() and last.isupper() and last != "I"
    if is_initial:
        return following.casefold() in _STARTERS
    if name in _BEFORE_NUMBERS:
        return not following[:1].isdigit()
    if name in _EITHER or _DOTTED.fullmatch(last):
        return following.casefold() in _STARTERS
    if last.isdigit():  # “1. First of all”, “22. November”
        return last != before.strip() and following.casefold() not in _MONTHS
    return True
