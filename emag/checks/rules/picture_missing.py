"""Rule `picture-missing`: emag has a copy of every picture that the issue should print.

It names the stories, promos and the logo that are printed without their picture, and why: the
picture is not fetched yet, is gone, or is no picture that mail programs show. It also names a story
whose picture is not cut around the place that an editor chose, because its source did not answer.
Give another address in the story's own words, or read the sources again (“emag gather”). Nothing is
said where `[pictures] host` is “source”.
"""

from collections.abc import Iterator, Mapping

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content.pictures.picture import StoredPicture, Use, focus_text, without_focus
from emag.issues.issue import Pick
from emag.issues.words import Field
from emag.press.tiers import Tier, tiers

NAME = "picture-missing"
_UNCUT = (
    "This story's picture is cut from its middle: its source did not answer when it was to be cut"
    " around the place that you chose. Read the sources again."
)


def rule(proof: Proof) -> Iterator[Fault]:
    if proof.settings.pictures.host != "emag":
        return
    stored = {(picture.url, picture.use): picture for picture in proof.issue.pictures}
    sizes = tiers(proof.issue)
    for pick in proof.issue.picks:
        picture = pick.story.picture
        if picture is None or sizes.get(pick.candidate, Tier.BRIEF) is Tier.BRIEF:
            continue  # printed without a picture anyway
        if reason := _reason(stored.get((picture.url, Use.STORY)), is_own=_is_own(pick)):
            target = f"words {pick.candidate} {Field.PICTURE.value}"
            yield _fault(
                "This story is printed without its picture", reason, pick.story.title, target
            )
        elif _is_uncut(picture.url, stored):
            target = f"words {pick.candidate} {Field.FOCUS.value}"
            yield Fault(NAME, "warn", _UNCUT, pick.story.title, target)
    for promo in proof.issue.promos:
        if promo.picture and (reason := _reason(stored.get((promo.picture, Use.PROMO)))):
            text = "This promo is printed without its picture"
            yield _fault(text, reason, promo.title, f"promo {promo.id}")
    theme = proof.settings.theme
    for logo in filter(None, (theme.logo, theme.logo_dark)):
        if reason := _reason(stored.get((logo, Use.LOGO))):
            yield _fault("The mail is printed without its logo", reason, logo, "")


def _is_uncut(url: str, stored: Mapping[tuple[str, Use], StoredPicture]) -> bool:
    """True where the crop from the middle stands in for the one that an editor asked for."""
    plain = stored.get((without_focus(url), Use.STORY))
    cut = stored.get((url, Use.STORY))
    is_middle = focus_text(url) == focus_text(without_focus(url))
    return bool(plain and cut and plain.hash and plain.hash == cut.hash) and not is_middle


def _is_own(pick: Pick) -> bool:
    return Field.PICTURE in pick.words


def _reason(picture: StoredPicture | None, *, is_own: bool = True) -> str:
    """Why there is no copy; "" where there is one, or where the program does not want it."""
    if picture is None:
        return "it has not been fetched yet"
    if picture.hash or not (is_own or picture.is_missing):
        return ""
    return f"it is {picture.reason}"


def _fault(text: str, reason: str, where: str, target: str) -> Fault:
    sentence = f"{text}: {reason}. Give another address, or read the sources again."
    return Fault(NAME, "warn", sentence, where, target)
