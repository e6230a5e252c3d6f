import json

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from subscribers.address import _PLAIN, clean_name, is_plausible, parse
from subscribers.errors import BadAddress


@pytest.mark.parametrize(
    ("typed", "text", "key"),
    [
        ("ann@example.org", "ann@example.org", "ann@example.org"),
        ("  Ann.Lee@Example.ORG\t", "Ann.Lee@example.org", "ann.lee@example.org"),
        ("ann+news@example.org", "ann+news@example.org", "ann+news@example.org"),
        ("ann@müller.example.org", "ann@xn--mller-kva.example.org", None),
        ("ann@MÜLLER.example.org", "ann@xn--mller-kva.example.org", None),
        ("o'neil@example.co.uk", "o'neil@example.co.uk", "o'neil@example.co.uk"),
        ("rehearsal@readers.test", "rehearsal@readers.test", None),
    ],
)
def test_one_address_has_one_form(typed: str, text: str, key: str | None):
    address = parse(typed)
    assert address.text == text
    assert address.key == (key or text)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "ann@example",
        "ann@@example.org",
        "ann..lee@example.org",
        ".ann@example.org",
        '"ann lee"@example.org',
        "ann(comment)@example.org",
        "ann@[192.0.2.1]",
        "ann@192.0.2.1",
        "Ann <ann@example.org>",
        "ann@example.org\n",
        "ann@example.org\r\nBcc: bob@example.org",
        "ann@-example.org",
        "ann@mail.localhost",
        "ann@printer.local",
        "ann@test",
        "a" * 65 + "@example.org",
        "ann@"
        + "a" * 60
        + "."
        + "b" * 60
        + "."
        + "c" * 60
        + "."
        + "d" * 60
        + "."
        + "e" * 9
        + ".uk",
        "žofie@example.org",
        "ann\0@example.org",
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(typed: str):
    with pytest.raises(BadAddress) as refused:
        parse(typed)
    assert len(str(refused.value)) > 20


def test_letters_of_the_world_are_taken_where_they_can_be_sent():
    address = parse("žofie@example.org", smtputf8=True)
    assert address.text == "žofie@example.org"
    assert address.needs_smtputf8
    assert not parse("ann@müller.example.org").needs_smtputf8


def test_people_see_a_domain_in_its_own_letters():
    assert parse("ann@müller.example.org").display == "ann@müller.example.org"
    assert parse("ann@example.org").display == "ann@example.org"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.n.n@gmail.com", "ann+crier@googlemail.com"),
        ("ann+1@example.org", "ANN+2@example.org"),
    ],
)
def test_spellings_of_one_mailbox_share_its_limit(one: str, other: str):
    assert parse(one).limit_key == parse(other).limit_key
    assert parse(one).key != parse(other).key


def test_dots_count_anywhere_else():
    assert parse("a.nn@example.org").limit_key != parse("ann@example.org").limit_key


LABEL = st.text("abz09-", min_size=1, max_size=9)
ADDRESS = st.builds(
    "{}@{}.{}".format,
    st.text("abZ09.+-_'/=", min_size=1, max_size=12),
    st.lists(LABEL, min_size=1, max_size=3).map(".".join),
    st.sampled_from(["org", "co", "test", "local", "arpa", "c-m", "1a", "xn--p1ai"]),
)


@given(ADDRESS)
def test_the_quick_way_and_the_validator_say_the_same(typed: str):
    try:
        right = validate_email(typed, check_deliverability=False, test_environment=True).ascii_email
    except EmailNotValidError:
        right = None
    try:
        parsed = parse(typed).text
    except BadAddress:
        parsed = None
    assert parsed == right


def test_the_quick_way_is_the_one_mostly_taken():
    assert _PLAIN.fullmatch("Ann.Lee+crier@mail.example.co.uk")


@given(st.text())
def test_no_text_makes_it_raise_anything_else(typed: str):
    is_plausible(typed)
    try:
        address = parse(typed)
    except BadAddress:
        return
    assert parse(address.text) == address


@given(st.text())
def test_a_name_is_one_harmless_line(typed: str):
    name = clean_name(typed)
    assert len(name) <= 100
    assert not any(c in name for c in "\r\n\0\u2028")
    assert name[:1] not in tuple("=+-@")
    assert clean_name(name) == name


def test_names_are_left_as_they_are_where_they_can_be():
    assert clean_name("  Ann\tLee \r\n") == "Ann Lee"
    assert clean_name("Žofie O’Neil 🎈") == "Žofie O’Neil 🎈"
    assert clean_name('=HYPERLINK("x")') == 'HYPERLINK("x")'


def test_the_corpus_is_agreed_with(corpus):
    """Every address that it would take on a sign-up form, and none that it would refuse."""
    lines = (corpus / "addresses" / "addresses.jsonl").read_text().splitlines()
    labelled = [
        case for case in map(json.loads, lines) if case.get("signup") in {"accept", "reject"}
    ]
    wrong = [case for case in labelled if is_taken(case["address"]) != case["signup"]]
    assert not wrong, f"{len(labelled) - len(wrong)} of {len(labelled)} agreed with"


def is_taken(address: str) -> str:
    try:
        parse(address)
    except BadAddress:
        return "reject"
    return "accept"


def test_the_corpus_of_domains_is_normalised(corpus):
    is_in_files = 0
    for line in (corpus / "addresses" / "addresses.jsonl").read_text().splitlines():
        case = json.loads(line)
        expect = case.get("expect")
        is_plain = expect and "<" not in case["address"] and '"' not in case["address"]
        if not (is_plain and expect.get("ascii_email")) or "[" in case["address"]:
            continue
        is_in_files += 1
        local, _, domain = parse(case["address"]).text.rpartition("@")
        assert f"{local}@{domain}" == f"{expect['local_part']}@{expect['ascii_domain'].lower()}"
    assert is_in_files
