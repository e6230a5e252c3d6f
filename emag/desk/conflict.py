"""Refuses to overwrite a text that somebody else changed after the editor opened it."""

from collections.abc import Mapping

from sqlalchemy import Connection

from emag.errors import TextConflict
from emag.issues import acts, state
from emag.issues.act import can_follow


def refuse_conflict(
    conn: Connection,
    number: int,
    target: str,
    wanted: str | None,
    based_on: Mapping[str, str | None],
) -> None:
    """Raises TextConflict where the target's text is not the one that the editor saw.

    A target that `based_on` does not name is written in any case.
    """
    if target not in based_on:
        return
    current = state.read(conn, number, target)
    if can_follow(current, wanted, based_on[target]):
        return
    same = [act for act in acts.listing(conn, number) if act.target == target]
    author = same[-1].by if same else "Somebody"
    raise TextConflict(
        f"{author} has written another text here since you opened it: keep yours or theirs.",
        field=target,
        current=current,
        wanted=wanted or "",
        author=author,
    )
