"""The table [checks] of emag.toml: what the pre-flight blocks, warns of, and leaves alone."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from emag.settings.kinds import TomlTable, duplicates, nearest

# The ids of all rules, as emag.checks lists them.
RULE_IDS = (
    *("unsubscribe", "subject", "preheader", "text-part", "stories", "topics", "closed-job"),
    *("promo", "link-empty", "link-dead", "link-redirected", "link-http", "link-used"),
    *(
        "page-gone",
        "slots",
        "alt",
        "picture-missing",
        "picture-heavy",
        "contrast",
        "headings",
        "source-changed",
    ),
    *("size", "postal-address", "past", "banned", "reading-age", "spam", "client-css", "domain"),
    "story-twice",
)
# Nobody can let these pass: a reader must be able to unsubscribe (PECR regulation 22, RFC 8058),
# and no reader gets the same story twice.
UNBREAKABLE_IDS = frozenset({"unsubscribe", "story-twice"})


def _rule(name: str) -> str:
    if name not in RULE_IDS:
        raise ValueError(f"“{name}” is no rule of the pre-flight{nearest(name, [*RULE_IDS])}")
    return name


RuleId = Annotated[str, AfterValidator(_rule)]


class ChecksSettings(TomlTable):
    """`block`, `warn` and `off` name rules that are to be graver or milder than they are."""

    banned: tuple[Annotated[str, Field(min_length=1)], ...] = ()  # words that must not leave
    block: tuple[RuleId, ...] = ()
    warn: tuple[RuleId, ...] = ()
    off: tuple[RuleId, ...] = ()

    @model_validator(mode="after")
    def _is_clear(self) -> "ChecksSettings":
        if twice := duplicates([*self.block, *self.warn, *self.off]):
            names = ", ".join(sorted(twice))
            raise ValueError(f"{names} is named twice in block, warn and off: choose one of them")
        if fixed := UNBREAKABLE_IDS & {*self.warn, *self.off}:
            names = ", ".join(sorted(fixed))
            raise ValueError(f"{names} always blocks: take it out of warn and off")
        return self
