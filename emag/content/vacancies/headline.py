"""Reads a vacancy's headline: role, employer, place and the number of posts."""

import re
from dataclasses import dataclass, replace

from emag.content.vacancies import bodies, long_names
from emag.content.vacancies.bare_headline import BareHeadline, stripped
from emag.content.vacancies.segments import POST, Nature, Piece, cut, nature, town

_EMPLOYERS = {Nature.BODY, Nature.EMPLOYER}
_OF_A_ROLE = {Nature.ROLE, Nature.TOPIC, Nature.TERM, Nature.BODY, Nature.EMPLOYER}
_LOOSE = {Nature.NAME, Nature.OTHER}
_REGIONS = {
    *("england", "scotland", "wales", "cymru", "northern ireland", "midlands", "north", "south"),
    *("north east", "north west", "south east", "south west", "east midlands", "west midlands"),
}
_LONGEST = 500  # characters; what follows is no headline


@dataclass(frozen=True, slots=True)
class Headline:
    """What a headline says. A field is empty where it does not say."""

    role: str
    employer: str = ""
    place: str = ""
    places: int = 1
    working: str = ""  # hybrid, remote
    job_of_the_week: bool = False


def read(title: str, *, employer: str = "") -> Headline:
    """What the headline says. Where the board names the `employer`, only that name is cut off."""
    text = " ".join(bodies.unhidden(title)[:_LONGEST].split())
    bare = stripped(text)
    if not bare.text:
        return Headline(text, employer, job_of_the_week=bare.job_of_the_week)
    if employer:
        facts = _around(bare, employer)
    else:
        facts = _facts(bodies.hidden(long_names.hidden(_turned(bare.text))))
        facts = facts if facts.employer else _bracketed(facts)
    role = bodies.unhidden(facts.role).strip(" ,|–—-:/?") or bare.text
    is_region = bool(facts.place) and bare.place.casefold() in _REGIONS
    if is_region and 0 < text.find(f"({bare.place}") < text.find(facts.employer):
        role = f"{role} ({bare.place})"
    return replace(
        facts,
        role=role,
        employer=_TERMS.sub(_without_terms, bodies.unhidden(facts.employer)),
        place=facts.place or bare.place,
        places=bare.places,
        working=bare.working or facts.working,
        job_of_the_week=bare.job_of_the_week,
    )


def _bracketed(facts: Headline) -> Headline:
    """“Officer (Dales Council)”, where the employer stands in a bracket behind the role."""
    match = _TERMS.search(facts.role)
    name = bodies.unhidden(match[1]) if match else ""
    first, _, last = name.rpartition(", ")
    is_placed = bool(first) and nature(last) is Nature.PLACE and not bodies.is_body(name)
    name, place = (first, facts.place or last) if is_placed else (name, facts.place)
    kind = nature(name) if name else Nature.OTHER
    if match is None or not (kind is Nature.BODY or (kind is Nature.EMPLOYER and " " in name)):
        return facts
    role = facts.role[: match.start()] + facts.role[match.end() :]
    return replace(facts, role=role, employer=name, place=place)


_TERMS = re.compile(r"\s*[(\[]([^()\[\]]{1,80})[)\]]")


def _without_terms(bracket: re.Match[str]) -> str:
    """Nothing for “(part time, 18 hours)” behind an employer; any other bracket as it is."""
    parts = [part for part in re.split(r"\s*[,;/]\s*", bracket[1]) if part]
    is_term = all(nature(part) in {Nature.TERM, Nature.MODE} for part in parts)
    return "" if is_term else bracket[0]


def _around(bare: BareHeadline, employer: str) -> Headline:
    """The role beside an employer that is known."""
    name = rf"(?:the\s+)?{re.escape(employer)}"
    role = re.sub(
        rf"(?:\s*[,|@–—-]\s*|\s+(?:at|with|for)\s+){name}(?=\s*(?:$|[,|(–—-]))|^{name}\s*[:"
        rf"|–—-]\s*",
        "",
        bare.text,
        count=1,
        flags=re.IGNORECASE,
    )
    pieces = cut(role)
    place = ""
    if len(pieces) > 1 and pieces[-1].nature is Nature.PLACE and role != bare.text:
        place = pieces.pop().text
    return Headline(_joined(pieces) or bare.text, employer, place)


_SEEKS = re.compile(
    r"^(?P<employer>.{2,120}?) (?:is|are) (?:now )?(?:recruiting|hiring|looking for|seeking"
    r"|searching for)"
    r"(?: for)? (?:an? |our next |new |its next |their next )?(?P<role>.+)$"
    r"|^(?P<name>.{2,120}?) (?:seeks|wants|needs) (?:an? |new )?(?P<post>.+)$",
    re.IGNORECASE,
)


def _turned(text: str) -> str:
    """“A council seeks a clerk” as “A council | clerk”."""
    match = _SEEKS.match(text)
    if not match:
        return text
    return f"{match['employer'] or match['name']} | {match['role'] or match['post']}"


def _facts(text: str) -> Headline:
    pieces = long_names.joined(_with_employers(cut(text)))
    at = _employer(pieces)
    if at is None:
        return _without_employer(pieces, text)
    if at == 0:
        return _employer_first(pieces)
    before, after = pieces[:at], pieces[at + 1 :]
    head, *rest = before
    is_placed = any(piece.nature is Nature.PLACE for piece in after)
    place = [p for p in rest if p.nature is Nature.PLACE and not (is_placed and _is_region(p))]
    others = [p for p in rest if p not in place and p.nature is not Nature.MODE]
    place += [p for p in after if p.nature in {Nature.PLACE, *_LOOSE}]
    place = place or _remote(pieces)
    return Headline(_joined([head, *others]), pieces[at].text, _place(place), working=_mode(pieces))


def _is_region(piece: Piece) -> bool:
    """True for “Wales” in “Officer, Wales, Dales Trust, Cardiff”, which belongs to the role."""
    return piece.text.casefold() in _REGIONS


def _employer_first(pieces: list[Piece]) -> Headline:
    employer, first, *rest = pieces
    role = [first]
    while rest and (rest[0].nature in _OF_A_ROLE or _is_of_role(rest)):
        role.append(rest.pop(0))
    place = [piece for piece in rest if piece.nature in {Nature.PLACE, *_LOOSE}] or _remote(rest)
    return Headline(_joined(role), employer.text, _place(place), working=_mode(pieces))


def _is_of_role(rest: list[Piece]) -> bool:
    """True for a name after a comma where dashes part role and place: “clerk, prisons – Hull”."""
    is_name = rest[0].nature in _LOOSE and rest[0].before.strip() == ","
    return is_name and any(piece.before.strip() != "," for piece in rest[1:])


def _without_employer(pieces: list[Piece], text: str) -> Headline:
    """Role and place where nothing names an employer."""
    if not pieces:
        return Headline(text)
    head, *rest = pieces
    place = [piece for piece in rest if piece.nature is Nature.PLACE]
    place = place or _remote(rest)
    others = [piece for piece in rest if piece.nature not in {Nature.PLACE, Nature.MODE}]
    return Headline(_joined([head, *others]), "", _place(place), working=_mode(pieces))


def _employer(pieces: list[Piece]) -> int | None:
    """Which piece is the employer: a known body, a word like “council”, or where it stands."""
    for sought in (Nature.BODY, Nature.EMPLOYER):
        named = [n for n, piece in enumerate(pieces) if piece.nature is sought]
        if named and named[0] == 0 and any(p.nature is Nature.ROLE for p in pieces[1:]):
            return 0
        if named and named[-1] > 0:
            return named[-1]
    if len(pieces) == 1:
        return None
    return _by_separator(pieces)


def _by_separator(pieces: list[Piece]) -> int | None:
    for n, piece in enumerate(pieces[1:], 1):
        if piece.before in {" at ", " @ "} and piece.nature is not Nature.PLACE:
            return n
    named = [n for n, p in enumerate(pieces) if p.nature in _LOOSE]
    head, second = pieces[0], pieces[1]
    is_dash = second.before.strip() != ","
    if head.nature is Nature.NAME and is_dash and second.nature is Nature.ROLE:
        return 0
    later = [n for n in named if n and _may_be_employer(pieces[n])]
    is_paper = _EDITOR.fullmatch(head.text) and later[:2] == [1, 2] and len(pieces) > _MANY
    if is_paper and pieces[_MANY].nature is Nature.PLACE:
        return later[1]
    if later:
        return later[0] if len(pieces) <= _MANY or not is_dash else _after_comma(pieces, later)
    is_town = "|" in second.before and len(pieces) > len([head, second])
    is_town = is_town and all(piece.nature is Nature.PLACE for piece in pieces[1:])
    return 1 if is_town else None  # “clerk | Windsor and Maidenhead | Maidenhead”


# “Editor, Dales Gazette, Dales Press, Hawes” names the paper first.
_EDITOR = re.compile(r"(?:[\w-]+ ){0,2}(?:editor|sub-?editor)", re.IGNORECASE)
_MANY = 3  # pieces; “role – employer, place” has no more


def _after_comma(pieces: list[Piece], named: list[int]) -> int:
    """The employer in “role – subject, employer, place”."""
    commas = [n for n in named if pieces[n].before.strip() == "," and n + 1 < len(pieces)]
    return commas[0] if commas else named[0]


def _may_be_employer(piece: Piece) -> bool:
    if piece.text.casefold().startswith(("and ", "& ")):
        return False
    return piece.nature is Nature.NAME or piece.before.strip() in {",", "|"}


_LINK = re.compile(r"\s(?:with|for|within|by|in)\s(?:(the)\s)?", re.IGNORECASE)


# Two or more words with capitals, none of which tells what the officer can do.
_NAMES = re.compile(
    r"(?!.*(?i:skills|experience|language|speak|respons|welsh|focus|knowledge))"
    r"[A-Z][\w’'-]*(?: (?:of|the|and|&|for|in) )?(?: ?[A-Z][\w’'-]*| (?:of|the|and|&|for) ){1,8}"
)


# The same in a headline without capitals.
_LOWER = re.compile(
    r"(?!.*(?:skills|experience|language|speak|respons|welsh|focus|knowledge|interest|passion"
    r"|training|driving|degree))[\w’'&.-]+(?: [\w’'&.-]+){2,8}"
)


def _with_employers(pieces: list[Piece]) -> list[Piece]:
    """Cuts “officer with Yorkshire Ambulance Service” in two."""
    is_named = any(piece.nature is Nature.BODY for piece in pieces)
    result: list[Piece] = []
    for piece in pieces:
        halves = _halves(piece) if piece.nature in {Nature.ROLE, Nature.EMPLOYER} else None
        halves = halves or (None if is_named or result else _leading(piece, len(pieces)))
        result += halves or [piece]
    return result


def _halves(piece: Piece) -> list[Piece] | None:
    for link in _LINK.finditer(piece.text):
        role, rest = piece.text[: link.start()], piece.text[link.end() :]
        if not POST.search(role):
            continue
        kind = nature(rest)
        word = link[0].split()[0].lower()
        is_name = bool(_NAMES.fullmatch(rest) or (piece.text.islower() and _LOWER.fullmatch(rest)))
        if word == "with" and is_name and kind is not Nature.PLACE:
            kind = Nature.EMPLOYER
        if kind in _EMPLOYERS or (kind is Nature.PLACE and word == "in"):
            return [Piece(role, piece.before, Nature.ROLE), Piece(rest, ", ", kind)]
    return None


def _leading(piece: Piece, count: int) -> list[Piece] | None:
    """Cuts “Natural England Senior Press Officer” in two."""
    end = bodies.beginning(piece.text) if count == 1 else 0
    name, role = piece.text[:end], piece.text[end:].strip()
    if not end or not bodies.is_body(name) or nature(role) is not Nature.ROLE:
        return None
    return [Piece(name, "", Nature.BODY), Piece(role, " | ", Nature.ROLE)]


_REMOTE = re.compile(r"(?:fully )?remote(?: working)?|home[- ]based|nationwide", re.IGNORECASE)


def _joined(pieces: list[Piece]) -> str:
    return "".join(("" if not n else p.before) + p.text for n, p in enumerate(pieces))


def _place(pieces: list[Piece]) -> str:
    texts = (
        re.sub(r"^(?:based (?:in|at)|location:?) |\s*\([^()]*\)$", "", p.text, flags=re.IGNORECASE)
        for p in pieces
    )
    return ", ".join(dict.fromkeys(town(bodies.unhidden(text)) for text in texts))


def _remote(pieces: list[Piece]) -> list[Piece]:
    """The pieces that say that the work is done anywhere, which is a place of its own."""
    return [piece for piece in pieces if _REMOTE.fullmatch(piece.text)]


def _mode(pieces: list[Piece]) -> str:
    modes = (p.text for p in pieces if p.nature is Nature.MODE)
    return next(modes, "") or next((p.text for p in pieces[1:] if town(p.text) != p.text), "")
