"""Exports of other programs, as far as their columns go; the rows are our own."""

import io
import json
import re
import shlex
import zipfile

import pytest

from subscribers.errors import WrongFile
from subscribers.exchange.recognise import NAMES

SUBSCRIBED = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,"
    "LATITUDE,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
    "ann@example.org,Ann,Lee,2,2021-02-03 10:00:00,192.0.2.1,2021-02-03 10:05:00,192.0.2.2,,,1,a,"
    '"two\n'
    'lines",\nleft@example.org,,,2,,,,,,,2,b,,\n'
)
UNSUBSCRIBED = (
    "Email Address,First Name,Last Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,UNSUB_TIME,"
    "UNSUB_CAMPAIGN_TITLE,UNSUB_REASON,LEID,EUID\n"
    "left@example.org,,,2020-01-01 00:00:00,192.0.2.9,,,2022-05-06 07:08:09,May,NORMAL,2,b\n"
)
CLEANED = (
    "Email Address,First Name,Last Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,CLEAN_TIME,"
    "CLEAN_CAMPAIGN_TITLE,LEID,EUID\n"
    "dead@example.org,,,,,,,2023-01-02 03:04:05,June,3,c\n"
)
FILES = {
    "mailchimp": SUBSCRIBED,
    "substack": (
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
        "ann@example.org,true,,monthly,false,2021-02-03T10:05:00.000Z,\n"
        "left@example.org,false,,,true,2020-01-01T00:00:00.000Z,\n"
    ),
    "substack, older": (
        "email,active_subscription,expiry,email_disabled,prefer_digests,created_at\n"
        "ann@example.org,true,,false,false,2021-02-03T10:05:00.000Z\n"
        "left@example.org,false,,true,false,2020-01-01T00:00:00.000Z\n"
    ),
    "substack, paid": (
        "email,expiry,email_disabled,prefer_digests,stripe_connected_customer_id,type\n"
        "ann@example.org,2027-01-01T00:00:00.000Z,false,false,cus_1,annual\n"
        "left@example.org,,true,false,,monthly\n"
    ),
    "tinynews": (
        "Channel id,Status,Tier,Tier title,Tags,Created at,Deleted at,Engagement OptIn,Email,Id,"
        "Name,Surname,Updated At,User id\n"
        "7,1,0,default,,2021-02-03 10:05:00,,1,ann@example.org,1,Ann,Lee,2022-01-01 00:00:00,0\n"
        "7,4,0,default,,2020-01-01 00:00:00,,1,left@example.org,2,,,2022-01-01 00:00:00,0\n"
    ),
    "tinynews, newer": (
        "email,First name,Last name,Date added,Last modified,status,clicks,opens\n"
        "ann@example.org,Ann,Lee,2021-02-03T10:05:00.000Z,2022-01-01T00:00:00.000Z,Subscribed,0,3\n"
        "left@example.org,,,2020-01-01T00:00:00.000Z,2022-01-01T00:00:00.000Z,Unsubscribed,0,0\n"
    ),
    "substack, dashboard": (
        "Email,Name,Type,Stripe plan,Start date,Activity,Revenue\n"
        "ann@example.org,Ann Lee,,free,2021-02-03T10:05:00+00:00,4,0\n"
    ),
    "ghost": (
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,"
        "deleted_at,labels,tiers\n"
        "1,ann@example.org,Ann Lee,,true,false,,2021-02-03T10:05:00.000Z,,,Gold\n"
        "2,left@example.org,,,false,false,,2020-01-01T00:00:00.000Z,,,\n"
    ),
    "listmonk": (
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        'u1,ann@example.org,Ann Lee,"{""city"": ""York""}",enabled,2021-02-03T10:05:00Z,\n'
        "u2,left@example.org,,{},blocklisted,2020-01-01T00:00:00Z,\n"
    ),
    "keila": (
        "Email,First name,Last name,Status,External ID\n"
        "ann@example.org,Ann,Lee,active,\nleft@example.org,,,unsubscribed,\n"
        "dead@example.org,,,unreachable,\n"
    ),
    "beehiiv": (
        "email,First Name,Last Name,status,tier,created_at,unsubscribed_at\n"
        "ann@example.org,Ann,Lee,active,free,2021-02-03 10:05:00,\n"
        "left@example.org,,,inactive,free,2020-01-01,2022-05-06 07:08:09\n"
        "wait@example.org,,,pending,free,2020-01-01,\n"
    ),
    "emag": (
        "email,name,status,topics,since,joined_at,paused_until\n"
        "ann@example.org,Ann Lee,active,jobs,2021-02-03T10:05:00+00:00,2021-02-03T10:05:00+00:00,\n"
        "left@example.org,,unsubscribed,,2022-05-06T07:08:09+00:00,2020-01-01T00:00:00+00:00,\n"
        "wait@example.org,,pending,,2020-01-01T00:00:00+00:00,2020-01-01T00:00:00+00:00,\n"
    ),
    "jsonl": (
        '{"email": "ann@example.org", "name": "Ann Lee", "status": "active", "topics": ["jobs"], '
        '"since": "2021-02-03T10:05:00+00:00", "joined_at": "2021-02-03T10:05:00+00:00", '
        '"paused_until": ""}\n'
        '{"email": "left@example.org", "name": "", "status": "unsubscribed", "topics": [], '
        '"since": "2022-05-06T07:08:09+00:00", "joined_at": "2020-01-01T00:00:00+00:00"}\n'
        '{"email": "wait@example.org", "name": "", "status": "pending", "topics": []}\n'
    ),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_each_is_known_by_its_columns(load, members, events_of, verified, kind, delimiter):
    content = FILES[kind]
    if delimiter == ";":
        if '"' in content:
            pytest.skip("its commas are not all between columns")
        content = content.replace(",", ";")
    outcome = load(content)
    assert outcome.files == [f"readers.csv: {kind.partition(',')[0]}, utf-8"]
    assert outcome.refused == []
    people = members()
    if kind == "mailchimp":  # who left stands in another file
        assert people.pop("left@example.org")[1] == "active"
    assert people["ann@example.org"] == (
        "" if kind in {"substack", "substack, older", "substack, paid"} else "Ann Lee",
        "active",
    )
    assert people.get("left@example.org", ("", "unsubscribed"))[1] == "unsubscribed"
    assert people.get("dead@example.org", ("", "bounced"))[1] == "bounced"
    assert "wait@example.org" not in people
    assert outcome.skipped == content.count("wait@")
    (event,) = events_of("ann@example.org")
    assert event.act == "imported"
    if kind not in {"keila", "substack, paid"}:  # which have no times
        assert event.evidence["claimed_at"] == "2021-02-03T10:05:00+00:00"
    assert verified()


def test_every_format_is_tried_here():
    assert {kind.partition(",")[0] for kind in FILES} | {"plain"} == set(NAMES)


def test_mailchimps_times_and_places_are_kept_as_evidence(load, events_of):
    load(SUBSCRIBED)
    (event,) = events_of("ann@example.org")
    matches = event.evidence
    assert matches["optin_ip"] == "192.0.2.1"
    assert matches["confirm_time"] == "2021-02-03 10:05:00"
    assert matches["source"] == "readers.csv"
    load(UNSUBSCRIBED, name="unsubscribed.csv")
    event = events_of("left@example.org")[-1]
    assert (event.act, event.how, event.wording) == ("left", "import", "")
    assert event.evidence["claimed_at"] == "2022-05-06T07:08:09+00:00"
    assert event.evidence["unsub_reason"] == "NORMAL"


def packed(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"export/{name}.csv", content)
        archive.writestr("__MACOSX/export/._a.csv", b"\0\1\2")
        archive.writestr("export/readme.txt", "not a list")
    return out.getvalue()


@pytest.mark.parametrize("order", [0, 1])
def test_the_zip_is_taken_whole_and_who_left_first(load, members, verified, order):
    files = {"a": SUBSCRIBED, "b": UNSUBSCRIBED, "c": CLEANED}
    if order:
        files = {"a": CLEANED, "b": UNSUBSCRIBED, "c": SUBSCRIBED}
    outcome = load(packed(**files), name="export.zip")
    assert (outcome.added, outcome.suppressed, outcome.refused) == (1, 3, [])
    assert members() == {
        "left@example.org": ("", "unsubscribed"),
        "dead@example.org": ("", "bounced"),
        "ann@example.org": ("Ann Lee", "active"),
    }
    assert verified()


@pytest.mark.parametrize("is_first", [True, False])
def test_whoever_left_stays_so_in_whichever_order_the_files_come(load, members, is_first):
    files = [UNSUBSCRIBED, SUBSCRIBED] if is_first else [SUBSCRIBED, UNSUBSCRIBED]
    for content in files:
        load(content)
    assert members()["left@example.org"][1] == "unsubscribed"


def test_a_zip_with_anything_else_is_refused_whole(load, dump):
    before = dump()
    with pytest.raises(WrongFile, match=r"posts\.csv"):
        load(packed(list=SUBSCRIBED, posts="post_id,title\n1,Hello\n"), name="export.zip")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(WrongFile, match="workbook"):
        load(out.getvalue(), name="list.xlsx")
    assert dump() == before


def test_contacts_who_never_subscribed_are_no_readers(load, members):
    outcome = load(SUBSCRIBED, name="nonsubscribed_members.csv")
    assert (outcome.added, outcome.skipped) == (0, 2)
    assert members() == {}


def test_a_word_that_is_not_known_is_named_and_nobody_is_lost(load):
    outcome = load(FILES["keila"] + "odd@example.org,,,hibernating,\n")
    assert [line for line, _ in outcome.refused] == [5]
    assert "hibernating" in outcome.refused[0][1]
    assert outcome.rows == 4


def test_a_mapping_names_the_columns(load, members, events_of):
    content = (
        "Adresse;Nom;Etat;Date\nann@example.org;Ann Lee;active;2021-02-03\n"
        "left@example.org;;unsubscribed;\n"
    )
    with pytest.raises(WrongFile, match="--map"):
        load(content)
    mapping = {"email": "Adresse", "name": "nom", "status": "Etat", "at": "Date"}
    load(content, mapping=mapping)
    assert members() == {
        "left@example.org": ("", "unsubscribed"),
        "ann@example.org": ("Ann Lee", "active"),
    }
    assert events_of("ann@example.org")[0].evidence["claimed_at"] == "2021-02-03T00:00:00+00:00"


@pytest.mark.parametrize(
    ("mapping", "word"),
    [
        ({"email": "Mail"}, "no column"),
        ({"name": "Adresse"}, "email=COLUMN"),
        ({"email": "Adresse", "shoe": "Nom"}, "shoe"),
    ],
)
def test_a_wrong_mapping_is_a_sentence(load, mapping, word):
    with pytest.raises(WrongFile, match=word):
        load("Adresse,Nom\nann@example.org,Ann\n", mapping=mapping)


def test_a_format_that_is_not_the_files_own_is_refused(load):
    with pytest.raises(WrongFile, match="ghost"):
        load(SUBSCRIBED, format="ghost")
    with pytest.raises(WrongFile, match="--map"):
        load(SUBSCRIBED, format="ghost", mapping={"email": "Email Address"})


def test_a_sign_up_that_is_newer_than_the_leaving_stands(load, people, members):
    people.reader("left@example.org")  # in 2026, and the file says 2022
    outcome = load(UNSUBSCRIBED)
    assert (outcome.unchanged, outcome.suppressed) == (1, 0)
    assert members()["left@example.org"][1] == "active"
    undated = UNSUBSCRIBED.replace("2022-05-06 07:08:09", "")
    assert load(undated).suppressed == 1  # in doubt, who left has left
    assert members()["left@example.org"][1] == "unsubscribed"


def test_exports_of_others(corpus, load, members, verified):
    """Of each: every row accounted for, and those who turned mail off are not readers."""
    folder = corpus / "imports"
    for name in sorted(folder.glob("*.csv")):
        outcome = load(name.read_bytes(), name=name.name)
        assert all("address" in reason for _, reason in outcome.refused)
        assert outcome.rows == len(name.read_text().splitlines()) - 1
        assert outcome.added
    text = (folder / "substack-members-csv__fixtures_signup_emails.csv").read_text()
    off = {line.split(",")[0] for line in text.splitlines() if line.split(",")[3] == "true"}
    matches = members()
    assert {matches[address][1] for address in off if address in matches} == {"unsubscribed"}
    assert verified()


def test_headers_of_others(corpus, load):
    """Each header line that was collected is known as its program's, or as a plain list."""
    headers = json.loads((corpus / "imports" / "headers.json").read_text())
    for key, header in headers.items():
        if key.startswith("_") or not header:
            continue
        outcome = load(header.partition(" (")[0] + "\n", dry_run=True)
        kind = outcome.files[0].split(": ")[1].split(",")[0]
        assert kind == ("plain" if key == "curated" else key.partition("_")[0])


LOOK_ALIKE = (  # the columns of two programs, the values of neither
    "Email,Status,Tier,Created at,Unsubscribed at\n"
    "ann@example.org,1,0,2021-02-03 10:05:00,\nbob@example.org,0,0,2021-02-03 10:05:00,\n"
)


def test_a_look_alike_with_unknown_words_brings_nobody_in(load, members):
    result = load(LOOK_ALIKE)
    assert members() == {}
    assert [line for line, _ in result.refused] == [2, 3]


def mapping_in(advice: str) -> dict[str, str]:
    """The options that a message advises, as a shell would read them."""
    pairs = re.findall(r"--map ('[^']+'|\S+)", advice)
    return dict(shlex.split(pair)[0].split("=", 1) for pair in pairs)


@pytest.mark.parametrize(
    ("column", "left", "reader"),
    [
        ("email_disabled", "true", "false"),
        ("Unsubscribed", "yes", "no"),
        ("unsubscribed_at", "2022-05-06 07:08:09", ""),
        ("deleted_at", "2022-05-06T07:08:09Z", ""),
        ("opt-out", "1", "0"),
        ("subscribed_to_newsletter", "false", "true"),
        ("Status", "unsubscribed", "active"),
    ],
)
def test_the_advice_about_a_column_can_be_followed(load, members, column, left, reader):
    content = f"email,{column}\nleft@example.org,{left}\nann@example.org,{reader}\n"
    with pytest.raises(WrongFile) as refusal:
        load(content)
    advice = mapping_in(str(refusal.value))
    result = load(content, mapping=advice)
    assert result.refused == []
    statuses = {address: status for address, (_, status) in members().items()}
    assert statuses == {"left@example.org": "unsubscribed", "ann@example.org": "active"}


def test_two_columns_can_say_who_left(load, members):
    content = (
        "email,bounced,unsubscribed_at\n"
        "dead@example.org,true,\nleft@example.org,false,2022-05-06\nann@example.org,false,\n"
    )
    with pytest.raises(WrongFile) as refusal:
        load(content)
    advice = mapping_in(str(refusal.value))
    load(content, mapping=advice)
    statuses = {address: status for address, (_, status) in members().items()}
    assert statuses == {
        "dead@example.org": "bounced",
        "left@example.org": "unsubscribed",
        "ann@example.org": "active",
    }
