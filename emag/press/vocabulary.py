"""The names that templates may use: MJML components and attributes, HTML tags, CSS properties."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ANY = "*"


@dataclass(frozen=True, slots=True)
class Component:
    """A component of MJML. `parents` is empty for one that may stand anywhere."""

    parents: frozenset[str]
    attributes: frozenset[str]  # empty for one that takes any

    def takes(self, attribute: str) -> bool:
        return not self.attributes or attribute in self.attributes


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All names. `impossible` says what to write instead of what mjml-python cannot do."""

    components: dict[str, Component]
    impossible: dict[str, str]
    tags: frozenset[str]
    properties: frozenset[str]


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    data = tomllib.loads((Path(__file__).parent / "markup.toml").read_text(encoding="utf-8"))
    groups = {name: text.split() for name, text in data.items() if isinstance(text, str)}
    components = {
        name: Component(_names(entry["in"], groups), _names(entry["has"], groups) | {"mj-class"})
        if entry["has"] != ANY
        else Component(_names(entry["in"], groups), frozenset())
        for name, entry in data["components"].items()
    }
    return Vocabulary(
        components,
        data["cannot"],
        frozenset(data["html"]["tags"].split()),
        frozenset(data["css"]["properties"].split()),
    )


def _names(text: str, groups: dict[str, list[str]]) -> frozenset[str]:
    words = (word for word in text.split() if word != ANY)
    parts = [groups[word[1:]] if word.startswith("@") else [word] for word in words]
    return frozenset(name for part in parts for name in part)
