"""Examines the mailbox of bounces: signs in, opens its folder, and reads nothing."""

from collections.abc import Iterator

from emag import bootstrap
from emag.doctor.problem import Problem
from emag.errors import ReportError, SettingsError, Unreachable
from emag.settings import Settings


def examine(settings: Settings) -> Iterator[Problem]:
    try:
        box = bootstrap.mailbox(settings)
        if box is None:
            yield from _none(settings)
            return
        with box.visit():
            return
    except SettingsError:
        return  # the settings' own examination names it
    except (Unreachable, ReportError) as error:
        advice = "correct [mailbox], EMAG_MAILBOX_USERNAME and EMAG_MAILBOX_PASSWORD"
        yield Problem("mailbox", f"{error}: {advice}", "warn")


def _none(settings: Settings) -> Iterator[Problem]:
    """With SMTP, bounces come by mail, unless a provider reports them."""
    environment = settings.environment
    reports = (
        environment.postmark_webhook_username,
        environment.mailgun_signing_key,
        environment.sendgrid_webhook_key,
        settings.feedback.ses_topics,
    )
    if settings.transport.kind == "smtp" and not any(reports):
        yield Problem(
            "mailbox",
            "Nobody reads bounces and complaints: set [mailbox], or your provider's webhook",
            "warn",
        )
