"""The commands about announcements and sponsors' slots: promo add, list, show, edit, remove."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import LARGEST_NUMBER, Call, EditorOption, editor_name, now
from emag.cli.pictures import fetch_pictures
from emag.cli.strict import WrongUsage
from emag.issues.promo import AFTER_LEAD, Promo, PromoKind, place_in_words

if TYPE_CHECKING:
    from emag.desk.promo_booking import Wish
    from emag.desk.promos import ListedPromo, PromoRun

MOST_RUNS = 104
PromoArgument = Annotated[
    int,
    typer.Argument(
        metavar="ID", min=1, max=LARGEST_NUMBER, help="A promo's number, from “emag promo list”."
    ),
]
KindOption = Annotated[
    PromoKind | None,
    typer.Option(help="“sponsor” prints a label that readers see.", show_default=False),
]
TitleOption = Annotated[str | None, typer.Option(help="Its heading.")]
TextOption = Annotated[str | None, typer.Option(help="What it says, in short Markdown.")]
PictureOption = Annotated[
    str | None, typer.Option(metavar="URL", help="An https address; needs --alt.")
]
AltOption = Annotated[str | None, typer.Option(help="What the picture shows.")]
LinkOption = Annotated[
    str | None, typer.Option(metavar="URL", help="Where it leads, an https address.")
]
ButtonOption = Annotated[str | None, typer.Option(help="The words on its button; needs --link.")]
AdvertiserOption = Annotated[
    str | None, typer.Option(help="Who pays for it: the label names them.")
]
PlaceOption = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE",
        help="top (announcements only), after-lead, after:SECTION or end.",
        show_default=False,
    ),
]
OnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--on",
        metavar="DATE",
        help="A date such as 2026-12-04, or an open issue's number. Repeat it for more.",
        show_default=False,
    ),
]
RunsOption = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_RUNS, help="Book so many free dates.", show_default=False),
]


def add(
    call: Call,
    *,
    kind: Annotated[PromoKind, typer.Option(help="“sponsor” prints a label that readers see.")],
    title: Annotated[str, typer.Option(help="Its heading.")],
    text: TextOption = None,
    picture: PictureOption = None,
    alt: AltOption = None,
    link: LinkOption = None,
    button: ButtonOption = None,
    advertiser: AdvertiserOption = None,
    place: PlaceOption = None,
    on: OnOption = None,
    runs: RunsOption = None,
    editor: EditorOption = None,
) -> None:
    """Add an announcement or a sponsor's slot, and book the issues it runs in.

    Without --on and --runs it runs once, on the next date where its place is free. It voids the
    approval of an open issue that gets it.
    """
    from emag.desk import promos

    fields = dict(_fields(title, text, picture, alt, link, button, advertiser))
    promo = replace(Promo(kind, title, place or AFTER_LEAD), **fields)  # type: ignore[arg-type]
    wish, by = _wish(on, runs), editor_name(editor)
    with call.database() as (settings, database):
        listed = promos.add(database, settings, promo, wish, now=now(), by=by)
        fetch_pictures(settings, database)
    _print(call, listed, f"Promo {listed.promo.id} is added")


def listing(call: Call) -> None:
    """List all promos, and what runs when."""
    from emag.desk import promos

    with call.database() as (settings, database):
        every = promos.listing(database, settings, now=now())
    rows = [row for listed in every for row in _rows(listed)]
    rows.sort(key=lambda row: (str(row[0] or "~"), row[2]))
    columns = ["Date", "Issue#", "Promo#", "Title", "Kind", "Place", "Status", ""]
    call.output(
        {"promos": [promo_data(listed) for listed in every]},
        output.table(columns, rows)
        if rows
        else "There is no promo yet: “emag promo add” makes one",
    )


def show(call: Call, promo: PromoArgument) -> None:
    """Show a promo and its runs."""
    from emag.desk import promos

    with call.database() as (settings, database):
        listed = promos.show(database, settings, promo, now=now())
    content = {name: value for name, value in promo_data(listed).items() if name != "runs"}
    rows = [[name, value] for name, value in content.items() if value not in ("", False)]
    call.output(promo_data(listed), output.table(["", ""], rows), *_run_lines(listed))


def edit(
    call: Call,
    promo: PromoArgument,
    *,
    kind: KindOption = None,
    title: TitleOption = None,
    text: TextOption = None,
    picture: PictureOption = None,
    alt: AltOption = None,
    link: LinkOption = None,
    button: ButtonOption = None,
    advertiser: AdvertiserOption = None,
    place: PlaceOption = None,
    on: OnOption = None,
    runs: RunsOption = None,
    editor: EditorOption = None,
) -> None:
    """Change a promo in every issue that has not left.

    --on or --runs replace the runs to come. It voids the approval of an open issue that has the
    promo.
    """
    from emag.desk import promos

    fields = dict(_fields(title, text, picture, alt, link, button, advertiser))
    fields |= {name: value for name, value in (("kind", kind), ("place", place)) if value}
    wish, by = _wish(on, runs), editor_name(editor)
    if not fields and wish.is_empty:
        raise WrongUsage("Say what to change, such as --text, --place or --on")
    with call.database() as (settings, database):
        listed = promos.edit(database, settings, promo, fields, wish, now=now(), by=by)
        fetch_pictures(settings, database)
    _print(call, listed, f"Promo {promo} is changed")


def remove(call: Call, promo: PromoArgument, editor: EditorOption = None) -> None:
    """Take a promo out of every issue that has not left. Earlier runs stay on record."""
    from emag.desk import promos

    by = editor_name(editor)
    with call.database() as (settings, database):
        listed = promos.remove(database, settings, promo, now=now(), by=by)
    _print(call, listed, f"Promo {promo} is removed")


def promo_data(listed: "ListedPromo") -> dict[str, Any]:
    """The fields of a promo that every command prints as JSON."""
    promo = listed.promo
    return {
        "id": promo.id,
        "kind": promo.kind.value,
        "title": promo.title,
        "text": promo.text,
        "picture": promo.picture,
        "alt": promo.alt,
        "link": promo.link,
        "button": promo.button,
        "advertiser": promo.advertiser,
        "place": promo.place,
        "removed": listed.is_removed,
        "runs": [_run_data(run) for run in listed.runs],
    }


def _run_data(run: "PromoRun") -> dict[str, Any]:
    spot: dict[str, Any] = {"date": run.date} if run.date or not run.issue else {}
    spot |= {"issue": run.issue} if run.issue else {}
    return spot | {"status": run.status.value, "planned": run.is_planned}


def _fields(*texts: str | None) -> Iterator[tuple[str, str]]:
    """The texts that were given, by the names that a promo has for them."""
    names = ("title", "text", "picture", "alt", "link", "button", "advertiser")
    for name, text in zip(names, texts, strict=True):
        if text is not None:
            yield name, text


def _wish(on: list[str] | None, runs: int | None) -> "Wish":
    from emag.desk.promo_booking import Wish

    if on and runs is not None:
        raise WrongUsage("Give either --on or --runs")
    return Wish(tuple(map(_date, on or ())), runs)


def _date(text: str) -> date | int | str:
    """A date, or an issue by its number or “next”."""
    if text == "next" or (text.isdecimal() and len(text) < len("20261204")):
        return text if text == "next" else int(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"“{text}” is not a date: write it like 2026-12-04") from None


def _print(call: Call, listed: "ListedPromo", text: str) -> None:
    voided = [f"Issue {number} was approved: approve it again" for number in listed.voided]
    data = promo_data(listed) | {"approvals_voided": list(listed.voided)}
    call.output(data, text, *_run_lines(listed), *voided)


def _run_lines(listed: "ListedPromo") -> Iterator[Any]:
    rows = [[row[0], row[1], row[5], *row[6:]] for row in _rows(listed) if listed.runs]
    if rows:
        yield output.table(["Date", "Issue#", "Place", "Status", ""], rows)
    elif not listed.is_removed:
        yield f"It runs in no issue: “emag promo edit {listed.promo.id} --runs 1” books one"


def _rows(listed: "ListedPromo") -> Iterator[list[Any]]:
    promo = listed.promo
    content = [promo.id, promo.title, promo.kind.value, place_in_words(promo.place)]
    for run in listed.runs:
        remark = "" if run.is_planned else "no issue is planned then"
        when = run.date or ("" if run.issue else "the next issue")
        yield [when, run.issue, *content, run.status.value, remark]
    if not listed.runs:
        yield ["", None, *content, "not booked", ""]
