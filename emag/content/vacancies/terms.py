"""Finds an advert's terms in its body: place, hours, contract, and where the work is done."""

import re

from emag.content.vacancies.segments import Nature, nature, town

_LONGEST = 30_000  # characters; terms stand near an advert's start or end
_VALUE = r"[ ]*(?:[:|]|[–-])[ ]*\n?[ ]*(?P<value>[^\n|;]{1,80}?)[ ]*(?:\.(?!\d)|[;|]|$)"


def _labelled(names: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:^|[|;.])[^\w\n]{{0,4}}(?:{names}){_VALUE}", re.IGNORECASE | re.MULTILINE
    )


_PLACE = _labelled(
    r"(?:job |work |main )?location|(?:place|base) of work|base|based (?:in|at)|place"
    r"|workplace|where"
    r"|office(?: location)?|town|lleoliad"
)
_PLACE_SENTENCE = re.compile(
    r"(?:\b(?:(?:role|post|job|position|you|vacancy|team)(?: is| will be|’ll be|'ll be| are|’re)?"
    r"(?: mainly| primarily)?|be) (?:based|located)|(?:^|[.!?|]\s+)Based) (?:in|at|from) (?:our )?"
    r"(?P<value>[A-Z][\w’'-]+(?:(?:[ -](?:upon|on|in|under|of|le|by|the"
    r"|and))*[ -][A-Z][\w’'-]+){0,3}(?:, [A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?(?=\s*(?:\.|\n|$)))?)",
    re.MULTILINE,
)
_OFFICE = re.compile(
    r"\b(?:at|in|from|to) our (?P<value>[A-Z][\w’'-]+(?:[ -][A-Z]?[\w’'-]+){0,3}?) "
    r"(?:offices?|headquarters|HQ|studio|newsroom|campus|site)\b"
)
_BRACKET = re.compile(
    r"\s*[(\[][^()\[\]]*(?:hybrid|remote|home|agile|flexib|office)[^()\[\]]*[)\]]", re.IGNORECASE
)
_WORKING = [
    (
        "hybrid",
        re.compile(
            r"\bhybrid(?: |-)?(?:work\w*|role|post|pattern|model|policy|arrangements?)?\b"
            r"|\b(?:working|work) (?:partly )?from home[^.\n]{0,15}"
            r"\b(?:one|two|three|four|[1-4]) days?\b"
            r"|\b(?:one|two|three|four|[1-4]) days?(?: (?:a|per|each) week)?"
            r" (?:in|at|from) (?:the|our) (?:\w+ )?office\b"
            r"|\bagile working\b|\bblended working\b|\bgweithio hybrid\b|\bhybrid\b",
            re.IGNORECASE,
        ),
    ),
    (
        "remote",
        re.compile(
            r"\b(?:fully|100%|entirely|completely) remote\b|\bremote(?: working|ly|-first"
            r"| role| post)?\b"
            r"|\bhome[- ]?based\b|\bhomework(?:er|ing)\b|\bwork(?:ing)? from home\b"
            r"|\bgweithio o gartref\b",
            re.IGNORECASE,
        ),
    ),
]
_NO = re.compile(r"\b(?:no|not|cannot|isn’t|isn't|unable to|without)\b[^.\n]{0,30}$", re.IGNORECASE)
_HOURS_LABEL = _labelled(
    r"(?:working |weekly |contracted )?hours(?: of work| per week)?|work(?:ing)? pattern"
    r"|oriau(?: gwaith)?"
)
_HOURS = re.compile(
    r"\b\d{1,2}(?:[.,]\d{1,2})?(?:\s?(?:-|–|to)\s?\d{1,2}(?:[.,]\d{1,2})?)?\s?(?:hours?|hrs?|awr)"
    r"(?:\s?(?:per|a|each|/|yr|p\.?)\s?(?:week|w\b|wythnos)|\s?weekly|\s?pw\b)?",
    re.IGNORECASE,
)
_WEEKLY = re.compile(r"week|pw\b|wythnos|p\.?w", re.IGNORECASE)
_BARE_HOURS = re.compile(r"(\d{1,2}(?:\.\d{1,2})?)( (?:per|a|each) week| pw)?", re.IGNORECASE)
_CLOCKED = re.compile(
    r"\b(full|part)[- ]time\b|\b(llawn amser|amser llawn"
    r"|rhan amser)\b",
    re.IGNORECASE,
)
_CONTRACT_LABEL = _labelled(
    r"(?:contract|job|employment|position|vacancy)(?: type| status| term| length)|contract"
    r"|tenure|duration|math o gytundeb|contract"
)
_CONTRACT = re.compile(
    r"\b(?:permanent|parhaol|(?:\d{1,2}|six|nine|twelve|eighteen|two|three)[- ](?:months?"
    r"|years?) contract|(?:(?:\d{1,2}|six|nine|twelve|eighteen|two|three)[- ](?:months?"
    r"|years?)[’']?[ -]?)?(?:fixed[- ]term|temporary|interim|secondment"
    r"|maternity cover|paternity cover|maternity leave cover|dros dro)(?: contract| cover)?"
    r"(?: (?:for|of|until|to)(?: up to)? (?:\d{1,2}|six|nine|twelve|eighteen|two"
    r"|three) (?:months?|years?)"
    r"| (?:until|to) (?:\d{1,2} )?[A-Z][a-z]{2,8} 20\d\d)?)\b"
    r"(?:,? \((?:up to )?\d{1,2} (?:months?|years?)\)|,?\s(?:[–-]\s)?\d{1,2} months\b)?",
    re.IGNORECASE,
)
_NOT_A_CONTRACT = re.compile(
    r"(?:temporary|permanent|interim) (?:exhibition|collection|secretar|accommodation|residen"
    r"|staff|team|home|display|road|traffic)",
    re.IGNORECASE,
)


_EMPLOYER = _labelled(r"employer(?: name)?|name of employer|organisation|company|cyflogwr")
_PLACES = _labelled(
    r"(?:number|no\.?) of (?:jobs|posts|positions|roles|vacancies)(?: available)?"
    r"|positions available"
)


def employer(text: str) -> str:
    """The employer that a line of the body names; empty if none does."""
    match = _EMPLOYER.search(text[:_LONGEST])
    return match["value"].strip(" ,.") if match else ""


def places(text: str) -> int:
    """The number of posts that a line of the body names; 1 if none does."""
    match = _PLACES.search(text[:_LONGEST])
    number = match["value"].strip() if match else ""
    return max(1, int(number)) if re.fullmatch(r"\d{1,2}", number, re.ASCII) else 1


def place(text: str) -> str:
    """The place of work that the body names (“Location: Leeds”); empty if it names none."""
    text = text[:_LONGEST]
    match = _PLACE.search(text) or _PLACE_SENTENCE.search(text)
    if match:
        value = " ".join(_BRACKET.sub("", match["value"]).split())
        place = town(value)
        return value.partition(",")[0] if place.startswith(("with ", "and ", "or ")) else place
    office = _OFFICE.search(text)
    return office["value"] if office and nature(office["value"]) is Nature.PLACE else ""


def working(text: str) -> str:
    """“hybrid” or “remote” where the text says so; empty if it does not."""
    text = text[:_LONGEST]
    for name, words in _WORKING:
        for match in words.finditer(text):
            if not _NO.search(text[max(0, match.start() - 40) : match.start()]):
                return name
    return ""


def hours(text: str) -> str:
    """The hours in the body's own words (“37 hours a week”, “part time”); empty if it has none."""
    text = text[:_LONGEST]
    label = _HOURS_LABEL.search(text)
    if label and (_HOURS.search(label["value"]) or _CLOCKED.search(label["value"])):
        return label["value"].strip(" ,.")
    if label and (bare := _BARE_HOURS.fullmatch(label["value"])):
        return f"{bare[1]} hours{bare[2] or ''}"
    weekly = (m[0] for m in _HOURS.finditer(text) if _WEEKLY.search(m[0]))
    clocked = _CLOCKED.search(text)
    return next(weekly, clocked[0].lower() if clocked else "")


def contract(text: str) -> str:
    """The kind of contract in the body's own words; empty if it names none."""
    text = text[:_LONGEST]
    label = _CONTRACT_LABEL.search(text)
    if label and (match := _CONTRACT.search(label["value"])):
        return match[0]
    kinds = (m for m in _CONTRACT.finditer(text) if not _NOT_A_CONTRACT.match(text, m.start()))
    return next((match[0] for match in kinds), "")
