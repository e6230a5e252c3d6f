"""The list changed: join, confirm, leave, heard, change address, erase.

Every function takes an open connection of a write transaction and never commits. Who writes takes
the ledger's lock first, so that writers come one after the other and the chain has one end.
"""

from subscribers.membership.crowd import Ask, JoinResult, join_all
from subscribers.membership.departed import may_be_written_to, whose
from subscribers.membership.flood import Flood, drop, flood, release
from subscribers.membership.join import Confirmed, admit, confirm, disown, join, offer
from subscribers.membership.leave import erase, heard, leave, regret
from subscribers.membership.legacy import follow, keep_links, read_links
from subscribers.membership.letters import Letter, letter_failed, letter_sent, letters, posted
from subscribers.membership.prefer import ask_change, change_offer, confirm_change, prefer
from subscribers.membership.sweep import Periods, Swept, sweep

__all__ = [
    "Ask",
    "Confirmed",
    "Flood",
    "JoinResult",
    "Letter",
    "Periods",
    "Swept",
    "admit",
    "ask_change",
    "change_offer",
    "confirm",
    "confirm_change",
    "disown",
    "drop",
    "erase",
    "flood",
    "follow",
    "heard",
    "join",
    "join_all",
    "keep_links",
    "leave",
    "letter_failed",
    "letter_sent",
    "letters",
    "may_be_written_to",
    "offer",
    "posted",
    "prefer",
    "read_links",
    "regret",
    "release",
    "sweep",
    "whose",
]
