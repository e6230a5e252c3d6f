"""Pages and scripts of the desk come compressed to browsers that accept it."""

import gzip
import re

WISHES = {"gzip, br": "gzip", "br;q=1, gzip;q=0.5": "gzip", "gzip;q=0": None, "br": None}


def test_a_page_and_its_files_come_as_the_browser_accepts_them(desk):
    client = desk.signed_in()
    page = "/desk/help"
    script = re.search(r'src="(/desk/static/[^"]+/htmx[^"]+)"', client.get(page).text)[1]
    for wish, encoding in WISHES.items():
        for path in (page, script):
            answer = client.get(path, headers={"Accept-Encoding": wish})
            assert answer.headers.get("content-encoding") == encoding, (path, wish)
            assert "Accept-Encoding" in answer.headers["vary"]
            assert answer.text
    plain = client.get(script, headers={"Accept-Encoding": "identity"})
    assert plain.content == client.get(script).content
    assert len(gzip.compress(plain.content)) < len(plain.content) / 2
