"""Reads the words files of `templates/words`, and finds what is wrong in them."""

import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from emag.errors import PressError
from emag.press.language import FORMS, OTHER, plural_forms
from emag.settings import sentences

FALLBACK = "en"
_NAMED = 20  # missing texts that one sentence names

Texts = Mapping[str, str]
Contents = tuple[bytes | None, ...]


def names(language: str) -> list[str]:
    """Returns the file names to try for a tag: de-at, then de."""
    name = language.lower()
    return list(dict.fromkeys([name, name.partition("-")[0]]))


def existing(language: str, folders: tuple[Path, ...]) -> str:
    """The name of the first file for a tag that there is, or ""."""
    return next((name for name in names(language) if files(name, folders)), "")


def files(name: str, folders: tuple[Path, ...]) -> list[Path]:
    """Returns the shipped file first, so that the publication's file overrides it."""
    paths = [folder / "words" / f"{name}.toml" for folder in reversed(folders)]
    return [path for path in paths if path.is_file()]


def layers(name: str, folders: tuple[Path, ...], *, desk: bool = False) -> list[Texts]:
    """The texts of each file of a language, with `desk` of the desk's files too.

    What comes later overrides. Raises PressError for a file that is not TOML.
    """
    return [
        parsed(file) for file in files(name, folders) + (_desk_files(name, folders) if desk else [])
    ]


def contents(language: str, folders: tuple[Path, ...], *, desk: bool = False) -> Contents:
    """What is in the files that are read for a language, to see whether they have changed."""
    every = list(dict.fromkeys((FALLBACK, *names(language))))
    paths: list[str | Path] = [
        f"{folder}/words/{name}.toml" for name in every for folder in folders
    ]
    if desk:
        paths += [path for name in every for path in _desk_files(name, folders)]
    return tuple(map(_bytes, paths))


def _bytes(path: str | Path) -> bytes | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - twice as fast as pathlib
            return file.read()
    except OSError:
        return None  # `parsed` says why, if it should be there


def read(name: str, folders: tuple[Path, ...], *, desk: bool = False) -> dict[str, str]:
    """The texts of a language. Raises PressError."""
    texts: dict[str, str] = {}
    for layer in layers(name, folders, desk=desk):
        texts |= layer
    return texts


def parsed(file: Path) -> Texts:
    """The texts of one file by their keys. Raises PressError for a file that is not TOML."""
    text = ""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return _parsed(text)
    except tomllib.TOMLDecodeError as error:
        raise PressError(sentences.of_toml(text, error, of=str(file))) from error
    except UnicodeDecodeError as error:
        raise PressError(f"{file} is not text in UTF-8: save it as UTF-8") from error
    except (OSError, ValueError) as error:
        raise PressError(f"{file} cannot be read: check who may read it") from error


def usable(layers: Iterable[Texts], english: Texts, language: str) -> dict[str, str]:
    """The texts that can be printed, and English ones where there is none."""
    valid = {
        key: text
        for texts in layers
        for key, text in texts.items()
        if not fault(key, text, english, language)
    }
    groups = {_group(key) for key in valid if is_form(key, english)}
    spare = {k: t for k, t in english.items() if not (is_form(k, english) and _group(k) in groups)}
    return spare | valid


def faults(files: Mapping[str, Texts], english: Texts, language: str) -> Iterator[str]:
    """One sentence for each fault, with its file and key. `files` has emag's own file first.

    A text that is wrong in braces or key is not used; one that leaves out a value is.
    """
    for file, texts in files.items():
        for key, text in texts.items():
            reason = fault(key, text, english, language) or _omission(key, text, english)
            if reason:
                yield f"{file}: {reason}"
    every = {key for texts in files.values() for key in texts}
    if lacking := _lacking(every, english, language):
        listed = ", ".join(lacking[:_NAMED])
        more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
        yield f"{list(files)[-1]} lacks {listed}{more}: add them, readers get English there"


def fault(key: str, text: str, english: Texts, language: str) -> str:
    """Returns why a text cannot be used, or "" if it can."""
    original = _original(key, english)
    if original is None:
        return f"no page uses {key}: correct the key or remove it"
    if is_form(key, english) and _form(key) in FORMS - plural_forms(language):
        return f"{key} is a form that the language does not have: remove it"
    try:
        unknown = sorted(slots(text) - slots(original))
    except ValueError as error:
        return f"{key} cannot be read ({error}): correct its braces"
    return f"{key} holds {{{unknown[0]}}}, which nothing fills in: remove it" if unknown else ""


def is_form(key: str, english: Texts) -> bool:
    """True for a plural form: `other`, another form of CLDR, or the form for exactly a number."""
    return _is_form(key) and _group(key) in _groups(tuple(english))


@lru_cache(maxsize=4096)
def slots(text: str) -> frozenset[str]:
    """The names in the braces of a text. Raises ValueError for a brace without its other half."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _omission(key: str, text: str, english: Texts) -> str:
    """Returns which value a text leaves out. A plural form may leave out its number."""
    original = _original(key, english)
    missing = sorted(slots(original) - slots(text)) if original else []
    if is_form(key, english) and _form(key) != OTHER:
        missing = [name for name in missing if name != "n"]
    return f"{key} does not hold {{{missing[0]}}}: add it" if missing else ""


def _lacking(keys: set[str], english: Texts, language: str) -> list[str]:
    """The keys that a language needs and does not have, in the order of the English file."""
    needed: dict[str, None] = {}
    for key in english:
        if not is_form(key, english):
            needed[key] = None
        elif _form(key) == OTHER:
            needed |= dict.fromkeys(f"{_group(key)}.{form}" for form in _in_order(language))
    return [key for key in needed if key not in keys]


def _in_order(language: str) -> list[str]:
    forms = ["zero", "one", "two", "few", "many", OTHER]
    return [form for form in forms if form in plural_forms(language)]


def _original(key: str, english: Texts) -> str | None:
    """The English text that a text stands for; for a plural form the general one."""
    if is_form(key, english):
        return english[f"{_group(key)}.{OTHER}"]
    return english.get(key)


@lru_cache(maxsize=16)
def _groups(keys: tuple[str, ...]) -> frozenset[str]:
    """The groups of plural forms: those with an `other`, and nothing but forms beside it."""
    general = {_group(key) for key in keys if _form(key) == OTHER}
    return frozenset(general - {_group(key) for key in keys if not _is_form(key)})


def _is_form(key: str) -> bool:
    return _form(key) in FORMS or _form(key).isdigit()


def _group(key: str) -> str:
    return key.rpartition(".")[0]


def _form(key: str) -> str:
    return key.rpartition(".")[2]


def _desk_files(name: str, folders: tuple[Path, ...]) -> list[Path]:
    """Returns the files of the desk's texts, one a page, the shipped ones first."""
    return [
        file
        for folder in reversed(folders)
        for file in sorted((folder / "words" / "desk" / name).glob("*.toml"))
    ]


# The files change seldom, and to read them as TOML takes longer than to print an issue.
@lru_cache(maxsize=256)
def _parsed(toml: str) -> Texts:
    return MappingProxyType(_flat(tomllib.loads(toml)))


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            texts |= _flat(value, f"{above}{key}.")
        else:
            texts[above + key] = str(value)
    return texts
