"""Examines the transport: whether it answers and accepts the log-in. Sends nothing."""

import os
import smtplib
import ssl
from collections.abc import Iterator

import httpx

from emag.connection_faults import reason
from emag.doctor.problem import Problem
from emag.settings import Settings

TIMEOUT = 10.0  # seconds
REFUSED = 400  # a reply of SMTP from here on is a refusal


def examine(settings: Settings) -> Iterator[Problem]:
    kind = settings.transport.kind
    if kind == "smtp":
        yield from _smtp(settings)
    elif kind == "sendgrid":
        yield from _sendgrid(settings)
    else:
        yield from _folder(settings)


def _folder(settings: Settings) -> Iterator[Problem]:
    path = settings.folder / settings.transport.path
    existing = next(place for place in (path, *path.parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        message = f"The folder {path} cannot be written: change transport.path or its permissions"
        yield Problem("transport", message)


def _smtp(settings: Settings) -> Iterator[Problem]:
    transport, environment = settings.transport, settings.environment
    where = f"{transport.host}:{transport.port}"
    context = ssl.create_default_context()
    try:
        server: smtplib.SMTP = (
            smtplib.SMTP_SSL(transport.host, transport.port, timeout=TIMEOUT, context=context)
            if transport.security == "tls"
            else smtplib.SMTP(transport.host, transport.port, timeout=TIMEOUT)
        )
        with server:
            server.ehlo()
            if transport.security == "starttls":
                server.starttls(context=context)
            if environment.smtp_username:
                server.login(environment.smtp_username, environment.smtp_password)
            yield from _envelope(server, settings, where)
    except smtplib.SMTPAuthenticationError as error:
        # Only the code: the server's words may repeat the user name.
        code = error.smtp_code
        message = f"{where} refuses EMAG_SMTP_USERNAME ({code}): correct it and its password"
        yield Problem("transport", message)
    except smtplib.SMTPNotSupportedError:
        missing = "STARTTLS" if transport.security == "starttls" else "a log-in"
        yield Problem("transport", f"{where} does not offer {missing}: see transport.security")
    except ssl.SSLError as error:
        yield Problem("transport", f"{where} cannot be trusted: {reason(error)}")
    except (OSError, smtplib.SMTPException) as error:
        advice = "correct [transport], or start the mail server"
        yield Problem("transport", f"{where} cannot be reached: {reason(error)}. {advice}")


def _envelope(server: smtplib.SMTP, settings: Settings, where: str) -> Iterator[Problem]:
    """Asks whether the server takes mail from our bounce address, as far as it says so before DATA.

    Some refuse the sender only once they know a recipient.
    """
    local, _, domain = settings.bounce_address.partition("@")
    sender, recipient = f"{local}+check@{domain}", settings.publication.sender_address
    code, words = server.mail(sender)
    subject = f"mail from {sender}"
    if code < REFUSED:
        code, words = server.rcpt(recipient)
        subject = f"mail from {sender} to {recipient}"
    server.rset()
    if code >= REFUSED:
        answer = f"{code} {words.decode('utf-8', 'replace')[:200]}"
        yield Problem(
            "transport",
            f"{where} refuses {subject}: “{answer}”. Let this log-in send from that address, or "
            "change transport.bounce_address",
        )


def _sendgrid(settings: Settings) -> Iterator[Problem]:
    environment = settings.environment
    host = settings.sendgrid_host
    if settings.sendgrid.sandbox:
        message = (
            "sendgrid.sandbox is set: SendGrid checks each mail and sends none. Set it to false"
        )
        yield Problem("transport", message, "warn")
    if not environment.sendgrid_api_key:
        yield Problem("transport", "EMAG_SENDGRID_API_KEY is not set: put it into .env")
        return
    key = {"Authorization": f"Bearer {environment.sendgrid_api_key}"}
    try:
        answer = httpx.get(f"{host}/v3/scopes", headers=key, timeout=TIMEOUT)
        scopes = answer.json().get("scopes", []) if answer.is_success else []
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        yield Problem(
            "transport",
            f"{host} cannot be reached: {reason(error)}. Look at this machine's network",
        )
        return
    if answer.status_code in {401, 403}:
        message = f"{host} refuses EMAG_SENDGRID_API_KEY ({answer.status_code})"
        yield Problem("transport", f"{message}: make a new key at SendGrid, and put it into .env")
    elif not answer.is_success:
        yield Problem("transport", f"{host} answers {answer.status_code}: try again later", "warn")
    elif "mail.send" not in scopes:
        yield Problem(
            "transport",
            "EMAG_SENDGRID_API_KEY lacks mail.send, so it may not send: add it at SendGrid",
        )
    if not environment.sendgrid_webhook_key:
        yield Problem(
            "transport",
            "EMAG_SENDGRID_WEBHOOK_KEY is not set, so nobody notices bounces and complaints: "
            "copy it from SendGrid's event webhook",
            "warn",
        )
