"""Knows the names of authors: in by-lines, in feeds and in what sites write for them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from emag.content.prose.block import same, words

MOST_WORDS = 6  # of one name
MOST_NAMES = 3  # in one by-line; more are “and others”
LONGEST_BYLINE = 200  # characters
_VOWELS = "aeiouwyâêîôûŵŷ"  # of Welsh
_SHORT_LINE, _FEW_WORDS = 60, 8
_PARTICLES = words(
    "van von de der den di da del della la le du des dos ap ab bin ibn al el ferch y ten ter"
)
_ROLES = re.compile(
    r"\b(?:officer|manager|director|editor|head|lead|leader|reporter|correspondent|advis[eo]r"
    r"|team|press"
    r"|consultant|chief|communications?|council|assistant|chair|chairman|ceo|university"
    r"|department|media"
    r"|journalist|writer|specialist|executive|trust|college|service|founder|president|partner"
    r"|minister"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june"
    r"|july"
    r"|august|september|october|november|december|default|design|contrast|comparison|accident)\b",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"[a-z0-9]+(?:[._-][a-z0-9]+)*|[a-zA-Z_.-]*\d[a-zA-Z0-9_.-]*|[A-Za-z]+(?:[._][A-Za-z]+)+"
    r"|/?u/\S+|@\S+"
)
_NOBODY = frozenset(
    {
        "administrator",
        "site admin",
        "web editor",
        "webmaster",
        "web team",
        "web admin",
        "editor",
        "unknown",
    }
    | {
        "anonymous",
        "guest",
        "author",
        "staff",
        "staff writer",
        "root",
        "user",
        "none",
        "null",
        "admin",
    }
    | {
        "website admin",
        "website editor",
        "website team",
        "content editor",
        "content team",
        "digital team",
    }
    | {
        "unknown author",
        "guest author",
        "guest writer",
        "guest blogger",
        "guest contributor",
        "contributor",
    }
    | {
        "super user",
        "superuser",
        "system",
        "test",
        "blog admin",
        "blog editor",
        "site editor",
        "publisher",
    }
    | {
        "wordpress",
        "blogger",
        "writer",
        "the editor",
        "the web team",
        "editorial",
        "various",
        "n/a",
        "na",
    }
    | {
        "noreply",
        "no reply",
        "moderator",
        "site administrator",
        "default",
        "import",
        "importer",
        "web master",
    }
)
# “Communications Team”, “Leeds press office”: what somebody is, and not who.
_GROUP = re.compile(
    r"(?:[\w&’'.-]+ ){0,5}[\w&’'.-]+ (?:team|office|desk|department|unit|newsroom"
    r"|(?:officer|manager|editor|advis[eo]r|administrator|assistant)s?)",
    re.IGNORECASE,
)
_SHORT_FORMS = words("UK EU UN US USA UAE IT AI PA IOM EIU UCU UEA")
_KINDS = r"(?:post|blog(?: post)?|article|column|piece|contribution|feature|essay)"
_GUEST = re.compile(
    rf"^(?:this|today[’']s|the following|our latest"
    rf"|here is)?\s*(?:is\s+)?(?:an?\s+)?guest[ -]{_KINDS}"
    r"(?:\s+(?:is|was|comes|has been))?(?:\s+(?:written|contributed|kindly))*\s*(?:\bby\b"
    r"|\bfrom\b|[:–—-])\s*(.+)$"
    r"|^guest (?:author|writer|blogger|contributor|columnist)\s*[:–—,-]?\s+(.+)$"
    rf"|^this {_KINDS} (?:was|is) (?:written|contributed) by (?:our )?(?:guest (?:author|writer"
    rf"|blogger),?\s+)?(.+)$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:(?:words|text|story|report|review|interview|analysis|opinion|comment|feature|article"
    r"|blog|post)(?:\s+(?:and|&|\+)\s+(?:photos?|photographs?|photography|pictures?|images?))?\s+)?"
    r"(?:(?:written|posted|published|submitted|compiled|reported|authored|edited)\s+)?(?:by"
    r"|gan)\b\s*[:-]?\s+(.+)$"
    r"|^(?:author|writer|words|text|byline|by-line|written by|awdur|geiriau)\s*[:–—|-]\s*(.+)$"
    r"|^(.{3,60}?)\s+writes\s*[:.]?$"
    r"|^(?:posted|published)(?:\s+on)?\s[\w\s,:/-]{4,40}?\s+by\s+(.+)$",
    re.IGNORECASE,
)
_END_OF_NAME = re.compile(
    r"\s*(?:[|·•(/;\[]|\s[–—-]\s|\bon\s+(?:the\s+)?\w|\bin\s+[A-Z]|\bat\s+|\bfrom\s+|\bfor\s+"
    r"|,?\s+who\b|,?\s+of\b"
    r"|\.\s|,?\s+(?:photo(?:s|graphs?|graphy)?|pictures?|images?|words)\b|\d)",
)
_JOIN = re.compile(r"\s*,?\s+(?:and|&|a|ac)\s+|\s*&\s*|\s*,\s*", re.IGNORECASE)
_SMALL = re.compile(r"\b(Mc|O[’']|D[’'])([a-z])")


@dataclass(frozen=True, slots=True)
class Byline:
    """Who wrote an article, as its text says."""

    name: str
    is_guest: bool = False


def byline(text: str) -> Byline | None:
    """The author that a line names; None where it is no by-line."""
    if not 4 < len(text) <= LONGEST_BYLINE:  # noqa: PLR2004 - “By A”
        return None
    for pattern, is_guest in ((_GUEST, True), (_BY, False)):
        if match := pattern.match(text):
            rest = next(group for group in match.groups() if group)
            if name := _names(rest, is_short=not is_guest):
                return Byline(name, is_guest)
    return None


def is_signature(text: str) -> bool:
    """True for a short line that begins like a by-line, whoever it names."""
    is_short = (
        len(text) < _SHORT_LINE
        and text.count(" ") < _FEW_WORDS
        and not text.endswith((".", "!", "?", ":", ","))
    )
    return is_short and bool(
        re.match(r"(?:by|gan|written by|posted by|published by|author:)\s", text, re.IGNORECASE)
    )


_LIFE = re.compile(
    r"^(?P<name>(?:(?:Dr|Prof|Professor|Cllr|Revd?|Sir|Dame)\.? )?"
    r"[A-Z][\w’'-]+(?: [A-Z][\w’'.-]*){1,3})"
    r" (?P<verb>is|was|works|writes|teaches|leads|runs|has (?:been|worked|written)|blogs|edits|yw) "
)
_LIVES = re.compile(
    r"\b(?:follow|contact|e-?mail|connect with|find) (?:him|her|them|me)\b|\b(?:author|founder"
    r"|co-founder|freelance|writer|journalist|consultant|researcher|lecturer|professor|director"
    r"|head|manager|officer|editor|chair|chief|trustee|member|fellow|lead|specialist|student"
    r"|photographer|correspondent|reporter|owner|partner|volunteer|awdur|pennaeth|swyddog)\b",
    re.IGNORECASE,
)


def introduced(text: str) -> str:
    """The person whom a paragraph introduces: “Ann Li is a freelance writer.” Empty if none."""
    life = _LIFE.match(text)
    if not life or not _is_name(life["name"]):
        return ""
    says_what = life["verb"] not in {"is", "was", "yw"} or _LIVES.search(text)
    return life["name"] if says_what else ""


def author(written: str) -> str:
    """The name that a feed or page gives for its author; empty for an account or nobody."""
    name = re.sub(
        r"^(?:(?:written|posted)\s+)?by[:\s]\s*", "", written.strip(), flags=re.IGNORECASE
    )
    name = re.sub(r"\s*[(<\[]?[\w.+-]+@[\w.-]+[)>\]]?\s*", " ", name).strip(" ,;|-–—()")
    if "://" in name or "@" in name or is_account(name) or _GROUP.fullmatch(name):
        return ""
    return _cased(name) if all(map(_is_pronounced, name.split())) else name


def is_site(name: str, site: str) -> bool:
    """True for an author that only is the site again: its name, and not a person's."""
    return same(name, site) and not _is_full_name(name)


def joined(names: Iterable[str], *, language: str = "") -> str:
    """The names of several authors as one by-line, without accounts and without any name twice."""
    one_each = dict.fromkeys(
        name for written in names if (name := author(" ".join(written.split())))
    )
    people = list(one_each)
    is_welsh = language.lower().startswith("cy")
    if len(people) > MOST_NAMES:
        return f"{', '.join(people[:MOST_NAMES])} {'ac eraill' if is_welsh else 'and others'}"
    *first, last = people or [""]
    if not first:
        return last
    link = ("ac" if last[0].casefold() in _VOWELS else "a") if is_welsh else "and"
    return f"{', '.join(first)} {link} {last}"


def is_account(name: str) -> bool:
    """True for the name of an account, and for one that stands for nobody."""
    plain = " ".join(name.split())
    return not plain or bool(_ACCOUNT.fullmatch(plain)) or plain.casefold() in _NOBODY


def _names(text: str, *, is_short: bool) -> str:
    """The names at the start of a text; what follows them must be a role or nothing."""
    end = _END_OF_NAME.search(text)
    head = (text[: end.start()] if end else text).strip(" .,:;–—-")
    rest = text[end.start() :] if end else ""
    if is_short and len(rest) > 90:  # noqa: PLR2004 - a sentence that begins like a by-line
        return ""
    parts = [part for part in _JOIN.split(head) if part]
    if len(parts) > 1 and all(_is_full_name(part) for part in parts):
        return _cased(_listed(head))
    first = head.partition(",")[0].strip()
    whole = [part for part in _JOIN.split(first) if part]
    if whole and all(map(_is_name, whole)) and not is_account(first):
        return _cased(first)
    return ""


def _listed(head: str) -> str:
    return re.sub(r"\s+", " ", head)


def _is_full_name(text: str) -> bool:
    return " " in text and _is_name(text)


def _is_name(text: str) -> bool:
    """True for words that could be somebody's name: capitals, initials and particles."""
    words = text.split()
    if not 0 < len(words) <= MOST_WORDS or _ROLES.search(text):
        return False
    return words[0][0].isupper() and all(_is_part(word) for word in words)


def _is_part(word: str) -> bool:
    letters = word.replace("-", "").replace("’", "").replace("'", "").replace(".", "")
    return letters.isalpha() and (word[0].isupper() or word.casefold() in _PARTICLES)


def _is_pronounced(word: str) -> bool:
    """False for a word that may be an abbreviation: “NHS” stays in capitals."""
    return word not in _SHORT_FORMS and bool(re.search(r"[AEIOUYŴÂÊÎÔÛŶ]", word, re.IGNORECASE))


def _cased(name: str) -> str:
    """A name in capitals as one writes it: “CERI O’NEILL” is Ceri O’Neill."""
    if not name.isupper() or " " not in name:
        return name
    plain = re.sub(r"[^\W\d_]+(?:[’'][^\W\d_]+)?", lambda word: word[0].capitalize(), name)
    plain = re.sub(r"\b(?:And|Ap|Ab|Van|Von|De|Der|Y)\b", lambda word: word[0].lower(), plain)
    plain = plain[:1].upper() + plain[1:]
    return _SMALL.sub(lambda match: match[1] + match[2].upper(), plain)
