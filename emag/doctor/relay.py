"""Examines the transport: whether it answers and accepts the log-in. Sends nothing."""

import os
import smtplib
import ssl
from collections.abc import Iterator

import httpx

from emag.doctor.problem import Problem
from emag.settings import Settings

TIMEOUT = 10.0  # seconds


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
    except smtplib.SMTPAuthenticationError as error:
        # Only the code: the server's words may repeat the user name.
        yield Problem("transport", f"{where} refuses EMAG_SMTP_USERNAME ({error.smtp_code})")
    except smtplib.SMTPNotSupportedError:
        missing = "STARTTLS" if transport.security == "starttls" else "a log-in"
        yield Problem("transport", f"{where} does not offer {missing}: see transport.security")
    except ssl.SSLError as error:
        yield Problem("transport", f"{where} cannot be trusted: {error.reason or 'no TLS'}")
    except (OSError, smtplib.SMTPException) as error:
        yield Problem("transport", f"{where} cannot be reached ({_reason(error)})")


def _sendgrid(settings: Settings) -> Iterator[Problem]:
    environment = settings.environment
    host = settings.sendgrid_host
    if settings.sendgrid.sandbox:
        message = (
            "sendgrid.sandbox is set: SendGrid checks each mail and sends none. Set it to false"
        )
        yield Problem("transport", message, "warn")
    if not environment.sendgrid_api_key:
        yield Problem("transport", "EMAG_SENDGRID_API_KEY is not set")
        return
    key = {"Authorization": f"Bearer {environment.sendgrid_api_key}"}
    try:
        answer = httpx.get(f"{host}/v3/scopes", headers=key, timeout=TIMEOUT)
        scopes = answer.json().get("scopes", []) if answer.is_success else []
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        yield Problem("transport", f"{host} cannot be reached ({_reason(error)})")
        return
    if answer.status_code in {401, 403}:
        yield Problem("transport", f"{host} refuses EMAG_SENDGRID_API_KEY ({answer.status_code})")
    elif not answer.is_success:
        yield Problem("transport", f"{host} answers {answer.status_code}", "warn")
    elif "mail.send" not in scopes:
        yield Problem("transport", "EMAG_SENDGRID_API_KEY may not send mail: it lacks mail.send")
    if not environment.sendgrid_webhook_key:
        yield Problem(
            "transport",
            "EMAG_SENDGRID_WEBHOOK_KEY is not set: bounces and complaints will not be noticed",
            "warn",
        )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
