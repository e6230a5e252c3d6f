"""Examines the DNS of the sending domain: SPF, DKIM, DMARC and MX, which providers demand."""

from dns import resolver

from emag.doctor.problem import Problem
from emag.domain import records
from emag.settings import Settings


def examine(
    settings: Settings, names: resolver.Resolver | None = None, *, timeout: float = records.TIMEOUT
) -> list[Problem]:
    """Queries the machine's name servers, or `names`, with a limit of `timeout` seconds each."""
    findings = records.examine(settings, names, timeout=timeout)
    return [Problem("dns", finding.message, finding.severity) for finding in findings]
