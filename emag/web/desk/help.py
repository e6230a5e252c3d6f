"""The page “Help”: the keys, the words, and what each rule of the pre-flight means."""

import sys
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag import checks
from emag.editors.role import Permission
from emag.press.words import Words
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

PATH = "/desk/help"


@dataclass(frozen=True, slots=True)
class ShownRule:
    """One rule of the pre-flight. Nobody can override a `fixed` one."""

    name: str
    meaning: str
    is_fixed: bool


def router(shell: Shell) -> APIRouter:
    """The page. Everybody at the desk may read it."""
    pages = routes(shell)

    @pages.get(PATH)
    def page(
        request: Request, user: Annotated[DeskUser, Depends(shell.access.reads(Permission.READ))]
    ) -> Response:
        return shell.page(
            request,
            user,
            "help.html",
            rules=rules(shell.words),
            keys=_names(shell.words, "help.keys."),
            terms=_names(shell.words, "help.word."),
        )

    return pages


def rules(words: Words) -> list[ShownRule]:
    """Every rule, in the order in which faults are listed.

    A rule without a text in the words files is explained by its own first sentence, in English.
    """
    return [
        ShownRule(name, _meaning(words, name), name in checks.UNBREAKABLE)
        for name in checks.RULE_NAMES
    ]


def _meaning(words: Words, name: str) -> str:
    key = f"help.rule.{name}"
    if key in words:
        return words.texts[key]
    modules = (sys.modules.get(f"emag.checks.rules.{name.replace('-', '_')}"),)
    sentence = next(((m.__doc__ or "").split("\n")[0] for m in modules if m), name)
    return sentence.removeprefix(f"Rule `{name}`: ").capitalize()


def _names(words: Words, prefix: str) -> list[tuple[str, str]]:
    """The last parts of the keys below a prefix that have a `name`, with the prefix before them."""
    keys = (key for key in words.texts if key.startswith(prefix) and key.endswith(".name"))
    names = (key.removeprefix(prefix).removesuffix(".name") for key in keys)
    return [(name, prefix + name) for name in names]
