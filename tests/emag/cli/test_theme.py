"""The commands about themes, and a theme of the publication's own."""

import re

from emag.press.theme import look
from emag.settings import load


def test_a_designer_copies_a_theme_and_uses_it(emag, publication):
    all_themes = emag("theme", "list", "--json").json["themes"]
    assert [theme["name"] for theme in all_themes] == ["broadsheet", "council", "noticeboard"]
    assert [theme["name"] for theme in all_themes if theme["active"]] == ["noticeboard"]
    emag("theme", "copy", "broadsheet", "--name", "parish")
    theme = publication / "templates/themes/parish"
    assert "batch(2)" in (theme / "parts/two.mjml").read_text()
    assert (theme / "parts/footer.mjml").is_file()  # a shared part, to be changed or deleted
    again = emag("theme", "copy", "council", "--name", "parish", code=1)
    assert "is there already" in again.err
    assert "did you mean council?" in emag("theme", "copy", "councill", code=1).err

    text = 'accent = "#b4451f"\nradius = 16\n'
    (theme / "theme.toml").write_text(text)
    file = publication / "emag.toml"
    plain = file.read_text()
    file.write_text(f'{plain}\n[theme]\nname = "parish"\nradius = 9\n')
    chosen = load(publication, {}).theme
    assert (chosen.accent, chosen.radius, chosen.dark_accent) == ("#b4451f", 9, "")
    assert look(chosen).dark.link not in {"#6fd6b4", "#b4451f"}  # a shade of the accent
    assert chosen.model_fields_set == {"name", "radius"}

    (theme / "theme.toml").write_text('acent = "#b4451f"\n')
    wrong = emag("theme", "list", code=1)
    assert re.search(
        r"theme\.toml: acent is not a setting of a theme; did you mean accent", wrong.err
    )
    file.write_text(f'{plain}\n[theme]\nname = "parsh"\n')
    assert "there is no theme “parsh”; did you mean parish?" in emag("theme", "list", code=1).err
