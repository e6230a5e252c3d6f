"""Tests mailboxes over TLS and STARTTLS, with certificates verified."""

import ssl

import pytest

from emag import bootstrap
from emag.errors import ReportError, Unreachable
from emag.mailing.returns.collect import Collected, collect
from subscribers.tokens import Keys
from tests.conftest import SECRET
from tests.emag.mailing.returns.mailbox.conftest import PASSWORD
from tests.emag.mailing.returns.mailbox.test_promises import bodies, marks, report

SECURITY = pytest.mark.parametrize("security", ["tls", "starttls"])


@pytest.fixture
def reader(clock):
    return bootstrap.bounces(Keys(SECRET), clock)


@pytest.fixture
def secure(account, server_tls):
    """The account, on a server with TLS from the start or with STARTTLS."""

    def make(security: str):
        account.server.tls, account.server.implicit = server_tls, security == "tls"
        return account

    return make


@SECURITY
def test_reports_come_over_tls_and_count_once(secure, trust, database, reader, security):
    account = secure(security)
    account.store.add(report(1))
    box = account.mailbox(security=security, context=trust)
    assert collect(database, box, reader) == Collected(read=1, reports=1)
    assert collect(database, box, reader) == Collected(read=0, reports=0)
    assert marks(database) == [1]
    assert account.store.clear == 0, "nobody on the way could read the password"


@SECURITY
def test_an_untrusted_certificate_is_refused(secure, security):
    account = secure(security)
    with pytest.raises(ReportError, match="certificate that is not trusted") as caught:
        bodies(account.mailbox(security=security))
    assert "\n" not in str(caught.value)
    assert account.store.log in ([], ["CAPABILITY", "STARTTLS"], ["CAPA", "STLS"]), "no log-in"


@SECURITY
def test_a_certificate_of_another_host_is_refused(secure, trust, security):
    account = secure(security)
    box = account.mailbox(security=security, context=trust, host="localhost")
    with pytest.raises(ReportError, match="localhost shows a certificate that is not trusted"):
        bodies(box)


def test_the_password_is_not_sent_in_clear_where_tls_is_demanded(account, trust):
    with pytest.raises(ReportError, match=r"offers no (STARTTLS|STLS)"):
        bodies(account.mailbox(security="starttls", context=trust))
    assert account.store.clear == 0


@SECURITY
def test_a_server_without_tls_is_refused(account, trust, security):
    with pytest.raises((ReportError, Unreachable)):
        bodies(account.mailbox(security=security, context=trust, timeout=2.0))
    assert account.store.clear == 0


@SECURITY
def test_a_wrong_password_over_tls_is_named(secure, trust, security):
    with pytest.raises(ReportError, match="EMAG_MAILBOX_PASSWORD") as caught:
        bodies(secure(security).mailbox("hunter2", security=security, context=trust))
    assert "hunter2" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


@SECURITY
@pytest.mark.parametrize("after", [0, 1])
def test_a_connection_lost_while_reading_loses_nothing(
    secure, trust, database, reader, security, after
):
    account = secure(security)
    for number in (1, 2, 3):
        account.store.add(report(number))
    account.store.fail = "UID FETCH" if account.kind == "imap" else "RETR"
    account.store.after = after
    box = account.mailbox(security=security, context=trust, remove=True)
    with pytest.raises(Unreachable):
        collect(database, box, reader)
    assert account.store.bodies() == [report(n) for n in (1, 2, 3)]
    account.store.fail = ""
    assert collect(database, box, reader).reports == 3
    assert marks(database) == [1, 2, 3]
    assert account.store.bodies() == []


def test_the_context_of_the_tests_verifies_like_the_default(trust):
    """The tests add their own authority, and host names are verified as by default."""
    default = ssl.create_default_context()
    assert trust.check_hostname is default.check_hostname is True
    assert trust.verify_mode is default.verify_mode is ssl.CERT_REQUIRED
