"""Changes of the list: sign up, confirm, unsubscribe, change address, erase, record reports.

Each function takes an open connection of a write transaction and never commits. Every writer first
takes the lock of the consent ledger. So writers follow each other and the chain has one end.
"""

from subscribers.membership.flood import SignupFlood, drop_held, find_flood, release_held
from subscribers.membership.legacy import (
    find_legacy_reader,
    import_legacy_links,
    read_legacy_links,
)
from subscribers.membership.letter_reports import record_letter_report
from subscribers.membership.letters import (
    CODE,
    NOTICE,
    Letter,
    WaitingLetter,
    claim_letters,
    last_letter_at,
    letter_history,
    queue_code,
    queue_notice,
    record_letter_failed,
    record_letter_sent,
    waiting_letter,
    withdraw_notices,
)
from subscribers.membership.preferences import (
    check_address_change,
    confirm_address_change,
    edit,
    request_address_change,
    set_preferences,
)
from subscribers.membership.removed import current_ref, is_known, is_removed_and_mailable
from subscribers.membership.retention import Periods, Swept, sweep
from subscribers.membership.signup import (
    Confirmed,
    add_on_basis,
    check_confirmation,
    confirm,
    reject_signup,
    sign_up,
)
from subscribers.membership.signup_batch import SignupRequest, SignupResult, sign_up_all
from subscribers.membership.unsubscribe import (
    Report,
    erase,
    record_report,
    undo_unsubscribe,
    unsubscribe,
)
from subscribers.membership.verification import Verification, verify

__all__ = [
    "CODE",
    "NOTICE",
    "Confirmed",
    "Letter",
    "Periods",
    "Report",
    "SignupFlood",
    "SignupRequest",
    "SignupResult",
    "Swept",
    "Verification",
    "WaitingLetter",
    "add_on_basis",
    "check_address_change",
    "check_confirmation",
    "claim_letters",
    "confirm",
    "confirm_address_change",
    "current_ref",
    "drop_held",
    "edit",
    "erase",
    "find_flood",
    "find_legacy_reader",
    "import_legacy_links",
    "is_known",
    "is_removed_and_mailable",
    "last_letter_at",
    "letter_history",
    "queue_code",
    "queue_notice",
    "read_legacy_links",
    "record_letter_failed",
    "record_letter_report",
    "record_letter_sent",
    "record_report",
    "reject_signup",
    "release_held",
    "request_address_change",
    "set_preferences",
    "sign_up",
    "sign_up_all",
    "sweep",
    "undo_unsubscribe",
    "unsubscribe",
    "verify",
    "waiting_letter",
    "withdraw_notices",
]
