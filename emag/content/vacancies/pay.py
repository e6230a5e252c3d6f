"""Finds the pay that an advert names, in its own words."""

import re

_AMOUNT = r"\d(?:[\d,]{0,13}\d)?"  # more digits are no pay, and Python refuses to read thousands
_TAIL = r"(?:\.\d{1,2})?(?:\s?k\b)?"
_SUM = rf"[£€]\s?{_AMOUNT}{_TAIL}(?![\d,]*\d|\s?(?:m|bn|million|billion)\b)"
_PER = (
    r"(?:(?:f\.?t\.?e\.?|full[ -]time equivalent|actual|pro[ -]rata)(?: salary)?:? "
    rf"[£€]\s?{_AMOUNT}"
    r"|(?:per|an?|/|the)\s?(?:annum|year|hour|day|week|month)|p\.?a\b\.?|ph\b|pd\b|y flwyddyn"
    r"|pro[ -]rata|f\.?t\.?e\b\.?"
    rf"|(?:plus|\+) (?:[£€]\s?{_AMOUNT} )?(?:[a-z]{{2,20}} ){{0,3}}(?:allowance|weighting|benefits"
    r"|bonus|car|pension|holiday pay)\b"
    rf"|[£€]\s?{_AMOUNT} (?:f\.?t\.?e\b|full[ -]time equivalent|pro[ -]rata|actual)"
    r"|depending on experience|doe\b)"
)
PAY = re.compile(
    r"(?:\b(?:salary|pay|(?:day|daily|hourly) rate(?: of)?)[: ]\s?)?"
    rf"(?:\b(?:up to|from|between|circa|around|c\.?|starting (?:at|on)|ots?)\s?)?{_SUM}"
    rf"(?:(?:\s?(?:-|–|—|to)|,?\s?rising to)\s?(?:up to )?(?:[£€]\s?)?{_AMOUNT}{_TAIL}(?!\d)"
    rf"|,?\s?and\s(?:up to )?[£€]\s?{_AMOUNT}{_TAIL}(?!\d))?"
    rf"(?:,?\s?\(?{_PER}\)?){{0,4}}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:salary|pay|remuneration|package|compensation|cyflog|wage)\b", re.IGNORECASE
)
_OPENING = re.compile(r"^(?:salary|pay)[: ]\s?", re.IGNORECASE)
_LINE = re.compile(
    r"\b(?:salary|pay|remuneration|compensation|cyflog)(?: (?:range|scale|band))?[ ]*:"
    r"[ ]*(?P<pay>[^\n|]{3,80})",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[£€$₱¥₹]\s?\d|\d\s?[£€$]|\b(?:GBP|EUR|USD)\b")
_LONGEST = 30_000  # characters of an advert
_LARGE = 500_000  # pounds; more is nobody's pay
_SMALL = 1000  # pounds; less is pay only by the hour, day or week


def salary(text: str) -> str:
    """The pay in the body's own words (“£32,076 – £36,124 per annum”); empty if it names none."""
    text = text[:_LONGEST]
    plain = " ".join(text.split())
    after = _LABEL.search(plain)
    places = [plain[after.end() : after.end() + 120], plain] if after else [plain]
    for place in places:
        for match in PAY.finditer(place):
            if _is_pay(match[0]) and not _is_other_money(place, match):
                return _balanced(_OPENING.sub("", match[0]).strip(" ,("))
    return _foreign(text)


def _foreign(text: str) -> str:
    line = _LINE.search(text)
    if not line or not _MONEY.search(line["pay"]):
        return ""
    return re.split(r"\.\s|;", line["pay"])[0].strip(" .,")


def _balanced(text: str) -> str:
    """The text without a bracket that is not closed, or not opened."""
    if text.count("(") > text.count(")"):
        return text.rpartition("(")[0].rstrip(" ,")
    return text.rstrip(")") if text.count(")") > text.count("(") else text


_OTHER_BEFORE = re.compile(
    r"\b(?:turnover|budgets?|income|raised?|raising|grants?|worth|funding|funds?|saved?|saving"
    r"|revenue"
    r"|invest\w*|spend\w*|portfolio|donat\w+|prizes?)\b[^.£€]{0,30}$",
    re.IGNORECASE,
)
_OTHER_AFTER = re.compile(
    r"\s?(?:\w+ )?(?:budgets?|turnover|funds?|grants?|project|programme|campaign|contract"
    r"|portfolio|prize"
    r"|award|investment|appeal|target|scheme|of funding)\b",
    re.IGNORECASE,
)


def _is_other_money(text: str, match: re.Match[str]) -> bool:
    """True for a budget, a turnover and the like."""
    before = text[max(0, match.start() - 60) : match.start()]
    return bool(_OTHER_BEFORE.search(before) or _OTHER_AFTER.match(text, match.end()))


def _is_pay(text: str) -> bool:
    number = re.search(_AMOUNT, text)
    if not number:
        return False
    amount = int(number[0].replace(",", "") or 0)
    if amount > _LARGE:
        return False
    return amount >= _SMALL or bool(re.search(r"k\b|hour|day|week|\bp[hd]\b", text, re.IGNORECASE))
