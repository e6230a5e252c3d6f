"""Keeps what DNS said of the sending domain, so that no page waits for name servers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from emag.domain import DomainFinding
from emag.domain.tables import DOMAIN_ANSWERS
from emag.settings import Settings
from subscribers import dialect

_ROW = DOMAIN_ANSWERS
_CLEAN_FOR = timedelta(hours=6)
_FAULTY_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class KnownDomain:
    """The newest findings about the sending domain, and when DNS was asked."""

    findings: tuple[DomainFinding, ...]
    asked_at: datetime

    def is_due(self, *, now: datetime) -> bool:
        """True if DNS should be asked again; sooner where somebody may have mended it."""
        return now - self.asked_at >= (_FAULTY_FOR if self.findings else _CLEAN_FOR)


def newest(conn: Connection, settings: Settings) -> KnownDomain | None:
    """What is known of the domain that the settings send from."""
    domain, transport = _key(settings)
    query = select(_ROW.c.findings, _ROW.c.asked_at).where(
        _ROW.c.domain == domain, _ROW.c.transport == transport
    )
    row = conn.execute(query).first()
    return KnownDomain(tuple(DomainFinding(**f) for f in row[0]), row[1]) if row else None


def remember(
    conn: Connection, settings: Settings, findings: Sequence[DomainFinding], *, now: datetime
) -> None:
    """Writes the findings in place of older ones."""
    domain, transport = _key(settings)
    values = {"findings": [asdict(finding) for finding in findings], "asked_at": now}
    statement = dialect.insert(conn, _ROW).values(domain=domain, transport=transport, **values)
    conn.execute(
        statement.on_conflict_do_update(index_elements=["domain", "transport"], set_=values)
    )


def _key(settings: Settings) -> tuple[str, str]:
    return settings.publication.sender_domain, settings.transport.kind
