"""Reads a job's facts from its title and body: role, employer, places, closing date, salary."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Vacancy:
    """One advertised post. A field is empty where the board does not say."""

    role: str
    employer: str = ""
    place: str = ""
    places: int = 1
    closes: date | None = None
    salary: str = ""
    job_of_the_week: bool = False

    def closed(self, today: date) -> bool:
        """True if the closing date is before `today`. On the day itself the job is still open."""
        return self.closes is not None and self.closes < today


_OF_THE_WEEK = re.compile(
    r"[*\[(\s]*\b(?:featured )?job of the week\b[*\])\s]*[:!|–—-]*\s*", re.IGNORECASE
)
_NUMBER_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_COUNT = rf"(?P<n>\d{{1,2}}|{'|'.join(_NUMBER_WORDS)})"
_PLACES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\s*[(\[]\s*[x×]\s*{_COUNT}(?:\s+(?:posts?|roles?|positions?|places?))?\s*[)\]]",
        rf"\s*[(\[]\s*{_COUNT}\s*[x×]?\s*(?:posts?|roles?|positions?|vacancies|places?)\s*[)\]]",
        r"\s*[(\[]\s*(?P<n>\d{1,2})\s*[x×]\s*[)\]]",
        r"\s+[x×]\s?(?P<n>\d{1,2})(?=\s*(?:,|$|[|–—-]))",
    )
]
_EMPLOYER = re.compile(
    r"\b(councils?|borough|nhs|university|college|school|academy|trust|foundation|hospital|police"
    r"|constabulary|authority|association|agency|ministry|government|parliament|commission|service"
    r"|services|office|society|group|institute|charity|partnership|federation|fund|ltd|limited|plc"
    r"|llp|cic|inc|gmbh|museum|department for|cabinet)\b",
    re.IGNORECASE,
)
_POST = re.compile(
    r"\b(officer|manager|head|director|lead|leader|assistant|advis[eo]r|editor|designer"
    r"|co-?ordinator|apprentice|consultant|intern|producer|writer|specialist|strategist"
    r"|photographer|administrator|planner|developer|engineer|chief|deputy)s?$",
    re.IGNORECASE,
)
_TERMS = re.compile(
    r"\b(maternity|paternity|cover|fixed|permanent|temporary|interim|contract|secondment|part|full"
    r"|time|hybrid|remote|home|flexible|months?|days?|hours|week|grade|band|salary|internal"
    r"|external|digital|media|place|campaigns?)\b|[£\d]",
    re.IGNORECASE,
)


def parse_title(title: str, *, employer: str = "") -> Vacancy:
    """Splits a board's headline into its facts. A fact that it does not state stays empty.

    Where the board gives the `employer` in a field of its own, only that name is cut off the role.
    """
    text = " ".join(title.split())
    week = bool(_OF_THE_WEEK.search(text))
    text = _OF_THE_WEEK.sub(" ", text, count=1).strip(" *") if week else text
    text, places = _count(text)
    text = text.strip(" ,|–—-") or " ".join(title.split())
    if employer:
        suffix = rf"(?:\s*[,|@–—-]\s*|\s+at\s+){re.escape(employer)}\s*$"
        role = re.sub(suffix, "", text, flags=re.IGNORECASE) or text
        return Vacancy(role, employer, places=places, job_of_the_week=week)
    role, employer, place = _split(text)
    return Vacancy(role, employer, place, places, job_of_the_week=week)


def _count(text: str) -> tuple[str, int]:
    for pattern in _PLACES:
        if match := pattern.search(text):
            number = match["n"].lower()
            places = _NUMBER_WORDS.get(number) or int(number)
            return text[: match.start()] + text[match.end() :], max(1, places)
    return text, 1


def _split(text: str) -> tuple[str, str, str]:
    """Role, employer, place, by the most reliable separator. A dash is the least reliable one."""
    for split in (_by_bar, _by_at, _by_comma, _by_dash):
        if facts := split(text):
            return facts
    return text, "", ""


def _by_bar(text: str) -> tuple[str, str, str] | None:
    parts = [part.strip() for part in text.split(" | ") if part.strip()]
    if len(parts) < 2:  # noqa: PLR2004 - a role and an employer
        return None
    if _EMPLOYER.search(parts[0]) and _POST.search(parts[1]):
        parts[:2] = parts[1], parts[0]
    return parts[0], parts[1], ", ".join(parts[2:])


def _by_at(text: str) -> tuple[str, str, str] | None:
    match = re.search(r"^(.+)(?: at | @ )(?!large\b)(.+)$", text, re.IGNORECASE)
    if not match:
        return None
    employer, _, place = match[2].partition(", ")
    return match[1].strip(" ,"), employer.strip(), place.strip()


def _by_comma(text: str) -> tuple[str, str, str] | None:
    parts = _outside_brackets(text)
    named = [i for i, part in enumerate(parts) if i and _EMPLOYER.search(part)]
    if named:
        at = named[-1]
        return ", ".join(parts[:at]), parts[at], ", ".join(parts[at + 1 :])
    last = parts[-1]
    if len(parts) == 1 or _POST.search(last) or last.lower().startswith(("and ", "& ")):
        return None
    return ", ".join(parts[:-1]), last, ""


def _by_dash(text: str) -> tuple[str, str, str] | None:
    parts = [part.strip() for part in re.split(r"\s[–—-]\s|:\s", text)]
    if len(parts) == 1 or not all(parts):
        return None
    first, last = parts[0], parts[-1]
    likely = _EMPLOYER.search(last) or (last[:1].isupper() and not _TERMS.search(last))
    if likely and not _POST.search(last):
        return text[: text.rindex(last)].rstrip(" –—-:"), last, ""
    if _EMPLOYER.search(first) and _POST.search(last):
        return text[text.index(first) + len(first) :].lstrip(" –—-:"), first, ""
    return None


def _outside_brackets(text: str) -> list[str]:
    """Splits at commas that are not inside brackets: “officer (media, events), a council”."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "([") - (char in ")]" and depth > 0)
        if char == "," and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()] or [text]


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+(?:the\s+)?)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>20\d\d)\b)?"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
        r"\b(?P<day>\d{1,2})(?P<s>[/.-])(?P<month>\d{1,2})(?P=s)(?P<year>20\d\d|\d\d)(?!\d)",
        rf"\b{_WEEKDAY}{_DAY}\s+(?:of\s+)?{_MONTH}{_YEAR}",
        rf"\b{_WEEKDAY}{_MONTH}\s+{_DAY}\b{_YEAR}",
    )
]
_CLOSING = re.compile(
    r"\b(closing date|closing(?=\s*(?::|[–-]|on\b|at\b|by\b|midnight|noon|\d))|closes|deadline"
    r"|(?:apply|applications?|appl\w+ (?:close|due)) by"
    r"|applications? (?:must|should|need)[^.\n]{0,40}? by|applications? (?:close|end|due)"
    r"|last (?:date|day) (?:for|to)|expir(?:es|y)|apply before|open until)\b",
    re.IGNORECASE,
)
_NOT_CLOSING = re.compile(
    r"\b(interview|shortlist|start|published|posted|assessment)", re.IGNORECASE
)
_REACH = 90  # characters between the word and its date
_LOOK_BACK = timedelta(days=60)  # a post may be announced again after it has closed


def closing_date(text: str, *, published: date | None) -> date | None:
    """The last day for applications that a body names, in the ways the British write dates.

    Where the year is missing, the weekday decides, or else the first such day that is not long
    before `published`. Without either the date is not known.
    """
    for word in _CLOSING.finditer(text):
        reach = text[word.end() : word.end() + _REACH]
        if other := _NOT_CLOSING.search(reach):
            reach = reach[: other.start()]
        if extended := re.search(r"extended (?:to|until)", reach, re.IGNORECASE):
            reach = reach[extended.end() :]
        for match in sorted(_mentions(reach), key=lambda match: match.start()):
            if day := _resolved(match, published):
                return day
    return None


def _mentions(text: str) -> Iterator[re.Match[str]]:
    return (match for pattern in _DATES for match in pattern.finditer(text))


def _resolved(match: re.Match[str], published: date | None) -> date | None:
    parts = match.groupdict()
    name = parts["month"].lower()
    month = int(name) if name.isdigit() else _MONTHS.index(name[:3]) + 1
    if parts.get("year"):
        year = int(parts["year"])
        return _date(year if year > 99 else year + 2000, month, int(parts["day"]))  # noqa: PLR2004 - two digits
    if published is None or published.year <= date.min.year:
        return None
    years = range(published.year - 1, published.year + 3)
    days = [day for y in years if (day := _date(y, month, int(parts["day"])))]
    likely = [day for day in days if day >= published - _LOOK_BACK]
    if weekday := parts.get("weekday"):
        named = [d for d in likely if d.weekday() == _WEEKDAYS.index(weekday[:3].lower())]
        near = [d for d in named if d - published < timedelta(days=330)]
        likely = near or likely
    return likely[0] if likely else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_AMOUNT = r"\d[\d,]{0,14}"  # more digits are no pay, and Python refuses to read thousands
_SUM = rf"£\s?{_AMOUNT}(?:\.\d{{1,2}})?(?:\s?k\b)?(?![\d,]*\d|\s?(?:m|bn|million|billion)\b)"
_PER = (
    r"(?:(?:per|an?|/)\s?(?:annum|year|hour|day|week|month)|p\.?a\b\.?"
    r"|pro[ -]rata|plus [a-z ]{3,30}?allowance)"
)
_SALARY = re.compile(
    rf"(?:(?:up to|from|circa|around|c\.?)\s?)?{_SUM}"
    rf"(?:\s?(?:-|–|—|to|rising to|and)\s?(?:£\s?)?{_AMOUNT}(?:\.\d{{1,2}})?(?:\s?k\b)?(?!\d))?"
    rf"(?:,?\s?\(?{_PER}\)?)*",
    re.IGNORECASE,
)
_SMALL = 1000  # pounds; less is pay only by the hour, day or week


def salary(text: str) -> str:
    """The pay in the body's own words (“£32,076 – £36,124 per annum”); empty if it names none."""
    plain = " ".join(text.split())
    after = re.search(r"\b(?:salary|pay|remuneration)\b", plain, re.IGNORECASE)
    places = [plain[after.end() : after.end() + 120], plain] if after else [plain]
    for place in places:
        for match in _SALARY.finditer(place):
            if _is_pay(match[0]):
                return match[0].strip(" ,(")
    return ""


def _is_pay(text: str) -> bool:
    number = re.search(_AMOUNT, text)
    if not number:
        return False
    amount = int(number[0].replace(",", "") or 0)
    return amount >= _SMALL or bool(re.search(r"k\b|hour|day|week", text, re.IGNORECASE))


_WHERE = re.compile(
    r"^[^\w\n]*(?:location|based (?:in|at)|place)[ ]*[:–-][ ]*([^\n|;]{2,60}?)[ ]*[.;|]?[ ]*$",
    re.IGNORECASE | re.MULTILINE,
)


def location(text: str) -> str:
    """The place of work that a line of the body names (“Location: Leeds”); empty if none does."""
    match = _WHERE.search(text)
    return match[1] if match else ""
