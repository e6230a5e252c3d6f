"""Tests the verdict on refusals: hard only where the address surely does not exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.mailing.event import EventKind
from emag.mailing.refusal.verdict import verdict

HARD, SOFT, POLICY = EventKind.HARD, EventKind.SOFT, EventKind.POLICY

BLAMES_US = [
    "550 5.1.3 Not accepted, see https://check.spamhaus.org/query/ip/192.0.2.7",
    "550 5.1.1 <ann@example.net>: Recipient address rejected: your host is blocklisted",
    "550 5.1.1 IP address 192.0.2.7 is listed at zen.spamhaus.org",
    "550 5.1.1 [192.0.2.7] blocked, see http://bl.spamcop.net",
    "550 5.1.3 refused; http://www.sorbs.net/lookup.shtml?192.0.2.7",
    "550 5.1.1 rejected because your server has a bad reputation",
    "550 5.1.1 Access denied, banned sending IP [192.0.2.7]",
    "550 5.1.2 <crier@example.org>: Sender address rejected: Domain not found",
    "550 5.1.1 <crier@example.org>: Sender address rejected: User unknown",
    "550 5.1.2 invalid domain of the sender",
    "550 5.1.1 The domain of the sender address does not exist",
    "550 5.1.2 Unknown sender domain",
    "550 5.1.2 Your domain example.org could not be resolved",
    "553 5.1.2 Domain of sender address crier@example.org does not resolve",
    "550 5.1.2 unrouteable mail domain in MAIL FROM",
    "550 5.1.1 Helo command rejected: Host not found",
    "550 5.1.1 Client host rejected: cannot find your hostname",
    "550 5.1.1 SPF check failed",
    "550 5.7.27 Sender address has null MX",
    "550 5.1.1 Ваш IP находится в черном списке",
    "550 5.1.1 votre adresse IP est sur liste noire",
    "550 5.1.1 Dieser Server steht auf einer Sperrliste",
]


@pytest.mark.parametrize("words", BLAMES_US)
def test_a_refusal_that_blames_our_server_or_domain_is_policy(words):
    assert verdict(words)[0] is POLICY


DOUBTS = [
    "the group you wrote to may not exist, or you may not have permission to post to it",
    "550 5.1.1 the group may not exist, or you do not have permission to post",
    "このグループは存在しないか、投稿する権限がない可能性があります",
    "550 5.1.1 グループは存在しないか、メッセージを投稿する権限がありません",
    "skupina možná neexistuje nebo nemáte oprávnění do ní zasílat zprávy",
    "skupina nemusí existovat, nebo do ní nemáte oprávnění psát",
    "група може не існувати, або у вас немає дозволу писати до неї",
    "возможно, группа не существует или у вас нет разрешения писать в неё",
    "그룹이 존재하지 않거나 게시할 권한이 없습니다",
    "该群组可能不存在，或者您没有发帖的权限",
    "die Gruppe existiert möglicherweise nicht",
    "le groupe n'existe peut-être pas, ou vous n'avez pas l'autorisation d'y écrire",
    "es posible que el grupo no exista o que no tengas permiso",
    "the mailbox might have been removed",
]


@pytest.mark.parametrize("words", DOUBTS)
def test_a_guess_or_a_missing_permission_is_never_hard(words):
    assert verdict(words)[0] in {SOFT, POLICY}


NO_MAIL = [
    ("5.1.0 Domain example.com does not accept mail (nullMX)", "5.1.0"),
    ("556 5.1.10 <ann@example.com>: Recipient address rejected: null MX", "5.1.10"),
    ("556 example.com takes nothing", "5.1.10"),
    ("Domain example.com does not accept mail (nullMX)", "5.1.10"),
    ("an MX or SRV record indicated no SMTP service", "5.1.10"),
]


@pytest.mark.parametrize(("words", "code"), NO_MAIL)
def test_a_domain_that_accepts_no_mail_is_hard(words, code):
    assert verdict(words) == (HARD, code)


UNKNOWN_ADDRESS = [
    "550 5.1.1 user unknown",
    "550-5.1.1 The email account that you tried to reach does not exist",
    "550 5.1.1 <ann@spamfilter.example.net>: user unknown",
    "550 5.1.1 No such mailbox. If this is an error, contact your mail server administrator",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "The address may be misspelled. 550 5.1.1 user unknown",
    "550 5.1.2 Host or domain name not found",
]


@pytest.mark.parametrize("words", UNKNOWN_ADDRESS)
def test_an_unknown_address_is_hard(words):
    assert verdict(words)[0] is HARD


@pytest.mark.parametrize("words", ["450 4.1.1 user unknown", "451 4.7.1 try again later"])
def test_a_temporary_refusal_is_never_hard(words):
    assert verdict(words, unknown=HARD)[0] is not HARD


def test_a_provider_s_own_judgement_counts_where_the_words_name_no_cause():
    assert verdict("500 something", unknown=HARD) == (HARD, "5.0.0")
    assert verdict("500 something") == (SOFT, "5.0.0")
    assert verdict("552 5.2.2 mailbox full", unknown=HARD)[0] is SOFT


@given(st.text(max_size=200), st.text(max_size=10), st.text(max_size=100))
def test_any_words_have_a_verdict(words, code, around):
    kind, status = verdict(words, code=code, around=around)
    assert kind in {HARD, SOFT, POLICY}
    assert status
