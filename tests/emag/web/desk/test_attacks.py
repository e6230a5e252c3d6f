"""What an attacker sends to the desk: numbers, dates and forms that nobody could have meant."""

import pytest

LARGE = 2**63
FIRST, LAST = "0001-01-01", "9999-12-31"


@pytest.mark.parametrize(
    "path",
    [
        f"/desk/dates/{FIRST}",
        f"/desk/dates/{LAST}",
        f"/desk/promos/{LARGE}",
        f"/desk/promos/{LARGE}/preview",
        f"/desk/promos/{LARGE}/proof",
        f"/desk/issues/1/review?look={LARGE}",
        f"/desk/issues/1/review?leave_at={LAST}T23:59:59Z",
        f"/desk/issues/1/preview/view?leave_at={LAST}T23:59:59Z",
        f"/desk/pool?until={FIRST}T00:00:00%2B14:00",
    ],
)
def test_a_number_or_a_date_that_nothing_can_hold_is_a_sentence(desk, path):
    desk.press.issue("A new bridge")
    answer = desk.signed_in().get(path)
    assert answer.status_code < 500
    assert "<h1" in answer.text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (f"/desk/dates/{FIRST}/skip", {}),
        (f"/desk/dates/{LAST}/unskip", {}),
        (f"/desk/dates/{LAST}/move", {"day": LAST, "time": "23:59"}),
        (f"/desk/promos/{LARGE}/remove", {}),
        ("/desk/issues/1/review/settle", {"request": LARGE}),
        ("/desk/issues/1/review/approve", {"send_at": f"{FIRST}T00:00:00+14:00", "credential": 1}),
        ("/desk/issues/1/review/approve", {"leave_at": f"{LAST}T23:59:59Z", "credential": 1}),
        ("/desk/issues/1/review/approve/options", {"send_at": f"{FIRST}T00:00:00+14:00"}),
    ],
)
def test_a_form_with_such_a_value_is_a_sentence_and_changes_nothing(desk, path, form):
    desk.press.issue("A new bridge")
    client = desk.signed_in()
    before = desk.press.dump()
    answer = client.post(path, data=form)
    assert 400 <= answer.status_code < 500
    assert "<h1" in answer.text
    assert desk.press.dump() == before
