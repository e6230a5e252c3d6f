"""The pages about readers in a real browser: faults of accessibility, with and without script."""

import pytest

from tests.chromium import audit, faults

pytestmark = pytest.mark.browser

LIST = "email,name\n" + "".join(f"r{number}@example.org,R {number}\n" for number in range(20_000))
PATHS = (
    *("", "?find=ann", "?find=zzz", "?status=active", "/add", "/held", "/import", "/export"),
    *("/1", "/1/edit", "/1/unsubscribe", "/1/erase", "/1/receipt?whole=yes", "/404"),
    *("/imports/1", "/imports/1/undo"),
)


@pytest.fixture
def full(desk, tmp_path):
    """A desk with readers of long names, and an import with a fault."""
    readers = desk.press.newsroom.readers
    file = tmp_path / "list.csv"
    file.write_text("email\nimported@example.org\nnobody\n")
    readers.add("ann." + "x" * 50 + "@example.org", by="Eve", name="Ann " * 20, basis="B" * 300)
    readers.import_file(file, by="Olga", basis="They agreed.")
    return desk


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_has_a_fault(full, browser, width, scheme):
    token = full.token(full.invite())
    viewport = {"width": width, "height": 900}
    breaches = []
    with full.context(browser, token, viewport=viewport, color_scheme=scheme) as context:
        page = context.new_page()
        page.on("console", lambda message: breaches.append(message.text))
        for path in PATHS:
            page.goto(f"/desk/readers{path}")
            for details in page.locator("main details").all():
                details.evaluate("details => { details.open = true; }")
            assert [*faults(page), *audit(page)] == [], path
    assert [text for text in breaches if "404" not in text] == []


@pytest.mark.parametrize("has_script", [True, False])
def test_an_import_with_and_without_script(desk, browser, tmp_path, has_script):
    file = tmp_path / "list.csv"
    file.write_text(LIST)
    token = desk.token(desk.invite())
    with desk.context(browser, token, java_script_enabled=has_script) as context:
        page = context.new_page()
        page.goto("/desk/readers")
        page.get_by_role("link", name="Import").click()
        page.get_by_label("File", exact=True).set_input_files(file)
        page.get_by_label("How these readers agreed").fill("They signed up on the old site.")
        page.get_by_role("button", name="See what would happen").click()
        page.get_by_role("button", name="Import 20,000 readers").click(timeout=60_000)
        page.get_by_role("link", name="Undo this import").click(timeout=60_000)
        page.get_by_role("button", name="Undo this import").click()
        page.get_by_text("Ann undid it on").wait_for(timeout=60_000)
    assert desk.press.newsroom.readers.counts()["active"] == 0


@pytest.mark.parametrize("has_script", [True, False])
def test_somebody_is_found_unsubscribed_and_erased(full, browser, has_script):
    token = full.token(full.invite())
    with full.context(browser, token, java_script_enabled=has_script) as context:
        page = context.new_page()
        page.goto("/desk/readers")
        page.get_by_label("Find a reader").fill("IMPORTED@")
        page.get_by_role("button", name="Find").click()
        page.get_by_role("link", name="imported@example.org").click()
        page.get_by_role("button", name="Unsubscribe").click()
        page.get_by_role("button", name="Unsubscribe").click()
        page.get_by_text("They are unsubscribed.").wait_for()
        page.get_by_role("button", name="Erase").click()
        page.get_by_label("Type the reader’s address").fill("imported@example.org")
        page.get_by_role("button", name="Erase").click()
        page.get_by_text("Reader 2 is erased.").wait_for()
        assert "imported" not in page.url
