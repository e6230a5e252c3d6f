"""Every error of the list, as one tree.

ListError                      could not be done; the text is one sentence for a person
├── BadAddress                 not an address that we can write to
├── BadToken                   a link that we did not make, or not for this
│   └── ExpiredToken           ours, but its time is over
├── UnknownReader              nobody of that address or link
├── ForgedRequest              a webhook without a good signature or token
├── TooLarge                   a request that is bigger than anything honest
├── BadForm                    a form that cannot be decoded
├── WrongFile                  a file that cannot be imported, or not be written
│   └── NoSuchImport           nothing was imported under that number, or it is undone already
├── UnknownTask                an import that was not begun in this process, or is forgotten
├── ImportRunning              one import, or its undoing, at a time
├── UnknownTopic               a topic that the publication does not offer
└── BrokenAnchor               the consent record's anchor cannot be read, or its seal is wrong
    └── MissingAnchor          there is no such file
"""


class ListError(Exception):
    """It could not be done."""

    permanent = True

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class BadAddress(ListError):
    """This is not an email address that mail can be sent to."""

    def __init__(self, message: str | None = None, *, kind: str = "wrong") -> None:
        """`kind` is what pages call it, which say it in their own language."""
        super().__init__(message)
        self.kind = kind


class BadToken(ListError):
    """This link is not complete, or not one of ours."""


class ExpiredToken(BadToken):
    """This link is too old to be used."""


class UnknownReader(ListError):
    """Nobody of that address is on the list."""


class ForgedRequest(ListError):
    """The request is not signed as it must be."""


class TooLarge(ListError):
    """The request is too large."""


class BadForm(ListError):
    """The form cannot be read: send it as UTF-8, urlencoded or multipart."""


class WrongFile(ListError):
    """This file cannot be imported."""


class NoSuchImport(WrongFile):
    """There is no import of that number that could be undone."""


class UnknownTask(ListError):
    """This import is not known any more: choose the file again."""


class ImportRunning(ListError):
    """Another import is running: wait until it has ended."""


class UnknownTopic(ListError):
    """The publication does not offer this topic."""


class BrokenAnchor(ListError):
    """The anchor of the consent record was changed."""


class MissingAnchor(BrokenAnchor):
    """The anchor of the consent record is missing."""
