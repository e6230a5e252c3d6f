"""Takes from a vacancy's headline what is no role, employer or place: flags, counts and pay."""

import re
from dataclasses import dataclass

from emag.content.vacancies import bodies
from emag.content.vacancies.pay import PAY
from emag.content.vacancies.segments import PLURAL_POST, POST, Nature, nature


@dataclass(frozen=True, slots=True)
class BareHeadline:
    """A headline without its flags, counts and pay, and what these said."""

    text: str
    places: int = 1
    place: str = ""
    working: str = ""
    job_of_the_week: bool = False


_OF_THE_WEEK = re.compile(
    r"[*\[(\s]*\b(?:featured )?(?:job of the week|swydd yr wythnos)\b[*\])\s]*[:!|–—-]*\s*",
    re.IGNORECASE,
)
_ANY = r"(?:(?!\s[–—-]\s)[^|)\]*!,])"
_FLAGS = (
    r"new(?:,? (?:role|job|post|vacancy|opportunity|closing date|deadline|date))?|newydd"
    r"|re-?\s?advert\w*|re-?\s?posted|repost|ail-?\s?hysbys\w*"
    rf"|(?:closing date|deadline|closing|applications?) (?:now |has been )?extended{_ANY}{{0,60}}"
    rf"|extended(?: (?:deadline|closing date)| (?:to|until) {_ANY}{{1,40}})?"
    rf"|(?:closing|closes|apply by|deadline|closing date|dyddiad cau|yn cau)(?:[: ]{_ANY}{{1,60}})"
    rf"|(?:ends|ending|expires|expiring) (?:soon|today|tonight|tomorrow|this|on|at){_ANY}{{0,40}}"
    rf"|last (?:chance|few days|call|day){_ANY}{{0,30}}|final (?:call|reminder"
    rf"|chance){_ANY}{{0,30}}"
    r"|re-?opened|still open|(?:just |only )?(?:\d{1,2}|one|two|three|a few)"
    r" (?:days?|weeks?) (?:left|to go)"
    r"|urgent(?:ly)?(?: required| hiring)?|reminder|updated|apply now|act fast|hot job|top job"
    r"|featured(?: job| role| vacancy)?|sponsored(?: job)?|promoted|exclusive|advert|advertisement"
    rf"|previous (?:applicants|candidates){_ANY}{{0,60}}"
    r"|(?:job |vacancy |post )?(?:ref(?:erence)?|id)(?: ?(?:no|number"
    r"|code))?[.: #]{1,3}[\w/ .-]{1,30}"
    r"|immediate start|multiple (?:roles|posts|positions|vacancies)"
)
_FLAG = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\s*[*\[(]{{1,3}}\s*(?:{_FLAGS})\s*!{{0,3}}\s*[*\])]{{1,3}}\s*[:–—-]?\s*",
        rf"^(?:{_FLAGS})\s*(?:!{{1,3}}|\s[–—|-]|:|\s\|)\s*",
        rf"\s*(?:\s[–—|-]|[,|!.])\s*(?:{_FLAGS})\s*!{{0,3}}$",
        rf"\s[–—|-]\s*(?:{_FLAGS})\s*!{{0,3}}(?=\s[–—|-]\s)",
    )
]
_ADVERTISED_AGAIN = re.compile(
    r"\s*[(\[]\s*(?:re-?\s?advert|re-?\s?posted)[^()\[\]]*[)\]]", re.IGNORECASE
)
# “Officer- Dales Council”, “Officer -Dales Council”
_TIGHT_DASH = re.compile(
    r"(?<=[^\W\d])[–—-]\s+(?!(?:and|or|to|neu)\b)(?=\w)|(?<=[\w)])\s+[–—-](?=[^\W\d])"
)
_SHOUTED_NEW = re.compile(
    r"^(?:NEW(?: ROLE| POST| JOB| VACANCY)?|RE-?ADVERTISE(?:D|MENT))\s+(?=[A-Z]?[a-z])"
)
_OPENING = re.compile(
    r"^(?:(?:current |latest |exciting |new |great |fantastic )*(?:job |career )?"
    r"(?:vacancy|vacancies|opportunity|job|job advert|swydd|swydd wag)"
    r"|we[’']?(?:re| are) (?:hiring|recruiting)(?: an?)?|now (?:hiring|recruiting)|hiring"
    r"|(?:staff )?wanted|join us|join us as|join (?:our|the) [^:!|–—]{3,40}"
    r"|come and work with us|work for us|advert)\s*(?:[:!]|\s[–—|-])\s*"
    r"|^(?:join us as|be(?:come)? our|(?:could|would) you (?:like to )?be(?:come)? our|are you our"
    r"|meet your|we need"
    r"|we[’']?(?:re| are) (?:hiring|recruiting|looking for|seeking|searching for)|wanted:?"
    r"|an? (?:exciting |great )?opportunity (?:for|to be(?:come)?)"
    r"|(?:exciting|great|new) (?:opportunity|role) (?:for|as))"
    r" (?:(?:an?|our|the)(?: (?:new|next))? |(?:new|next) )?(?=\w)",
    re.IGNORECASE,
)
# “Officer required”, “officer vacancy”: what the word says of an advert, not of a role.
_CLOSING_WORDS = re.compile(
    r"(?<=\w)(?<!\bjob)\s+(?:(?:urgently )?(?:required|wanted|needed|sought)"
    r"|(?:job |exciting )?(?:vacancy|vacancies|opportunity|opportunities|job|post|role|position)"
    r"(?: available)?)(?=\s*(?:$|\?|[,|(]|[–—-]\s|\b(?:at|with|for|in)\s))",
    re.IGNORECASE,
)
# “REQ0012345”, “CX/1142”, “(2041)” and points of a pay scale.
_CODE = re.compile(
    r"(?:\s*[(\[]|\s*,\s+|\s+[|–—-])\s*(?:(?:NJC\s+)?(?:SCP|spine points?|scale points?)\s*\d+"
    r"(?:\s*(?:-|–|to)\s*\d+)?|(?:NJC|Agenda for Change)"
    r"|(?=[\w/-]*\d{3})(?!20\d\d\b)[A-Z]{0,6}[-/_]?\d{3,}(?:[-/_]\w{1,8})*)"
    r"\s*(?:[)\]]|(?=$|,|\s[|–—-]))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^[A-Z]{0,4}\d{3,8}\s*(?:[–—|:-])\s+(?=[A-Za-z])")  # “2073 - Officer”
_MONEY_BRACKET = re.compile(r"\s*[(\[]([^()\[\]]*£\s?\d[^()\[\]]*)[)\]]")
_QUESTION = re.compile(r"^[^?|,–—]{3,80}\?\s+(?=\w)")
_POST_BEFORE = re.compile(rf"{POST.pattern}$", re.IGNORECASE)
_DECORATION = re.compile(r"^[^\w(\[*£\"“‘'&]+|[^\w)\]!?.’'\"”&*]+$")


def stripped(text: str) -> BareHeadline:
    """The headline without flags, counts and pay."""
    text = _ADVERTISED_AGAIN.sub("", _TIGHT_DASH.sub(" – ", text))
    is_best = bool(_OF_THE_WEEK.search(text))
    if is_best:
        text = _OF_THE_WEEK.sub(" ", text, count=1).strip(" *")
    for _ in range(3):
        text = _tidy(_OPENING.sub("", _without_flags(_without_question(text))))
    text, places = _counted(_CODE.sub("", _NUMBERED.sub("", text)))
    text = (_SHARED if places > 1 else _SUM).sub("", text)
    text = _MONEY_BRACKET.sub(_without_money, text)
    text = _tidy(PAY.sub("", _without_flags(text)))
    text = _CLOSING_WORDS.sub(_unless_lost, text, count=1)
    text, place, working = _brackets(text)
    return BareHeadline(_tidy(text), places, place, working, is_best)


def _without_flags(text: str) -> str:
    for pattern in _FLAG:
        shorter = pattern.sub(" ", text)
        text = shorter if shorter.strip() else text
    return _SHOUTED_NEW.sub("", text.strip())


def _without_question(text: str) -> str:
    """“Clerk, Dales Council” of “Do you love minutes? Clerk, Dales Council”."""
    question = _QUESTION.match(text)
    if not question or POST.search(question[0]) or not POST.search(text, question.end()):
        return text
    return text[question.end() :]


def _without_money(bracket: re.Match[str]) -> str:
    """“(Leeds)” of “(£27,000, Leeds)”, and “(6 months)” of “(6 months, £400 a day)”."""
    parts = [part.strip() for part in re.split(r"[;/]|,(?!\d)", bracket[1])]
    kinds = {Nature.MODE, Nature.PLACE, Nature.TERM}
    rest = [part for part in parts if "£" not in part and nature(part) in kinds]
    return f" ({', '.join(rest)})" if rest else ""


def _unless_lost(match: re.Match[str]) -> str:
    """“Officer required” as “officer”, while “Head of post” stays whole."""
    return "" if _POST_BEFORE.search(match.string[: match.start()]) else match[0]


def _tidy(text: str) -> str:
    text = re.sub(r"\(\s*[,;–-]*\s*\)|\[\s*\]", " ", _DECORATION.sub("", text.strip()))
    text = re.sub(r"\s+(?=[,)])|(?:\s*,){2,}(?=\s)|^\s*[,|–—-]+\s*|\s*[,|–—-]+\s*$", _comma, text)
    return " ".join(re.sub(r"(\s[–—|-])(?:\s+[–—|-])+(?=\s)", r"\1", text).split())


def _comma(match: re.Match[str]) -> str:
    return "," if match[0].count(",") > 1 else ""


_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "dau": 2,
    "dwy": 2,
    "tri": 3,
    "tair": 3,
    "pedwar": 4,
    "pedair": 4,
    "pump": 5,
}
_WELSH = {"dau", "dwy", "tri", "tair", "pedwar", "pedair", "pump"}  # a singular follows
_N = rf"(?P<n>\d{{1,2}}|{'|'.join(_NUMBERS)})"
_POST = (
    r"(?:posts?|roles?|positions?|vacanc(?:y|ies)|places?|jobs?|openings?|opportunities"
    r"|swyddi?|swydd)"
)
_CONTRACT = (
    r"(?:perm|fixed|temp|full|part|mater|pater|secondment|contract|cover|month|year|job share|ftc"
    r"|parhaol|dros dro|rhan|llawn)"
)
_NOTE = rf"(?:\s*[(\[][^)\]]{{0,80}}\b{_CONTRACT}[^)\]]{{0,80}}[)\]])?"
_END = r"(?=\s*(?:,|$|[|–—-]|\())"
_COUNTS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^{_N}\s*(?:[x×]\s*)?\b{_POST}(?:\s+available)?\s*(?::|\s[–—|-]|,)\s*",
        rf"\s*[(\[]\s*{_N}\s*[x×]\s*(?:0?\.\d+|1\.0)\s*(?:f\.?t\.?e\.?)?[^()]{{0,40}}[)\]]",
        rf"(?:^|(?<=[–—|:,-]\s))(?:up to )?{_N}\s*(?:[x×]\s+(?![^()]*\))|no\.?(?: of)?\s+){_NOTE}",
        rf"\s*[(\[]\s*[x×]\s*{_N}\b(?:\s+{_POST})?[^)\]]{{0,80}}[)\]]{_NOTE}",
        rf"\s*[(\[]\s*{_N}\s*[x×]?\s*{_POST}\b[^)\]]{{0,80}}[)\]]{_NOTE}",
        r"\s*[(\[]\s*(?P<n>[2-9]|1\d|\d{1,2}(?=\s*[x×]))\s*[x×]?\s*[)\]]",
        rf"\s(?P<n>\d{{1,2}})\s?[x×]{_NOTE}{_END}",
        rf"\s*[,–—|-]?\s[x×]\s?{_N}\b(?:\s+{_POST})?{_NOTE}{_END}",
        rf"(?:\s+[–—|-]|[,:])\s*{_N}\s*[x×]?\s*{_POST}\b(?:\s+available)?{_NOTE}{_END}",
    )
]
_COUNTED_ROLES = re.compile(
    rf"^{_N}\s+(?P<role>[^,|:]{{3,80}}?)\s+(?:roles|posts|positions|vacancies|jobs)\b",
    re.IGNORECASE,
)
_PLAIN_COUNT = re.compile(
    rf"^{_N}\s+(?!hours?\b|days?\b|weeks?\b|months?\b|years?\b|year\b)(?=[^,|]*?)", re.IGNORECASE
)
_SUM = re.compile(
    rf"\s*[(\[]((?:\s*(?:[,/&+]|and)?\s*(?:\d|one|two|three"
    rf"|four)\s*[x×]?\s*{_CONTRACT}[\w -]{{0,20}}){{2,4}})[)\]]",
    re.IGNORECASE,
)


def _counted(text: str) -> tuple[str, int]:
    """The text without its number of posts, and the number."""
    for pattern in _COUNTS:
        if match := pattern.search(text):
            return _tidy(f"{text[: match.start()]} {text[match.end() :]}"), _number(match["n"])
    if match := _COUNTED_ROLES.match(text):  # “Two press officer roles”
        return match["role"] + text[match.end() :], _number(match["n"])
    match = _PLAIN_COUNT.match(text)
    if match and (
        match["n"].lower() in _WELSH or PLURAL_POST.search(re.split(r"[,|]|\s[–—-]\s", text)[0])
    ):
        return text[match.end() :], _number(match["n"])
    if match := _SUM.search(text):
        numbers = re.findall(r"\b(\d|one|two|three|four)\s*[x×]?\s+[a-z]", match[1], re.IGNORECASE)
        shorter = text[: match.start()] + text[match.end() :]
        return shorter, min(99, max(1, sum(_number(number) for number in numbers)))
    return text, 1


def _number(text: str) -> int:
    return max(1, _NUMBERS.get(text.lower()) or (int(text) if text.isdecimal() else 1))


# “(one permanent and one maternity cover)”, which shares out the posts that were counted.
_SHARED = re.compile(
    rf"\s[–—-]\s(?:\d|one|two|three|four) {_CONTRACT}[\w -]{{0,20}}(?:,| and| &) "
    rf"(?:\d|one|two|three|four) {_CONTRACT}[\w -]{{0,14}}\w(?=,|$|\s[–—|-]\s)"
    rf"|\s*[(\[]\s*(?:\d|one|two|three|four)\b[^()\[\]]{{0,80}}\b{_CONTRACT}[^()\[\]]{{0,60}}[)\]]"
    rf"|{_SUM.pattern}",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s*[(\[]([^()\[\]]{1,80})[)\]]")


def _brackets(text: str) -> tuple[str, str, str]:
    """The text without places and ways of working in brackets, and what these are."""
    place = working = ""
    pieces, at = [], 0
    for match in _BRACKET.finditer(text):
        parts = [part.strip() for part in re.split(r"[,;/]| – | - ", match[1]) if part.strip()]
        kinds = [nature(part) for part in parts]
        whole = nature(match[1])
        if whole in {Nature.MODE, Nature.PLACE}:
            parts, kinds = [match[1].strip()], [whole]
        if not set(kinds) <= {Nature.MODE, Nature.PLACE} or not kinds:
            continue
        towns = [part for part, kind in zip(parts, kinds, strict=True) if kind is Nature.PLACE]
        place = place or ", ".join(_town(town) for town in towns)
        modes = [part for part, kind in zip(parts, kinds, strict=True) if kind is Nature.MODE]
        working = working or ", ".join(modes)
        pieces.append(text[at : match.start()])
        at = match.end()
    return "".join([*pieces, text[at:]]), place, working


def _town(text: str) -> str:
    return bodies.unhidden(
        re.sub(r"^(?:based (?:in|at)|location:?) ", "", text, flags=re.IGNORECASE)
    )
