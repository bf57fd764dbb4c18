"""The examples for operators agree with the commands, the settings and the bounds of the program."""

import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import typer.main

from server.cli import app
from server.middleware import ASKED, HELD, LEFT
from server.serving import GRACE
from server.settings import PREFIX, Settings, rows

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "operations"
PAGE = (DOCS / "operators.md").read_text(encoding="utf-8")
NGINX, CADDY = ((EXAMPLES / name).read_text(encoding="utf-8") for name in ("nginx.conf", "Caddyfile"))
VARIABLE = re.compile(rf"\b{PREFIX}[A-Z_]+\b")


def variables() -> dict[str, str]:
    """What the file of settings says, that which is only proposed included."""
    lines = (EXAMPLES / "loyalty.env").read_text(encoding="utf-8").splitlines()
    settings = [line.lstrip("#") for line in lines if re.match(rf"#?{PREFIX}", line)]
    return dict(shlex.split(line)[0].split("=", 1) for line in settings)


def unit(name: str) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[method-assign, assignment]
    read.read(EXAMPLES / name)
    return read


def exists(command: str) -> bool:
    """Whether `loyalty` has the command, and each of the options that are written out."""
    found = typer.main.get_command(app)
    words = shlex.split(command.partition("<")[0].partition("|")[0])
    said = [word for word in words if word.startswith("--")]
    for word in words[2:] if words[0] == "--data" else words:
        found = getattr(found, "commands", {}).get(word, found)
    return not hasattr(found, "commands") and {*said} <= {name for each in found.params for name in each.opts}


def test_every_setting_that_is_named_exists() -> None:
    known = {row.variable for row in rows()}
    texts = [PAGE, *(path.read_text(encoding="utf-8") for path in EXAMPLES.iterdir())]

    assert {name for text in texts for name in VARIABLE.findall(text)} - known == set()
    assert variables().keys() <= known


def test_every_command_that_is_named_exists() -> None:
    blocks = re.findall(r"^    (?:commons|/opt/loyalty/bin/loyalty|loyalty) (.+)$", PAGE, re.MULTILINE)
    inline = re.findall(r"`(?:commons|loyalty) ([^`]+)`", PAGE)
    units = [unit(name)["Service"]["ExecStart"] for name in ("loyalty.service", "loyalty-backup.service")]
    started = [found[1] for each in units if (found := re.search(r"/bin/loyalty ([a-z]+)", each))]

    assert len(blocks) > 10
    assert len(started) == 2
    assert [each for each in (*blocks, *inline, *started) if not exists(each)] == []


def test_the_settings_of_the_example_are_accepted_and_go_together() -> None:
    chosen = {name.removeprefix(PREFIX).lower(): value for name, value in variables().items()}

    settings = Settings(**chosen)  # type: ignore[arg-type]

    assert settings.is_secure
    assert settings.mails
    assert (settings.host, settings.trusted_proxies) == ("127.0.0.1", "127.0.0.1")


def test_the_proxies_reach_the_server_and_know_its_bounds() -> None:
    settings, said = Settings(), variables()
    there = f"{said['LOYALTY_HOST']}:{said['LOYALTY_PORT']}"
    name = said["LOYALTY_BASE_URL"].removeprefix("https://")
    largest = settings.form_bytes + settings.file_bytes

    assert f"server {there};" in NGINX
    assert f"reverse_proxy {there} " in CADDY
    assert NGINX.count(f"server_name {name};") == 2
    assert f"\n{name} {{" in CADDY
    assert int(re.findall(r"client_max_body_size (\d+)m;", NGINX)[0]) << 20 > largest
    assert int(re.findall(r"max_size (\d+)MiB", CADDY)[0]) << 20 > largest
    assert int(re.findall(r"keepalive_timeout (\d+)s;", NGINX)[0]) < settings.keep_alive_seconds
    assert int(re.findall(r"keepalive (\d+)s", CADDY)[0]) < settings.keep_alive_seconds
    assert int(re.findall(r"proxy_read_timeout (\d+)s;", NGINX)[0]) > 2 * settings.beat_seconds


def test_the_log_of_the_proxy_keeps_no_more_of_an_address_than_ours() -> None:
    hidden = re.findall(r"\(\?<opened>/\(\?:(.+)\)/\)", NGINX)[0]

    assert {f"/{each}/" for each in hidden.split("|")} == {ASKED, HELD, LEFT}
    assert "$request " not in NGINX
    assert "$request_uri" not in re.findall(r"log_format .+", NGINX)[0]


def test_the_unit_gives_the_server_time_and_does_not_repeat_what_needs_a_person() -> None:
    service = unit("loyalty.service")["Service"]

    assert int(service["TimeoutStopSec"]) > GRACE
    assert service["RestartPreventExitStatus"].split() == ["2", "4"]
    assert variables()["LOYALTY_DATA"] == f"/var/lib/{service['StateDirectory']}"
    assert {"NoNewPrivileges", "ProtectSystem", "PrivateUsers", "MemoryDenyWriteExecute"} <= set(service)
