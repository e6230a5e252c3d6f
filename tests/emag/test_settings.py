"""The settings are typed and complete, and every fault is named at once."""

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path
from string import Template

import pytest
from pydantic import BaseModel

from emag.errors import SettingsError
from emag.settings import Environment, Settings, SourceSettings, load, shipped_templates

ROOT = Path(__file__).parents[2]
SAMPLES = shipped_templates() / "publication"


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
    assert [str(slot) for slot in settings.schedule.draft] == ["thu 16:00"]
    assert settings.schedule.max_lateness == timedelta(hours=2)
    assert [section.limit for section in settings.sections] == [15, 8, 6]
    assert settings.database_url == f"sqlite:///{folder}/emag.db"
    assert settings.bounce_address == "bounces@example.org"


def test_files_as_windows_saves_them_are_read(folder):
    mark = b"\xef\xbb\xbf"
    text = (folder / "emag.toml").read_text().replace("\n", "\r\n")
    (folder / "emag.toml").write_bytes(mark + text.encode())
    (folder / ".env").write_bytes(mark + b"EMAG_LOG=json\r\n")
    settings = load(folder, {})
    assert (settings.publication.title, settings.environment.log) == ("The Town Crier", "json")
    (folder / ".env").write_bytes("EMAG_LOG=json\n".encode("utf-16"))
    assert ".env is not text in UTF-8: save it as UTF-8" in faults(folder)


def test_dates_are_set_as_editors_write_them(folder):
    write(
        folder,
        **{
            'send = "fri 07:30"': """send = ["first friday 7.30am", "thursday 4pm"]
from = 2026-12-04
holidays = "gb-eng"
on_holiday = "after"
skip = [2026-12-25, "2027-01-01"]"""
        },
    )
    schedule = load(folder, {}).schedule
    assert [str(slot) for slot in schedule.send] == ["first fri 07:30", "thu 16:00"]
    assert (schedule.start, schedule.every) == (date(2026, 12, 4), 1)
    assert (schedule.holidays, schedule.on_holiday) == ("GB-ENG", "after")
    assert schedule.skip == (date(2026, 12, 25), date(2027, 1, 1))
    environ = {"EMAG_SCHEDULE__EVERY": "2", "EMAG_SCHEDULE__SEND": "fri 07:30"}
    schedule = load(folder, environ | {"EMAG_SCHEDULE__SKIP": "2026-12-25, 2026-12-28"}).schedule
    assert (schedule.every, len(schedule.skip)) == (2, 2)


def test_the_environment_wins_over_the_file_and_the_file_over_emag_toml(folder):
    (folder / ".env").write_text(
        "EMAG_BASE_URL=https://one.example.org/\nEMAG_TRANSPORT__KIND=smtp\nHOME=/elsewhere\n"
    )
    assert load(folder, {}).base_url == "https://one.example.org"
    assert load(folder, {}).transport.kind == "smtp"
    settings = load(folder, {"EMAG_BASE_URL": "https://two.example.org", "PATH": "/bin"})
    assert settings.base_url == "https://two.example.org"


def test_an_empty_variable_is_one_that_is_not_set(folder):
    assert load(folder, {"EMAG_SENDGRID_HOST": ""}).sendgrid_host == "https://api.sendgrid.com"
    region = {"EMAG_SENDGRID_HOST": "", "EMAG_SENDGRID__REGION": "eu"}
    assert load(folder, region).sendgrid_host == "https://api.eu.sendgrid.com"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('title = "The', 'titel = "The', "publication.titel is not a setting; did you mean title?"),
        ("limit = 8", 'limit = "many"', "sections.1.limit"),
        ('draft = "thu 16:00"', 'draft = "thursday"', "write it like"),
        ('draft = "thu 16:00"', 'draft = "sun 01:30"', "when the clocks change"),
        ('send = "fri 07:30"', "every = 2", "every 2 weeks needs a first date: write it like from"),
        ('send = "fri 07:30"', "every = 0", "schedule.every: “0” is not a number of weeks"),
        ('send = "fri 07:30"', 'send = "fifth fri 07:30"', "“fifth” is not first, second"),
        ('send = "fri 07:30"', 'send = "fri"', "schedule.send: “fri” is not a time that repeats"),
        (
            'send = "fri 07:30"',
            'send = "first fri 07:30"\nevery = 2\nfrom = 2026-12-04',
            "“first fri 07:30” comes once a month",
        ),
        ('send = "fri 07:30"', 'from = "4 Dec"', "“4 Dec” is not a date: write it like 2026-12-25"),
        ('send = "fri 07:30"', 'skip = ["25/12"]', "“25/12” is not a date: write it like"),
        ('send = "fri 07:30"', "skip = 2026-12-25", "write a list of dates"),
        (
            'send = "fri 07:30"',
            'holidays = "GB-XYZ"',
            "“GB-XYZ” is not a region with known holidays",
        ),
        (
            'send = "fri 07:30"',
            'on_holiday = "sleep"',
            'schedule.on_holiday: write "before"',
        ),
        (
            'send = "fri 07:30"',
            "form = 2026-12-04",
            "schedule.form is not a setting; did you mean from?",
        ),
        ('sender = "The Town Crier <crier@example.org>"', "", "publication.sender is missing"),
        ("[schedule]", 'timezone = "Europe/Lodnon"\n[schedule]', "is not a time zone"),
        ('section = "jobs"', 'section = "job"', "did you mean jobs?"),
        ('name = "jobs"\nkind', 'name = "posts"\nkind', "source “posts” is named twice"),
        ("[schedule]", "[shedule]", "shedule is not a setting; did you mean schedule?"),
        ("[schedule]", "[environment]\n[schedule]", "does not belong in emag.toml"),
        ('title = "The', 'title = The"', "emag.toml cannot be read"),
        ('title = "The', 'send = "fri 07:30"\ntitle = "The', "did you mean schedule.send?"),
        ('title = "The', 'Tagline = "x"\ntitle = "The', "did you mean tagline?"),
        ("limit = 8", "limit = 8\nxyz = 1", "sections.1.xyz is not a setting; did you mean "),
        ("[schedule]", '[signup.fields]\nemial = "x"\n[schedule]', "did you mean email?"),
    ],
)
def test_a_wrong_setting_is_named(folder, old, new, sentence):
    write(folder, **{old: new})
    assert sentence in faults(folder)


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"EMAG_SECRET_KY": "x"}, "EMAG_SECRET_KY is not a setting; did you mean EMAG_SECRET_KEY?"),
        ({"EMAG_TRANSPRT__KIND": "smtp"}, "did you mean transport?"),
        ({"EMAG_TRANSPORT__HSOT": "x"}, "transport.hsot is not a setting; did you mean host?"),
        ({"EMAG_XYZ": "x"}, "EMAG_XYZ is not a setting; did you mean EMAG_"),
        ({"EMAG_BASE_URL": "http://mail.example.org"}, "public links must be https"),
        ({"EMAG_BASE_URL": "https://example.org/a b"}, "no link in a mail may hold"),
        ({"EMAG_BASE_URL": "https://example.org/>"}, "no link in a mail may hold"),
        ({"EMAG_SECRET_KEY": "hunter2"}, "EMAG_SECRET_KEY is too short"),
        ({"EMAG_ENGINE": "steam"}, "EMAG_ENGINE"),
        ({"EMAG_TRANSPORT__PORT": "lots"}, "transport.port"),
    ],
)
def test_a_wrong_variable_is_named_without_its_value(folder, environ, sentence):
    text = faults(folder, environ)
    assert sentence in text
    assert "hunter2" not in text


def test_all_faults_come_at_once(folder):
    write(folder, **{"limit = 8": "limit = 0", 'draft = "thu 16:00"': 'draft = "never"'})
    assert len(faults(folder, {"EMAG_NO": "x"}).splitlines()) == 3


@pytest.mark.parametrize("table", [name for name in Settings.model_fields if name != "folder"])
def test_every_unknown_key_is_an_error_that_names_a_known_one(folder, table):
    key = {"environment": "EMAG_ZZZ"}.get(table, f"EMAG_{table.upper()}__ZZZ")
    if table in {"sources", "sections"}:
        write(folder, **{f"[[{table}]]\nname": f"[[{table}]]\nzzz = 1\nname"})
        key = "EMAG_DIR"
    text = faults(folder, {key: "1"})
    assert re.search(r"zzz is not a setting; did you mean \w+\?", text, re.IGNORECASE), text


def test_rules_across_tables_are_not_silenced_by_a_fault_elsewhere(folder):
    write(
        folder, **{'draft = "thu 16:00"': 'draft = "never"', 'section = "jobs"': 'section = "job"'}
    )
    environ = {"EMAG_BASE_URL": "http://mail.example.org", "EMAG_SECRET_KEY": "hunter2"}
    sentences = faults(folder, environ).splitlines()
    assert len(sentences) == 4
    assert any(line.startswith("EMAG_BASE_URL is “http://mail.example.org”") for line in sentences)
    assert any(line.startswith("source “") and "did you mean jobs?" in line for line in sentences)


def test_a_source_for_a_section_that_is_not_shipped_is_named_too(folder):
    text = (folder / "emag.toml").read_text()
    beginning = text[: text.index("[[sections]]")]
    (folder / "emag.toml").write_text(
        beginning + '[[sources]]\nname = "x"\nkind = "folder"\npath = "x"\nsection = "poems"\n'
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
    sample = Template((SAMPLES / "env").read_text())
    values = dict.fromkeys(sample.get_identifiers(), "") | {"base_url": Environment().base_url}
    empty = sample.substitute(values)
    assert (ROOT / ".env.example").read_text() == empty


def settings_of(model: type[BaseModel], at: str = "") -> dict[str, object]:
    """Returns every key of emag.toml by its path, with its default."""
    defaults: dict[str, object] = {}
    for name, field in model.model_fields.items():
        inner = getattr(field.annotation, "__args__", (field.annotation,))[0]
        if not at and name in {"folder", "environment"}:
            continue
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            defaults |= settings_of(inner, f"{at}{name}.")
        else:
            defaults[at + (field.alias or name)] = field.get_default(call_default_factory=True)
    return defaults


def test_the_emag_toml_of_init_mentions_every_setting():
    table, mentioned = "", set()
    for line in (SAMPLES / "emag.toml").read_text().splitlines():
        head = re.match(r"(?:# )?\[+([\w.]+)\]+$", line)
        key = re.match(r"(?:# )?(\w+) = ", line)
        table = head[1] if head else table
        if key:
            mentioned.add(f"{table}.{key[1]}")
    assert mentioned == set(settings_of(Settings))


def test_the_emag_toml_of_init_shows_the_defaults():
    """A line that is commented out shows the default of its setting."""
    text = re.sub(r"^# (?=\w+ = |\[)", "", (SAMPLES / "emag.toml").read_text(), flags=re.MULTILINE)
    sample = Settings.model_validate({"folder": ROOT, **tomllib.loads(text)})
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
        assert getattr(sample, name) == getattr(lean, name), name
    for name in set(type(lean.schedule).model_fields) - {"draft", "send", "holidays"}:
        assert getattr(sample.schedule, name) == getattr(lean.schedule, name), name
    assert sample.publication.timezone == lean.publication.timezone
    default = SourceSettings(name="lean", kind="feed", url="https://example.org/")
    assert (sample.sources[0].timeout, sample.sources[0].max_bytes) == (
        default.timeout,
        default.max_bytes,
    )


def test_any_variable_may_be_read_from_a_file(folder, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("tr0ub4dor\r\n")
    (folder / ".env").write_text("EMAG_SMTP_PASSWORD=\nEMAG_SMTP_USERNAME_FILE=name\n")
    (folder / "name").write_text("crier\n")
    environment = load(folder, {"EMAG_SMTP_PASSWORD_FILE": str(secret)}).environment
    assert (environment.smtp_username, environment.smtp_password) == ("crier", "tr0ub4dor")
    assert environment.secrets == ("tr0ub4dor",)


@pytest.mark.parametrize(
    ("content", "variables", "sentence"),
    [
        (None, {}, "EMAG_SMTP_PASSWORD_FILE names secret, which cannot be read: no such file"),
        (b"\n", {}, "secret, which is empty"),
        (b"\xff", {}, "secret, which is not text in UTF-8"),
        (b"x" * 70_000, {}, "secret, which is too large for a secret"),
        (b"x", {"EMAG_SMTP_PASSWORD": "y"}, "are both set: remove one of them"),
        (b"x", {"EMAG_NOTHING_FILE": "y"}, "EMAG_NOTHING_FILE is not a setting"),
    ],
)
def test_a_file_that_holds_no_secret(folder, content, variables, sentence):
    if content is not None:
        (folder / "secret").write_bytes(content)
    text = faults(folder, {"EMAG_SMTP_PASSWORD_FILE": "secret"} | variables)
    assert sentence in text
    assert "tr0ub" not in text


@pytest.mark.parametrize("address", ["http://example.org/x", "ftp://example.org", "https://", "x"])
def test_a_webhook_is_https_and_its_fault_does_not_repeat_it(folder, address):
    text = faults(folder, {"EMAG_ALERTS__WEBHOOK": address})
    assert text == "alerts.webhook must be an address that begins with https://"
