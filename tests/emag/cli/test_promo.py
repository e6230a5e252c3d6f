"""Promos by command: added, listed, changed, removed, sent, and proven to the advertiser."""

from collections import Counter
from email import message_from_bytes, policy

import pytest

from emag.desk.proof import folded, slot_of

SPONSOR = (
    *("promo", "add", "--kind", "sponsor", "--title", "Good boots & laces", "--text", "They last."),
    *("--advertiser", "Boots Ltd", "--link", "https://boots.example.org", "--button", "See them"),
)


def mails(publication):
    files = sorted((publication / "outbox").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def test_a_promo_is_added_listed_changed_and_removed(emag, drafted):
    date = drafted["send_at"][:10]
    added = emag(*SPONSOR, "--on", date, "--as", "Ann", "--json").json
    assert added["id"] == 1
    assert added["place"] == "after-lead"
    assert added["runs"] == [{"date": date, "issue": 1, "status": "booked", "planned": True}]
    issue = emag("issue", "show", "1", "--json").json
    assert [(p["id"], p["kind"], p["place"]) for p in issue["promos"]] == [
        (1, "sponsor", "after-lead")
    ]
    assert "Good boots" in emag("issue", "show", "1").out
    emag("promo", "edit", "1", "--title", "Fine boots", "--place", "end")
    [listed] = emag("promo", "list", "--json").json["promos"]
    assert (listed["title"], listed["place"], listed["kind"]) == ("Fine boots", "end", "sponsor")
    assert date in emag("promo", "list").out
    assert emag("promo", "show", "1", "--json").json == listed
    assert emag("promo", "remove", "1", "--json").json["removed"] is True
    assert emag("promo", "list", "--json").json == {"promos": []}
    assert emag("issue", "show", "1", "--json").json["promos"] == []
    emag("issue", "undo", "1")
    assert emag("issue", "show", "1", "--json").json["promos"][0]["title"] == "Fine boots"


def test_a_change_voids_the_approval_and_says_so(emag, approved):
    result = emag(*SPONSOR, "--as", "Ben", "--json").json
    assert result["approvals_voided"] == [1]
    assert emag("issue", "show", "1", "--json").json["status"] == "draft"
    emag("issue", "approve", "1")
    assert "Issue 1 was approved" in emag("promo", "edit", "1", "--text", "For years.").out
    sentences = [act["said"] for act in emag("issue", "history", "1", "--json").json["acts"]]
    assert "Ben booked the promo “Good boots & laces” after the lead story" in sentences


def test_what_cannot_stand_is_refused_in_one_sentence(emag, drafted):
    date = drafted["send_at"][:10]
    emag(*SPONSOR, "--on", date)
    other = ("promo", "add", "--kind", "sponsor", "--title", "Other boots")
    refusal = emag(*other, "--text", "x", "--on", date, code=1)
    assert "belongs to promo 1, “Good boots & laces”" in refusal.err
    assert "neither text nor picture" in emag(*other, code=1).err
    assert "at the top" in emag(*other, "--text", "x", "--place", "top", code=1).err
    assert "no section “news”" in emag(*other, "--text", "x", "--place", "after:news", code=1).err
    assert "alt text" in emag(*other, "--picture", "https://b.example.org/x.png", code=1).err
    assert "has passed" in emag(*other, "--text", "x", "--on", "2020-01-03", code=1).err
    assert "no issue 9" in emag(*other, "--text", "x", "--on", "9", code=1).err
    assert "is not a date" in emag(*other, "--text", "x", "--on", "soon", code=2).err
    emag(*other, "--text", "x", "--on", date, "--runs", "2", code=2)
    emag("promo", "edit", "1", code=2)
    assert "no promo 7" in emag("promo", "show", "7", code=1).err
    assert [p["id"] for p in emag("promo", "list", "--json").json["promos"]] == [1]


def test_a_promo_without_text_and_picture_blocks_the_approval(emag, drafted):
    emag(*SPONSOR, "--on", "next")
    emag("promo", "edit", "1", "--text", "")
    faults = emag("issue", "check", "1", "--json", code=1).json["faults"]
    [fault] = [fault for fault in faults if fault["rule"] == "promo"]
    assert fault["severity"] == "block"
    assert "neither text nor picture" in emag("issue", "approve", "1", code=1).err


def test_the_advertiser_gets_a_proof_without_readers(emag, drafted, join, publication, tmp_path):
    readers = [f"reader{n}@large.example.org" for n in range(6)]
    readers += [f"reader{n}@small{n}.example.org" for n in range(3)]
    join(*readers)
    emag(*SPONSOR, "--on", "next")
    assert "has not run yet" in emag("report", "--promo", "1", code=1).err
    emag("issue", "approve", "1")
    frozen = emag("issue", "show", "1", "--json").json["hash"]
    emag("issue", "send", "1")
    for mail in mails(publication):
        for part in ("plain", "html"):
            content = mail.get_body((part,)).get_content()
            assert "Advertisement" in content
            assert "Boots Ltd" in content
    assert emag("promo", "list", "--json").json["promos"][0]["runs"][0]["status"] == "ran"
    emag("promo", "edit", "1", "--title", "Other words")
    file = tmp_path / "proof.html"
    report = emag("report", "--promo", "1", "--out", file, "--json").json
    [run] = report["runs"]
    assert (run["issue"], run["hash"], run["accepted"]) == (1, frozen, 9)
    assert run["domains"] == [
        {"domain": "large.example.org", "accepted": 6},
        {"domain": "others", "accepted": 3},
    ]
    page = file.read_text()
    assert "Advertisement · Sponsored by Boots Ltd" in page
    assert "Good boots &amp; laces" in page
    assert frozen in page
    assert "Other words" not in page
    assert not any(part in page for part in ("reader0", "small0", "[[", "unsubscribe"))
    assert "large.example.org" in emag("report", "--promo", "1").out


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, []),
        ({"a.example": 4}, [("others", 4)]),
        ({"a.example": 5, "b.example": 9}, [("b.example", 9), ("a.example", 5)]),
        ({"a.example": 5, "": 7, "c.example": 1}, [("a.example", 5), ("others", 8)]),
    ],
)
def test_small_domains_are_one_count(counts, expected):
    rows = folded(Counter(counts))
    assert [(row.domain, row.accepted) for row in rows] == expected
    assert sum(row.accepted for row in rows) == sum(counts.values())


def test_a_slot_is_found_by_its_number():
    html = "a<!--promo 1-->one<!--/promo-->b<!--promo 11--> two\n<!--/promo-->"
    assert (slot_of(html, 1), slot_of(html, 11), slot_of(html, 2)) == ("one", "two", "")
