"""Reads where an event takes place and what it costs, as calendars and posts write it."""

import re
from dataclasses import dataclass

LONGEST_PLACE = 120
LONGEST_PRICE = 60
LONGEST_TEXT = 500  # characters; a longer one is no place
MOST_TEXT = 20_000  # characters that are searched for a price

_SERVICE = (
    r"(?:(?:microsoft\s+|ms\s+)?teams|google\s+(?:meet|hangouts)|zoom|webex|gotowebinar|gotomeeting"
    r"|skype|youtube|facebook\s+live|crowdcast|hopin)"
)
_ONLINE = re.compile(
    rf"(?:this\s+is\s+an?\s+)?(?:online|virtual|remote|webinar|live\s*stream|ar-?lein|{_SERVICE})"
    rf"(?:\s+(?:only|event|meeting|webinar|session|call))?"
    rf"(?:\s*(?:\(|via|on|over|by|with|[-–:,/])\s*(?:the\s+)?{_SERVICE}(?:\s+meeting)?\)?)?",
    re.IGNORECASE,
)
_AND_ONLINE = re.compile(
    rf"\s*(?:(?:,|;|/|\+|&|\(|-|–|\b(?:and|or|ac|neu)\b)\s*)+(?:also\s+)?(?:(?:on|via|by)\s+)?{_ONLINE.pattern}\)?\s*$",
    re.IGNORECASE,
)
_ONLINE_AND = re.compile(
    rf"^\s*{_ONLINE.pattern}\s*(?:/|\+|&|\b(?:and|or|ac|neu)\b)\s*(?:at\s+|in\s+)?", re.IGNORECASE
)
_SAYS_ONLINE = re.compile(
    rf"\b(?:webinar|gweminar|live\s*stream(?:ed)?|virtual (?:event|tour|meeting|conference|session)"
    rf"|online (?:event|course|talk|workshop|session|seminar|briefing|meeting|class|conference)"
    rf"|(?:on|via|over|by|ar|dros) {_SERVICE}|(?:held|taking place|runs?|join us) online"
    rf"|[(–|:,-]\s?(?:online|ar-?lein)(?=\s*(?:$|[).,|–-])))",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+", re.IGNORECASE)
_NO_PLACE = re.compile(
    r"(?:tbc|tba|tbd|to be (?:confirmed|announced|decided)|n/?a|none|unknown|various"
    r"(?: venues)?|-+)",
    re.IGNORECASE,
)
_COUNTRY = re.compile(r"(?:,\s*(?:united kingdom|uk|gb|great britain))+$", re.IGNORECASE)
_MONEY = r"[£€$]\s?\d{1,4}(?:,\d{3})*(?:\.\d{2})?"
_LABELLED = re.compile(
    r"^[^\w\n]{0,9}(?:(?:ticket\s+)?prices?|costs?|tickets?|entry|admission|fees?|pris|cost|tocynnau)"
    r"(?:\s+(?:prices?|costs?|fees?|from))?\s*[:–-]\s*(?P<price>\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_FREE = re.compile(
    r"\b(?:(?:this\s+is\s+a\s+|a\s+)?free\s+(?:(?:online|public|community|local|family|lunchtime)\s+)?"
    r"(?:event|entry|admission|webinar|workshop|session|talk|tickets?|to\s+attend|of\s+charge)"
    r"|(?:admission|entry|attendance|tickets?)\s+(?:(?:is|are)\s+)?free\b|am\s+ddim\b)",
    re.IGNORECASE,
)
_PAID = re.compile(
    rf"\b(?:tickets?|entry|admission|costs?|places?)\s+(?:(?:is|are|cost|costs|from|at|priced)\s+)*"
    rf"(?P<price>{_MONEY})",
    re.IGNORECASE,
)
_IS_PRICE = re.compile(rf"{_MONEY}|\bfree\b|\bam ddim\b|\bdonation", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Venue:
    """A place as a reader looks for it, and whether one can take part online."""

    place: str = ""
    online: bool = False


def venue(text: str) -> Venue:
    """Reads one line. A web address, or the name of a meeting service, is an online event."""
    written = text[:LONGEST_TEXT]
    bare = _ADDRESS.sub(" ", written)
    online = bare != written
    line = " ".join(bare.split()).strip(" ,;:|-–()")
    if _ONLINE.fullmatch(line):
        return Venue("", online=True)
    for pattern in (_AND_ONLINE, _ONLINE_AND):
        rest = pattern.sub("", line).strip(" ,;:|-–")
        if rest != line and rest:
            return Venue(_place(rest), online=True)
    return Venue(_place(line), online)


def is_online(text: str) -> bool:
    """True for a text that says that its event is online."""
    return bool(_SAYS_ONLINE.search(text[:LONGEST_TEXT]))


def price(text: str) -> str:
    """What a text says an event costs; "" where it does not say so plainly."""
    text = text[:MOST_TEXT]
    for match in _LABELLED.finditer(text):
        stated = re.split(r"(?<=[^\d])[.;|]\s|[.;|]$|\s[–-]\s", match["price"].strip())[0].strip()
        if len(stated) <= LONGEST_PRICE and _IS_PRICE.search(stated):
            return stated[:1].upper() + stated[1:]
    if paid := _PAID.search(text):
        return paid["price"].replace(" ", "")
    return "Free" if _FREE.search(text) else ""


def _place(line: str) -> str:
    if _NO_PLACE.fullmatch(line) or not re.search(r"\w", line):
        return ""
    return _COUNTRY.sub("", line)
