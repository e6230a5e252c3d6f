"""The greeting of a mail, without the rest of its language: sending needs no other text."""

from emag.press import words_files
from emag.press.language import tag
from emag.press.settings import PressSettings
from emag.press.words_files import FALLBACK

_FOR_ALL, _NAMED = "greeting.all", "greeting.named"


def greetings(settings: PressSettings) -> tuple[str, str]:
    """The greeting for everybody, and the one with a place for the reader's name.

    They are those of `words`, which loads all about the language first. Raises PressError for a
    file that is not TOML.
    """
    folders = settings.template_folders
    english = words_files.read(FALLBACK, folders[-1:])
    name = words_files.existing(tag(settings.publication.language), folders)
    texts = words_files.read(name, folders) if name else {}
    usable = {
        key: text
        for key, text in texts.items()
        if key in {_FOR_ALL, _NAMED} and not words_files.fault(key, text, english, name)
    }
    return usable.get(_FOR_ALL, english[_FOR_ALL]), usable.get(_NAMED, english[_NAMED])
