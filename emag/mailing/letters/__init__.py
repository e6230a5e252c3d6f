"""Letters to one person: confirmations, welcomes and changes of address, and editors' notices.

All of them wait in the queue of `subscribers.membership.letters`.
"""
