"""Cuts a headline at its commas, bars and dashes, and says of each piece what it can be."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from emag.content.vacancies import bodies


class Nature(Enum):
    """What a piece of a headline can be."""

    BODY = auto()  # a known employer
    EMPLOYER = auto()  # has a word like “council” or “Ltd”
    ROLE = auto()
    TOPIC = auto()  # “marketing and engagement”: belongs to a role
    PLACE = auto()
    TERM = auto()  # “fixed term”, “37 hours”
    MODE = auto()  # “hybrid”
    NAME = auto()  # capitals, and no more known
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a headline, and the separator before it."""

    text: str
    before: str
    nature: Nature


_POSTS = (
    r"officers?|managers?|heads?|directors?|leads?|leaders?|assistants?|advis[eo]rs?|editors?"
    r"|designers?|co-?ordinators?|apprentices?|apprenticeships?|consultants?|interns?|internships?"
    r"|producers?|writers?|copywriters?|speechwriters?|specialists?|strategists?|photographers?"
    r"|videographers?|filmmakers?|administrators?|planners?|developers?|engineers?|chiefs?"
    r"|deput(?:y|ies)"
    r"|executives?|secretar(?:y|ies)|partners?|journalists?|spokes(?:person|man|woman|people)"
    r"|reporters?|trainees?|graduates?|analysts?|associates?|supervisors?|ambassadors?|curators?"
    r"|creators?|animators?|translators?|correspondents?|clerks?|researchers?|controllers?|fellows?"
    r"|volunteers?|technicians?|illustrators?|organisers?|workers?|principals?|agents?"
    r"|practitioners?"
    r"|superintendents?|representatives?|chairs?|trustees?|lecturers?|professors?|nurses?|teachers?"
    r"|accountants?|actors?|archivists?|architects?|artists?|auditors?|bookkeepers?|broadcasters?"
    r"|buyers?|campaigners?|carer|caretakers?|chefs?|cleaners?|columnists?|conservators?"
    r"|constables?|counsellors?|dieti[ct]ians?|doctors?|drivers?|economists?|electricians?"
    r"|firefighters?|fundraisers?|gardeners?|headteachers?|hosts?|inspectors?|instructors?"
    r"|interpreters?|librarians?|marketers?|mentors?|midwi(?:fe|ves)|moderators?|musicians?"
    r"|negotiators?|paralegals?|paramedics?|pharmacists?|physiotherapists?|porters?|presenters?"
    r"|publicists?|radiographers?|rangers?|receptionists?|recruiters?|registrars?|scientists?"
    r"|solicitors?|statisticians?|stewards?|subeditors?|sub-editors?|surveyors?|therapists?"
    r"|treasurers?|tutors?|typists?|wardens?|webmasters?|board members?|non-executives?"
    r"|chief executive|ceo"
    r"|swyddog(?:ion)?|rheolwr|rheolwraig|rheolwyr|pennaeth|cyfarwyddwr|cydlynydd|golygydd"
    r"|cynorthwyydd"
    r"|ymgynghorydd|arweinydd|dylunydd|cyfieithydd|prentis|gweinyddwr|dirprwy|uwch swyddog"
    r"|llyfrgellydd|gweithiwr|clerc|ysgrifennydd|technegydd|cyfrifydd|newyddiadurwr|ymchwilydd"
    r"|ceidwad|nyrs|athro|athrawes|darlithydd"
    r"|arbenigwr"
    r"|proof-?readers?|operatives?|attendants?|loaders?|lifeguards?|assessors?|invigilators?"
    r"|janitors?|call handlers?|ecologists?|psychologists?|statisticians?|epidemiologists?"
    r"|geologists?|bricklayers?|plumbers?|joiners?|mechanics?|fitters?"
)
POST = re.compile(rf"\b(?:{_POSTS})\b", re.IGNORECASE)
_POST_LAST = re.compile(rf"\b(?:{_POSTS})(?: \([^)]*\))?$", re.IGNORECASE)
PLURAL_POST = re.compile(
    r"\b(?:officers|managers|heads|directors|leads|leaders|assistants|advis[eo]rs|editors|designers"
    r"|co-?ordinators|apprentices|apprenticeships|consultants|interns|internships|producers|writers"
    r"|copywriters|specialists|strategists|photographers|videographers|administrators|planners"
    r"|developers|executives|partners|journalists|reporters|trainees|analysts|associates"
    r"|swyddogion)\b",
    re.IGNORECASE,
)
_EMPLOYER = re.compile(
    r"\b(?:councils?|borough|corporation|nhs|hsc|icb|integrated care|health board"
    r"|universit(?:y|ies)"
    r"|colleges?|schools?|academ(?:y|ies)|trusts?|foundation|hospitals?|hospices?|police"
    r"|constabulary"
    r"|authorit(?:y|ies)|associations?|agency|ministry|government|parliament|assembly"
    r"|commission(?:er)?"
    r"|(?:ambulance|fire|rescue|police|prison|probation|civil|health|blood|legal|courts?|youth"
    r"|crown"
    r"|prosecution|national|careers|volunteer) services?|service trust|society|group"
    r"|institut(?:e|ion)"
    r"|charity|charities|partnership|federation|fund|ltd|limited|plc|llp|lp|cic|inc|gmbh|co-op"
    r"|co-operative|cooperative|museums?|theatres?|galler(?:y|ies)|librar(?:y|ies)|archives"
    r"|cathedral|diocese"
    r"|church|department (?:for|of)|office (?:for|of)|home office|alliance|network|union|chamber"
    r"|confederation|company|homes|housing|hotels?|airport|railways?|rail|water|zoo|orchestra"
    r"|opera|festival"
    r"|studios?|consultancy|solicitors|enterprises?|industries|national park|national landscapes?"
    r"|forum|confederation"
    r"|cyngor|prifysgol|heddlu|llywodraeth|coleg|bwrdd iechyd|ymddiriedolaeth|amgueddfa"
    r"|awdurdod|comisiwn"
    r"|cymdeithas|ysgol|gwasanaeth|elusen|menter|parc cenedlaethol|grŵp)\b|\w & Sons\b",
    re.IGNORECASE,
)
_EMPLOYER_OF = re.compile(
    r"(?:(?:the|national|royal|british|english|scottish|welsh|chartered|international|european"
    r"|independent|joint|general|local|central) )*"
    r"(?:institut(?:e|ion)|association|federation|society|office|department|ministry"
    r"|college|university|council|guild|chamber|trust|friends|museum|school|church|diocese"
    r"|commission|agency|bureau|union|foundation|house|academy|board|centre) (?:of|for|in)\b"
    r"|(?:the )?royal (?:of|for|in)\b|(?:cyngor|prifysgol|heddlu|comhairle)\b",
    re.IGNORECASE,
)
_TOPIC_WORDS = """
a an and & of the for in on to with y yr communications communication comms marketing engagement
media press pr public relations affairs policy campaigns campaign digital brand branding content
events event insight internal external strategic corporate social design web website research
partnerships partnership fundraising membership customer customers community communities
stakeholder stakeholders planning health care adult adults children’s children's children
childrens services service transport place environment net zero climate people culture change
transformation strategy data news newsroom publications film video photography education learning
development operations programme programmes projects project growth regeneration economy skills
team unit directorate division department faculty employee staff user experience ux ui creative
copy editorial publishing consultation participation involvement information intelligence business
relationship relations public-affairs behaviour behavioural major infrastructure inclusion
equality diversity sustainability resilience safety safeguarding leisure tourism heritage arts
sport housing recruitment reputation crisis emergency regional national international local
central group ict it technology innovation science cyfathrebu marchnata ymgysylltu wasg cyfryngau
cymdeithasol digidol democratic governance legal finance hr od customer-experience new large small
mobile online multimedia audio print sales product outreach advocacy parliamentary political
government industry supporter donor giving philanthropy audience audiences visitor student
students alumni admissions schools patient patients primary secondary maternity waste recycling
highways roads energy water family families young youth north south east west london area region
office
"""
_TOPICS = frozenset(_TOPIC_WORDS.split())
_TERMS = re.compile(
    r"(?:\b(?:maternity|paternity|parental|adoption|cover|leave|fixed|term|permanent|perm|temporary"
    r"|temp|interim|contract|secondment|part|full|time|ft|pt|job|share|months?|mths?|days?|hours?|hrs?"
    r"|weeks?|weekly|years?|yrs?|a|an|per|up|to|for|with|of|or|and|immediate|start|grade|band|scale"
    r"|salary|competitive|internal|external|only|term-time|f?te|casual|zero|bank|sessional"
    r"|freelance"
    r"|ongoing|pro|rata|annum|p\.?a|weighting|plus|benefits|car|allowance|depending|on"
    r"|experience|doe"
    r"|negotiable|circa|flexible|initially|until|including|weekends?|evenings?|equivalent"
    r"|considered"
    r"|available|initial|short|long|possible|possibility|extension|parhaol|dros|dro|llawn|rhan"
    r"|amser"
    r"|one|two|three|four|six|nine|twelve|eighteen|x|[a-z]{1,4}\d{1,2})\b"
    r"|fixed-term|part-time|full-time|[\d.,/+&£%–-]+k?|\s)+",
    re.IGNORECASE,
)
_MODES = re.compile(
    r"(?:\b(?:hybrid|hybrid-working|remote|remotely|fully|home|homes|based|home-based|working"
    r"|work|from"
    r"|homeworking|home-working|on-?site|office|office-based|agile|flexible|flexibly|blended|wfh"
    r"|location|any|anywhere|with|some|travel|options?|possible|optional|considered|available|and|or|the|in|uk|uk-wide"
    r"|nationwide"
    r"|one|two|three|four|five|weekly"
    r"|national|various|locations|multiple|mainly|partly|mostly|days?|a|per|week|o gartref|hybrid|"
    r"gweithio|hyblyg|ystwyth|lle|unrhyw|field|field-based|\d)\b|[/,&+–-]|\s)+",
    re.IGNORECASE,
)
_MODE_WORD = re.compile(
    r"hybrid|hyblyg|gartref|ystwyth|remote|home|agile|flexib|blended|wfh|on-?site|nationwide|uk-wide"
    r"|various|multiple|anywhere|office-based|in the office|any location|field",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"(\s+\|+\s*|\s*\|\s+|\s+[–—-]{1,2}\s+|\s*—\s*|[:;]\s+|\s+[/•·]{1,2}\s+|,\s*| (?:at"
    r"|@) (?![Ll]arge\b))"
)
_LONGEST_TERM = 80


def cut(text: str) -> list[Piece]:
    """The pieces of a headline. What stands in brackets is never cut."""
    closed = _shut(text)
    pieces = _SEPARATOR.split(closed)
    result: list[Piece] = []
    before = ""
    for number, piece in enumerate(pieces):
        if number % 2:
            before = piece
        elif words := _without_article(_opened(piece).strip(" ,;"), before):
            result.append(Piece(words, before if result else "", nature(words)))
    return result


def _without_article(text: str, before: str) -> str:
    """“Met Office” of “officer at the Met Office”."""
    is_article = before.strip() in {"at", "@"} and text[:4] == "the " and text[4:5].isupper()
    return text[4:] if is_article else text


def nature(text: str) -> Nature:
    """What the piece can be."""
    plain = _without_brackets(text) or text
    short = plain[:_LONGEST_TERM]
    if bodies.is_body(plain) or bodies.is_body(text) or bodies.is_branch(plain):
        return Nature.BODY
    if bodies.is_place(plain) and not _EMPLOYER_OF.match(plain):
        return Nature.PLACE
    if _MODES.fullmatch(short) and _MODE_WORD.search(plain):
        return Nature.MODE
    if _TERMS.fullmatch(short):
        return Nature.TERM
    return _named(plain)


def _named(plain: str) -> Nature:
    words = plain.casefold().split()
    if all(word.strip(".,") in _TOPICS for word in words):
        return Nature.TOPIC
    if _EMPLOYER_OF.match(plain):
        return Nature.EMPLOYER
    if _POST_LAST.search(plain):
        return Nature.ROLE
    post, employer = POST.search(plain), _EMPLOYER.search(plain)
    if employer and not (post and post.start() < employer.start()):
        return Nature.EMPLOYER
    if post:
        return Nature.ROLE
    is_name = plain[:1].isupper() or plain[:4].casefold() == "the "
    return Nature.NAME if is_name else Nature.OTHER


def _without_brackets(text: str) -> str:
    return " ".join(re.sub(r"[(\[][^()\[\]]*[)\]]", " ", text).split())


_INSIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SHUT = {ord(mark): chr(0xE010 + n) for n, mark in enumerate(",|–—-:;/•·@ ")}
_OPEN = {ord(hidden): chr(mark) for mark, hidden in _SHUT.items()}


def _shut(text: str) -> str:
    return _INSIDE.sub(lambda match: match[0].translate(_SHUT), text)


def _opened(text: str) -> str:
    return text.translate(_OPEN)


def town(text: str) -> str:
    """The place without the way of working: “Leeds / hybrid” as “Leeds”."""
    parts = re.split(r"\s*[/,;]\s*|\s[–-]\s|\s(?:or|neu)\s", text)
    towns = [part for part in parts if part and nature(part) is not Nature.MODE]
    whole = text if len(towns) == len(parts) or not towns else ", ".join(towns)
    return whole.strip(" ,.")
