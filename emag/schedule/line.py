"""One line of what a round of the timetable did, as the log gets it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TickLine:
    """One result of a round. `error` is what was raised, where emag itself is at fault.

    `refusal` is what the database or its disk refused, in a sentence: it is the same for each
    stage that met it.
    """

    text: str
    is_fault: bool = False
    error: Exception | None = None
    refusal: str = ""


def counted(number: int, noun: str, plural: str = "") -> str:
    """“1 letter”, “2 letters”."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
