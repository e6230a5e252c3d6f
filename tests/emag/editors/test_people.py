"""Editors are invited, changed and removed; who did it is recorded."""

import pytest

from emag.audit import record
from emag.editors import people
from emag.errors import EmagError, NotFound, WrongMove
from subscribers import membership


@pytest.fixture
def invite(database, settings, clock):
    def _invite(mailbox, *roles, by="Olga"):
        return people.invite(database, settings, mailbox, roles or ["editor"], now=clock(), by=by)

    return _invite


def test_before_anybody_is_invited_any_name_goes(database):
    assert people.acting(database, "whoever") == "whoever"


def test_once_there_are_editors_only_their_names_go(database, invite):
    invite("Ben <ben@example.org>")
    assert people.acting(database, "BEN") == "Ben"
    assert people.acting(database, "ben@example.org") == "Ben"
    with pytest.raises(NotFound, match=r"no editor “Bem”; there are Ben <ben@example.org>\."):
        people.acting(database, "Bem")
    invite("Ben <ben@example.net>")
    with pytest.raises(NotFound, match=r"give the address, ben@example\.net, ben@example\.org"):
        people.acting(database, "Ben")
    assert people.acting(database, "ben@example.net") == "Ben <ben@example.net>"


def test_a_name_comes_from_the_settings_where_none_is_given(invite):
    assert invite("ann@example.org").name == "Ann"


def test_an_invitation_mails_somebody_once_and_signs_nobody_in(database, invite, clock):
    invite("Cleo <cleo@example.org>", "approver", "editor", by="Olga")
    with database.transaction() as conn:
        [letter] = membership.claim_letters(conn, limit=9, now=clock())
    assert (letter.address, letter.name) == ("cleo@example.org", "Cleo")
    assert letter.subject == "You are invited to work on The Town Crier"
    assert "Olga has invited you" in letter.text
    assert "approve, hold, send and pause issues (approver)" in letter.text
    links = [word for word in letter.text.split() if word.startswith("http")]
    assert links == ["https://mail.crier.example.org/desk"]


def test_each_change_is_recorded(database, invite, clock):
    invite("Ann <ann@example.org>", "editor")
    people.change_roles(database, "Ann", ["approver", "editor"], now=clock(), by="Olga")
    people.change_roles(database, "Ann", ["editor", "approver"], now=clock(), by="Olga")
    people.remove(database, "ann@example.org", now=clock(), by="Pat")
    assert people.listing(database) == []
    again = invite("Anna <ann@example.org>", "viewer")
    assert people.listing(database) == [again]
    with database.reading() as conn:
        entries = record.listing(conn, subject="ann@example.org")
    assert [(e.kind, e.by, e.detail) for e in reversed(entries)] == [
        ("invited", "Olga", "editor"),
        ("roles-changed", "Olga", "editor → editor, approver"),
        ("removed", "Pat", "editor, approver"),
        ("invited", "Olga", "viewer"),
    ]


def test_what_is_refused(database, invite, clock):
    invite("Ann <ann@example.org>")
    with pytest.raises(WrongMove, match=r"ann@example\.org is an editor already"):
        invite("ANN@example.org")
    with pytest.raises(EmagError, match="“Ann” is not a mailbox"):
        invite("Ann")
    with pytest.raises(NotFound, match="no role “chief”"):
        invite("Cleo <cleo@example.org>", "chief")
    with pytest.raises(NotFound, match="no editor “Cleo”"):
        people.remove(database, "Cleo", now=clock(), by="Olga")
    assert [editor.name for editor in people.listing(database)] == ["Ann"]


def test_nobody_has_signed_in_yet(database, invite, clock):
    ann = invite("Ann <ann@example.org>")
    assert people.sign_ins(database, "Ann", now=clock()).sessions == ()
    assert people.reset(database, "Ann", now=clock(), by="Olga").editor == ann
    assert (ann.passkeys, ann.last_seen) == (0, None)
