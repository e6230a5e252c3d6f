"""What reads what comes back: providers' reports, bounce mail and its mailbox."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from emag.errors import SettingsError

if TYPE_CHECKING:
    from emag.mailing.returns.mailbox import Mailbox
    from emag.mailing.returns.webhooks import BounceReader, Feedback
    from emag.settings import Settings
    from subscribers.tokens import Keys


def feedback(settings: "Settings", now: Callable[[], datetime]) -> "Mapping[str, Feedback]":
    """By the provider's name, as in /hooks/feedback/NAME; only those that can verify a report."""
    told = settings.environment
    found: dict[str, Feedback] = {}
    if told.sendgrid_webhook_key:
        from emag.mailing.returns.webhooks.sendgrid import SendGridFeedback

        found["sendgrid"] = SendGridFeedback(told.sendgrid_webhook_key)
    if told.postmark_webhook_username and told.postmark_webhook_password:
        from emag.mailing.returns.webhooks.postmark import PostmarkFeedback

        name, password = told.postmark_webhook_username, told.postmark_webhook_password
        found["postmark"] = PostmarkFeedback(name, password, now=now)
    if told.mailgun_signing_key:
        from emag.mailing.returns.webhooks.mailgun import MailgunFeedback

        found["mailgun"] = MailgunFeedback(told.mailgun_signing_key, now=now)
    if settings.feedback.ses_topics:
        from emag.mailing.returns.webhooks.ses import SesFeedback

        found["ses"] = SesFeedback(settings.feedback.ses_topics, now=now)
    return found


def bounces(keys: "Keys", now: Callable[[], datetime]) -> "BounceReader":
    """What reads mail that came back, and believes our own signature only."""
    from emag.mailing.returns.bounces.bounce_mail import BounceMail
    from subscribers.errors import BadToken

    def is_reader(token: str) -> bool:
        try:
            return bool(keys.read("unsubscribe", token, now=now()))
        except BadToken:
            return False

    return BounceMail(lambda mark: keys.read_short("bounce", mark) is not None, is_reader, now)


def mailbox(settings: "Settings") -> "Mailbox | None":
    """Where bounces arrive, if it is to be read."""
    told, environment = settings.mailbox, settings.environment
    if told.kind == "none":
        return None
    who = (environment.mailbox_username, environment.mailbox_password)
    if not all(who):
        names = "EMAG_MAILBOX_USERNAME and EMAG_MAILBOX_PASSWORD"
        raise SettingsError([f"mailbox.kind is “{told.kind}”, and {names} are not both set"])
    timeout = told.timeout.total_seconds()
    if told.kind == "imap":
        from emag.mailing.returns.mailbox.imap import ImapMailbox

        return ImapMailbox(
            told.host,
            told.door,
            told.security,
            *who,
            folder=told.folder,
            remove=told.remove,
            timeout=timeout,
        )
    from emag.mailing.returns.mailbox.pop3 import Pop3Mailbox

    return Pop3Mailbox(
        told.host, told.door, told.security, *who, remove=told.remove, timeout=timeout
    )
