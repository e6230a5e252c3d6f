"""The log: one line an event, in UTC, without addresses or secrets."""

import ast
import json
import logging
import re
import stat

import pytest

from emag import logbook
from emag.logbook import FAULT
from emag.settings import load
from tests.conftest import SECRET
from tests.test_house import MODULES, name, parsed

TOKEN = "Zm9vYmFyQmF6cXV4MDEyMzQ1Njc4OQ"


@pytest.fixture
def log_of(folder, capsys):
    """Logs one record with these variables, and gives what standard error has then."""
    before = logging.getLogger().handlers[:]
    levels = {package: logging.getLogger(package).level for package in ("emag", "subscribers")}

    def log(message, *details, level=logging.WARNING, fault=None, service=True, **variables):
        settings = load(folder, {"EMAG_SECRET_KEY": SECRET} | variables)
        logbook.start(settings, is_service=service)
        logging.getLogger("emag.test").log(level, message, *details, extra={FAULT: fault})
        return capsys.readouterr().err

    yield log
    for handler in logging.getLogger().handlers[:]:
        if handler not in before:
            logging.getLogger().removeHandler(handler)
            handler.close()
    for package, level in levels.items():
        logging.getLogger(package).setLevel(level)


def raised():
    try:
        raise ValueError(f"ann@example.org gave {SECRET} and /u/{TOKEN}\nforged: line")  # noqa: TRY301
    except ValueError as error:
        return error


def test_a_line_is_one_event_in_utc(log_of):
    line = log_of("Issue %s\nforged: %s", 3, "\x1b[31m")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING emag\.test: Issue 3 forged:  \[31m\n", line
    )


def test_json_holds_the_request_too(log_of):
    token = logbook.REQUEST.set("abc")
    line = json.loads(log_of("Hello “%s”", "you", EMAG_LOG="json"))
    logbook.REQUEST.reset(token)
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "emag.test",
        "message": "Hello “you”",
        "request": "abc",
    }


@pytest.mark.parametrize(
    ("chosen", "service", "least"),
    [("debug", False, "DEBUG"), ("info", True, "INFO"), ("info", False, "WARNING"),
     ("error", True, "ERROR")],
)  # fmt: skip
def test_the_level_is_a_setting(log_of, chosen, service, least):
    lines = ""
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        lines += log_of("x", level=level, service=service, EMAG_LOG_LEVEL=chosen)
    assert lines.split()[1] == least


def test_no_address_secret_or_token_is_written(log_of, folder):
    hook = "https://chat.example.org/hooks/abcdef"
    variables = {"EMAG_SMTP_PASSWORD": "tr0ub4dor", "EMAG_ALERTS__WEBHOOK": hook}
    variables["EMAG_DATABASE_URL"] = "postgresql://emag:pa55word@db.example.org/emag"
    words = f"<ann.o'neil+x@example.org> {SECRET} tr0ub4dor pa55word {hook} /u/{TOKEN}"
    for level in ("info", "debug"):
        line = log_of("%s", words, fault=raised(), EMAG_LOG_LEVEL=level, **variables)
        file = (folder / logbook.ERRORS).read_text()
        for secret in ("example.org>", "@", SECRET, "tr0ub4dor", "pa55word", "abcdef", TOKEN):
            assert secret not in line + file, secret
        assert ("Traceback" in line) == (level == "debug")
        assert line.count("\n") == 1
    assert "Traceback" in file
    assert "ValueError" in file
    assert stat.S_IMODE((folder / logbook.ERRORS).stat().st_mode) == 0o600


def test_a_log_that_cannot_be_written_stops_nothing(log_of, folder):
    (folder / logbook.ERRORS).mkdir()
    assert log_of("Hello", fault=raised()).count("\n") == 1


# What a line of the log may be made of. A new one must hold no reader's data and no secret.
HARMLESS = {
    "explain(error) or kind",
    "error", "fault", "key", "self._number", "number", "provider", "name", "kind", "where",
    "network", "source.name", "stage.name", "status", "route", "seconds * 1000", "word[:40]",
    "_HINT", "file.name", "self.path.name", "error.strerror", "type(error).__name__",
    "line.text", "over.words", "channel.name", "scope['method']", "reason",
    "(error.strerror or '').lower()", "text(envelope.get('TopicArn'))",
    "text(record.get('RecordType'))[:40]", "where(self._number, counts)", "details",
}  # fmt: skip
METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


@pytest.mark.parametrize("path", [p for p in MODULES if "log." in p.read_text()], ids=name)
def test_each_line_of_the_log_is_made_of_harmless_parts(path):
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "_log"), attr=attr)):
                if attr in METHODS:
                    message, *parts = node.args
                    parts += [] if isinstance(message, ast.Constant) else [message]
                    unknown = {ast.unparse(part) for part in parts} - HARMLESS
                    assert not unknown, f"line {node.lineno}"
                    assert not any(keyword.arg == "exc_info" for keyword in node.keywords)
