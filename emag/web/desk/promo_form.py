"""The form of a promo: what an editor entered, and the promo and the runs that it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from pydantic import BaseModel

from emag.desk.promo_booking import Wish
from emag.desk.promos import ListedPromo
from emag.issues.promo import AFTER_LEAD, Promo, PromoKind, RunStatus

MOST_RUNS = 104
KEEP, DATES, RUNS = "keep", "dates", "runs"


class PromoForm(BaseModel):
    """The fields as the browser sends them."""

    kind: PromoKind = PromoKind.ANNOUNCEMENT
    title: str = ""
    text: str = ""
    picture: str = ""
    alt: str = ""
    link: str = ""
    button: str = ""
    advertiser: str = ""
    place: str = AFTER_LEAD
    when: str = RUNS
    on: list[str] = []
    runs: str = "1"

    def promo(self) -> Promo:
        """The promo that was written. It is not judged yet."""
        return replace(Promo(self.kind, self.title, self.place), **self.texts())  # type: ignore[arg-type]

    def texts(self) -> dict[str, str]:
        """The fields of the promo by their names, all but its kind."""
        names = ("title", "text", "picture", "alt", "link", "button", "advertiser", "place")
        return {name: str(getattr(self, name)).replace("\r\n", "\n") for name in names}


@dataclass(frozen=True, slots=True)
class WishedRuns:
    """Where the promo is to run, or the keys of what is wrong with the answer, by field."""

    wish: Wish
    problems: Mapping[str, str] = field(default_factory=dict)


def wished(form: PromoForm) -> WishedRuns:
    """Reads the question “When does it run?”."""
    if form.when == KEEP:
        return WishedRuns(Wish())
    if form.when == DATES:
        try:
            return WishedRuns(Wish(on=tuple(_spot(text) for text in form.on)))
        except ValueError:
            return WishedRuns(Wish(), {"when-dates": "promos.problem.date"})
    if form.runs.strip().isdecimal() and 1 <= int(form.runs[:4]) <= MOST_RUNS:
        return WishedRuns(Wish(runs=int(form.runs)))
    return WishedRuns(Wish(), {"runs": "promos.problem.runs"})


def filled(listed: ListedPromo) -> PromoForm:
    """The form of a promo that there is."""
    promo = listed.promo
    booked = [run for run in listed.runs if run.status is RunStatus.BOOKED]
    return PromoForm(
        **{name: getattr(promo, name) for name in PromoForm.model_fields if hasattr(promo, name)},
        when=KEEP,
        on=[run.date or str(run.issue) for run in booked if run.date or run.issue],
        runs=str(max(len(booked), 1)),
    )


def _spot(text: str) -> date | int:
    return int(text) if text.isdecimal() else date.fromisoformat(text)
