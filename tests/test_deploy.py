"""What an operator copies: each file is checked by the tool that reads it, where there is one."""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from emag.deployment import LOCK, shipped_files, write_deployment
from emag.schedule.standstill import Obstacle
from emag.settings import Environment, load
from tests.conftest import SECRET
from tests.emag.mailing import certificate
from tests.test_reference import reference

MOST_EXPOSED = 2.0  # of 10, as systemd counts; 9.6 is a unit without protection
METRICS = {name for name, _, _ in reference.metrics()}


def tool(name: str) -> str:
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    return path or pytest.skip(f"{name} is not installed")


def run(*words: object, **options: object) -> str:
    result = subprocess.run(
        list(map(str, words)), capture_output=True, text=True, check=False, **options
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.fixture
def deploy(folder):
    """The files of a publication, filled in."""
    address = {"EMAG_SECRET_KEY": SECRET, "EMAG_BASE_URL": "https://post.crier.example"}
    write_deployment(load(folder, address))
    return folder / "deploy"


def test_they_are_filled_in_and_stay(deploy, folder):
    assert {file.name for file in deploy.iterdir()} == set(shipped_files())
    assert "requirements.lock" in shipped_files()
    for file in deploy.iterdir():
        if file.name not in {LOCK, "emag.1", "Dockerfile"}:
            text = file.read_text()
            assert "mail.example.org" not in text, file.name
            assert "/srv/" not in text.replace("/srv/herald", ""), file.name
    unit = (deploy / "emag.service").read_text()
    assert f"WorkingDirectory={folder}\n" in unit
    assert re.search(r"ExecStart=/.+/bin/emag serve --host 127.0.0.1", unit)
    (deploy / "Caddyfile").write_text("mine\n")
    (deploy / "nginx.conf").unlink()
    settings = load(folder, {"EMAG_SECRET_KEY": SECRET})
    written = {file.path.name for file in write_deployment(settings) if file.is_new}
    assert written == {"nginx.conf"}
    assert (deploy / "Caddyfile").read_text() == "mine\n"
    assert "mail.example.org" in (deploy / "nginx.conf").read_text()  # the address is loopback


def test_systemd_accepts_the_units_and_finds_them_hardened(deploy, tmp_path):
    analyze = tool("systemd-analyze")
    units = tmp_path / "units"
    units.mkdir()
    for name in ("emag.service", "emag@.service"):
        text = (deploy / name).read_text()
        # The environment's file is made by the operator, and the man page is installed later.
        text = re.sub(r"(?m)^(EnvironmentFile|Documentation)=.*\n", "", text)
        (units / name).write_text(text)
    output = run(analyze, "verify", "--man=no", units / "emag.service", units / "emag@.service")
    assert "emag" not in output, output
    for name in ("emag.service", "emag@.service"):
        security = run(analyze, "security", "--offline=true", "--no-pager", units / name)
        assert float(re.search(r"exposure level for \S+ ([\d.]+)", security)[1]) < MOST_EXPOSED


def test_caddy_accepts_its_file(deploy):
    environment = os.environ | {"EMAG_UPSTREAM": "emag:8400", "HOME": str(deploy)}
    caddy = [tool("caddy"), "validate", "--adapter", "caddyfile", "--config", deploy / "Caddyfile"]
    assert "Valid configuration" in run(*caddy, env=environment)


def test_nginx_accepts_its_file(deploy, tmp_path):
    nginx = tool("nginx")
    (tmp_path / "live.pem").write_bytes(certificate.create())
    site = re.sub(
        r"/etc/letsencrypt\S+\.pem", str(tmp_path / "live.pem"), (deploy / "nginx.conf").read_text()
    )
    (deploy / "nginx.conf").write_text(site)
    whole = tmp_path / "whole.conf"
    whole.write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n  include {deploy}/nginx.conf;\n}}\n"
    )
    output = run(nginx, "-t", "-q", "-p", tmp_path, "-e", tmp_path / "errors", "-c", whole)
    assert "emerg" not in output


def test_prometheus_accepts_its_files(deploy):
    promtool = tool("promtool")
    run(promtool, "check", "rules", deploy / "alerts.yaml")
    run(promtool, "check", "config", deploy / "prometheus.yaml")


def test_hadolint_finds_nothing_in_the_dockerfile(deploy):
    run(tool("hadolint"), deploy / "Dockerfile")


def test_docker_compose_accepts_its_file(deploy):
    (deploy / "secrets").mkdir()
    words = [tool("docker-compose"), "-f", deploy / "compose.yaml", "--profile", "workers"]
    assert set(run(*words, "config", "--services").split()) == {"db", "emag", "worker", "caddy"}


def test_board_and_rules_ask_for_metrics_that_exist(deploy):
    board, rules = (deploy / "grafana.json").read_text(), (deploy / "alerts.yaml").read_text()
    wanted = set(re.findall(r"\bemag_[a-z_]+", board + rules))
    assert wanted <= METRICS
    assert METRICS - wanted <= {"emag_issue_number", "emag_standstill_seconds"}
    obstacles = {
        name for names in re.findall(r'obstacle=~"([^"]+)"', rules) for name in names.split("|")
    }
    unnamed = {"paused-by-person", "warm-up-limit"}  # no trouble
    assert obstacles == {obstacle.value for obstacle in Obstacle} - unnamed
    panels = json.loads(board)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_compose_names_settings_secrets_and_files_that_exist(deploy):
    compose = yaml.safe_load((deploy / "compose.yaml").read_text())
    variables = {f"EMAG_{name.upper()}" for name in Environment.model_fields}
    for name, service in compose["services"].items():
        for variable in service.get("environment", {}):
            if variable.startswith("EMAG_") and variable != "EMAG_UPSTREAM":
                assert variable.removesuffix("_FILE") in variables, f"{name}: {variable}"
        assert set(service.get("secrets", ())) <= set(compose["secrets"])
        assert set(service.get("depends_on", ())) <= set(compose["services"])
        assert service["restart"] == "unless-stopped"
    emag = compose["services"]["emag"]
    assert (
        emag["environment"]["EMAG_TRUSTED_PROXIES"]
        == (compose["networks"]["inside"]["ipam"]["config"][0]["subnet"])
    )
    assert (deploy / compose["services"]["caddy"]["volumes"][0].split(":")[0]).is_file()
    assert "{$EMAG_UPSTREAM:" in (deploy / "Caddyfile").read_text()
    recipe = (deploy / "Dockerfile").read_text()
    assert recipe.count("\nFROM ") + recipe.startswith("FROM ") == 2
    assert "\nUSER 10001:10001\n" in recipe
    assert "HEALTHCHECK" in recipe
