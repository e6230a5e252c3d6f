"""Pages and scripts of the desk come compressed to browsers that accept it."""

import gzip
import re

import pytest


@pytest.mark.parametrize(
    ("wish", "encoding"),
    [("gzip, br", "gzip"), ("br;q=1, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("br", None)],
)
def test_a_page_and_its_files_come_as_the_browser_accepts_them(desk, wish, encoding):
    client = desk.signed_in()
    page = client.get("/desk/help", headers={"Accept-Encoding": wish})
    script = re.search(r'src="(/desk/static/[^"]+/htmx[^"]+)"', page.text)[1]
    for path in ("/desk/help", script):
        answer = client.get(path, headers={"Accept-Encoding": wish})
        assert answer.headers.get("content-encoding") == encoding
        assert "Accept-Encoding" in answer.headers["vary"]
        assert answer.text
    plain = client.get(script, headers={"Accept-Encoding": "identity"})
    assert plain.content == client.get(script).content
    assert len(gzip.compress(plain.content)) < len(plain.content) / 2
