"""The list changed: join, confirm, leave, heard, change address, erase.

Every function takes an open connection of a write transaction and never commits. Who writes takes
the ledger's lock first, so that writers come one after the other and the chain has one end.
"""

from subscribers.membership.join import (
    Confirmed,
    JoinResult,
    admit,
    confirm,
    disown,
    join,
    offer,
)
from subscribers.membership.leave import erase, heard, leave
from subscribers.membership.letters import Letter, letter_failed, letter_sent, letters
from subscribers.membership.prefer import ask_change, change_offer, confirm_change, prefer
from subscribers.membership.sweep import once, sweep

__all__ = [
    "Confirmed",
    "JoinResult",
    "Letter",
    "admit",
    "ask_change",
    "change_offer",
    "confirm",
    "confirm_change",
    "disown",
    "erase",
    "heard",
    "join",
    "leave",
    "letter_failed",
    "letter_sent",
    "letters",
    "offer",
    "once",
    "prefer",
    "sweep",
]
