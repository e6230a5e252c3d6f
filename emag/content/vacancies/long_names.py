"""Keeps together employers’ names that have commas, as “Ministry of Bridges, Ferries and Docks”."""

import re

from emag.content.vacancies import bodies
from emag.content.vacancies.segments import POST, Nature, Piece

_LOOSE = {Nature.NAME, Nature.OTHER}
_OFFICES = re.compile(
    r"\b(?:(?:ministry|department|office|commission|institute|centre|college|(?P<local>trust"
    r"|commissioner|service|partnership)) (?:of|for)|(?P<branch>healthwatch|citizens advice|age uk"
    r"|mind in|carers)) "
    r"(?P<items>[\w’'-]+(?: [\w’'-]+)?(?:, [\w’'-]+(?: [\w’'-]+)?){1,3},? (?:and|&) [\w’'-]+)",
    re.IGNORECASE,
)


def hidden(text: str) -> str:
    """Hides the commas of “Ministry of Bridges, Ferries and Canals”."""
    match = _OFFICES.search(text)
    if not match:
        return text
    first, *others = re.split(r", | and | & ", match["items"])
    name = text[match.start() : match.start("items")] + first
    if match["local"] or match["branch"]:  # “the Trust for Kent, Hull and Leeds”
        others = others if " and " in match["items"] else [*others, "officer"]
        others = [item for item in others if not bodies.is_place(item)]
    if bodies.is_body(name) or any(bodies.is_place(item) or POST.search(item) for item in others):
        return text
    return text[: match.start()] + bodies.hide(match[0]) + text[match.end() :]


def joined(pieces: list[Piece]) -> list[Piece]:
    """Joins “Leeds”, “Wakefield and Barnsley Housing Trust”: one name with a comma."""
    result: list[Piece] = []
    for piece in pieces:
        name = piece
        while len(result) > 1 and _continues(name, result[-1]):
            last = result.pop()
            name = Piece(f"{last.text}, {name.text}", last.before, Nature.EMPLOYER)
        if _is_of_name(piece, result):  # “Grammar School at Leeds”
            last = result.pop()
            name = Piece(f"{last.text}{name.before}{name.text}", last.before, Nature.EMPLOYER)
        result.append(name)
    return result


def _continues(piece: Piece, before: Piece) -> bool:
    """True for “Families and Travellers” after “Friends”, “York and Hull Trust” after “Leeds”."""
    head, *tail = re.split(r",| (?:and|&) ", piece.text)
    is_list = bool(tail) and piece.before.strip() == ","
    if not is_list or piece.nature not in {Nature.EMPLOYER, *_LOOSE}:
        return False
    if before.before in {" at ", " @ "} and piece.nature is Nature.EMPLOYER:
        return True
    is_word = before.nature in _LOOSE and len(before.text.removeprefix("St ").split()) == 1
    return is_word or (bodies.is_place(head) and _is_start(before))


def _is_start(piece: Piece) -> bool:
    text = re.sub(r"^NHS ", "", piece.text)
    return piece.nature in {Nature.PLACE, Nature.EMPLOYER} and bodies.is_place(text)


def _is_of_name(piece: Piece, before: list[Piece]) -> bool:
    """True for the place behind “at” in an employer's name, where a role came first."""
    if len(before) < len(["role", "employer"]) or piece.nature is not Nature.PLACE:
        return False
    return piece.before == " at " and before[-1].nature is Nature.EMPLOYER
