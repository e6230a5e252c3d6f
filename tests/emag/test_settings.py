"""emag.toml and the environment: typed, complete, and every fault named at once."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from string import Template

import pytest
from pydantic import BaseModel

from emag.errors import SettingsError
from emag.settings import Environment, Settings, SourceSettings, load, shipped_templates

ROOT = Path(__file__).parents[2]
DRAFTS = shipped_templates() / "publication"


def faults(folder: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load(folder, environ or {})
    return "\n".join(caught.value.faults)


def write(folder: Path, **replaced: str) -> None:
    text = (folder / "emag.toml").read_text()
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "emag.toml").write_text(text)


def test_what_is_written_is_what_is_read(folder):
    settings = load(folder, {})
    assert settings.publication.title == "The Town Crier"
    assert settings.publication.sender_address == "crier@example.org"
    assert settings.publication.sender_domain == "example.org"
    assert settings.schedule.draft == ("thu 16:00",)
    assert settings.schedule.max_lateness == timedelta(hours=2)
    assert [section.limit for section in settings.sections] == [15, 8, 6]
    assert settings.database_url == f"sqlite:///{folder}/emag.db"
    assert settings.bounce_address == "bounces@example.org"


def test_the_environment_wins_over_the_file_and_the_file_over_emag_toml(folder):
    (folder / ".env").write_text(
        "EMAG_BASE_URL=https://one.example.org/\nEMAG_TRANSPORT__KIND=smtp\nHOME=/elsewhere\n"
    )
    assert load(folder, {}).base_url == "https://one.example.org"
    assert load(folder, {}).transport.kind == "smtp"
    settings = load(folder, {"EMAG_BASE_URL": "https://two.example.org", "PATH": "/bin"})
    assert settings.base_url == "https://two.example.org"


def test_an_empty_variable_is_one_that_is_not_set(folder):
    assert load(folder, {"EMAG_SENDGRID_HOST": ""}).environment.sendgrid_host.startswith("https://")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "The', 'titel = "The', "publication.titel is not a setting; did you mean title?"),
        ("limit = 8", 'limit = "many"', "sections.1.limit"),
        ('draft = "thu 16:00"', 'draft = "thursday"', "write it like"),
        ('draft = "thu 16:00"', 'draft = "sun 01:30"', "when clocks change"),
        ('sender = "The Town Crier <crier@example.org>"', "", "publication.sender is missing"),
        ("[schedule]", 'timezone = "Europe/Lodnon"\n[schedule]', "is not a time zone"),
        ('section = "jobs"', 'section = "job"', "did you mean jobs?"),
        ('name = "jobs"\nkind', 'name = "posts"\nkind', "source “posts” is named twice"),
        ("[schedule]", "[shedule]", "shedule is not a setting; did you mean schedule?"),
        ("[schedule]", "[environment]\n[schedule]", "does not belong in emag.toml"),
        ('title = "The', 'title = The"', "emag.toml cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(folder, old, new, said):
    write(folder, **{old: new})
    assert said in faults(folder)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"EMAG_SECRET_KY": "x"}, "EMAG_SECRET_KY is not a setting; did you mean EMAG_SECRET_KEY?"),
        ({"EMAG_TRANSPRT__KIND": "smtp"}, "did you mean transport?"),
        ({"EMAG_BASE_URL": "http://mail.example.org"}, "public links must be https"),
        ({"EMAG_BASE_URL": "https://example.org/a b"}, "what no link in a mail may hold"),
        ({"EMAG_BASE_URL": "https://example.org/>"}, "what no link in a mail may hold"),
        ({"EMAG_SECRET_KEY": "hunter2"}, "EMAG_SECRET_KEY is too short"),
        ({"EMAG_ENGINE": "steam"}, "EMAG_ENGINE"),
        ({"EMAG_TRANSPORT__PORT": "lots"}, "transport.port"),
    ],
)
def test_a_wrong_variable_is_named_without_its_value(folder, environ, said):
    text = faults(folder, environ)
    assert said in text
    assert "hunter2" not in text


def test_all_faults_come_at_once(folder):
    write(folder, **{"limit = 8": "limit = 0", 'draft = "thu 16:00"': 'draft = "never"'})
    assert len(faults(folder, {"EMAG_NO": "x"}).splitlines()) == 3


def test_rules_across_tables_are_not_silenced_by_a_fault_elsewhere(folder):
    write(
        folder, **{'draft = "thu 16:00"': 'draft = "never"', 'section = "jobs"': 'section = "job"'}
    )
    environ = {"EMAG_BASE_URL": "http://mail.example.org", "EMAG_SECRET_KEY": "hunter2"}
    said = faults(folder, environ).splitlines()
    assert len(said) == 4
    assert any(line.startswith("EMAG_BASE_URL is “http://mail.example.org”") for line in said)
    assert any(line.startswith("source “") and "did you mean jobs?" in line for line in said)


def test_a_source_for_a_section_that_is_not_shipped_is_named_too(folder):
    text = (folder / "emag.toml").read_text()
    kept = text[: text.index("[[sections]]")]
    (folder / "emag.toml").write_text(
        kept + '[[sources]]\nname = "x"\nkind = "folder"\npath = "x"\nsection = "poems"\n'
    )
    assert "“poems”, which does not exist" in faults(folder)


def test_a_folder_without_a_publication_says_what_to_do(tmp_path):
    assert "emag init" in faults(tmp_path)


def test_no_secret_is_printed_with_the_settings(folder):
    secret = "s" * 40
    names = ("SECRET_KEY", "SMTP_PASSWORD", "SENDGRID_API_KEY", "SIGNUP_SECRET", "SIGNUP_TOKEN")
    settings = load(folder, {f"EMAG_{name}": secret for name in names})
    assert settings.environment.smtp_password == secret
    assert secret not in repr(settings)


def test_env_example_names_every_variable_and_no_other():
    names = re.findall(r"^(EMAG_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(names) == sorted(f"EMAG_{name.upper()}" for name in Environment.model_fields)


def test_env_example_is_what_init_writes_without_the_keys():
    draft = Template((DRAFTS / "env").read_text())
    empty = draft.substitute(dict.fromkeys(draft.get_identifiers(), ""))
    assert (ROOT / ".env.example").read_text() == empty


def settings_of(model: type[BaseModel], at: str = "") -> dict[str, object]:
    """Every key of emag.toml by its path, with its default."""
    found: dict[str, object] = {}
    for name, field in model.model_fields.items():
        inner = getattr(field.annotation, "__args__", (field.annotation,))[0]
        if not at and name in {"folder", "environment"}:
            continue
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= settings_of(inner, f"{name}.")
        else:
            found[at + name] = field.get_default(call_default_factory=True)
    return found


def test_the_emag_toml_of_init_mentions_every_setting():
    table, mentioned = "", set()
    for line in (DRAFTS / "emag.toml").read_text().splitlines():
        head = re.match(r"(?:# )?\[+(\w+)\]+$", line)
        key = re.match(r"(?:# )?(\w+) = ", line)
        table = head[1] if head else table
        if key:
            mentioned.add(f"{table}.{key[1]}")
    assert mentioned == set(settings_of(Settings))


def test_the_emag_toml_of_init_shows_the_defaults():
    """A line that is commented out says what holds without it."""
    text = re.sub(r"^# (?=\w+ = |\[)", "", (DRAFTS / "emag.toml").read_text(), flags=re.MULTILINE)
    shown = Settings.model_validate({"folder": ROOT, **tomllib.loads(text)})
    lean = Settings.model_validate(
        {"folder": ROOT, "publication": {"title": "T", "sender": "T <t@example.org>"}}
    )
    for name in (
        "transport",
        "mailbox",
        "feedback",
        "network",
        "theme",
        "signup",
        "privacy",
        "sections",
    ):
        assert getattr(shown, name) == getattr(lean, name), name
    for name in ("gather", "approval", "if_unapproved", "max_lateness", "minimum_stories"):
        assert getattr(shown.schedule, name) == getattr(lean.schedule, name), name
    assert shown.publication.timezone == lean.publication.timezone
    default = SourceSettings(name="lean", kind="feed", url="https://example.org/")
    assert (shown.sources[0].timeout, shown.sources[0].max_bytes) == (
        default.timeout,
        default.max_bytes,
    )
