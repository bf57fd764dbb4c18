"""Every way in which an installation can be ill that a test can make, and the remedy that is named for it."""

import json
import os
import shutil
import socket
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from knowledge import activity, clock
from knowledge.people import OPERATOR
from server import doctor, installation, reaching, surroundings
from server.settings import Settings
from tests.commands import loyalty
from tests.smtp import mail_server


@pytest.fixture
def home(founded: Path, tmp_path: Path) -> Settings:
    return Settings(data=shutil.copytree(founded, tmp_path / "home"))


def mends(settings: Settings, **changes: Any) -> dict[str, str]:
    """What wants attention, and how."""
    changed = settings.model_copy(update=changes)
    return {each.name: each.mend for each in doctor.examine(changed) if each.mend}


def a_closed_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("changes", "name", "mend"),
    [
        ({"host": "0.0.0.0"}, "address", "LOYALTY_BASE_URL"),
        ({"base_url": "https://commons.example.org"}, "proxy", "LOYALTY_TRUSTED_PROXIES"),
        ({"trusted_proxies": "127.0.0.1"}, "proxy", "LOYALTY_BASE_URL"),
        ({"trusted_proxies": "*", "base_url": "https://commons.example.org"}, "proxy", "Name the proxies"),
        ({"base_url": "commons.example.org"}, "base address", "https://"),
        ({"base_url": "https://example.org/commons", "trusted_proxies": "::1"}, "base address", "a name of its own"),
        ({"demo": True, "base_url": "http://commons.example.org"}, "demo", "LOYALTY_DEMO"),
        ({"smtp_url": "smtp://mail.example.org"}, "mail", "LOYALTY_MAIL_FROM"),
    ],
)
def test_settings_that_do_not_go_together_are_named(changes: dict[str, Any], name: str, mend: str) -> None:
    settings = Settings(**changes)

    found = {each.name: each.mend for each in (*surroundings.address(settings), *surroundings.post(settings))}

    assert mend in found[name]


def test_a_proxy_with_tls_that_is_trusted_wants_nothing(home: Settings) -> None:
    assert mends(home, base_url="https://commons.example.org", trusted_proxies="127.0.0.1") == {}


def test_the_mail_server_is_greeted_and_sent_nothing(home: Settings) -> None:
    said = {"mail_from": "care@example.org", "base_url": "https://c.example.org", "trusted_proxies": "::1"}
    with mail_server() as box:
        well = mends(home, smtp_url=f"smtp://127.0.0.1:{box.port}", **said)
    gone = mends(home, smtp_url=f"smtp://127.0.0.1:{box.port}", **said)

    assert (well, box.letters) == ({}, [])
    assert "LOYALTY_SMTP_URL" in gone["mail"]


def test_a_folder_of_somebody_else_is_left_alone_and_its_owner_named(home: Settings) -> None:
    if os.geteuid() == 0:
        os.chown(home.data, 65534, -1)
        said = mends(home)
        os.chown(home.data, 0, -1)
    else:
        home.data.chmod(0o500)
        said = mends(home)
        home.data.chmod(0o700)

    assert said.keys() == ({"owner"} if os.geteuid() == 0 else {"writing"})


def test_a_file_that_is_no_database_is_said_to_be_damaged(home: Settings) -> None:
    (home.data / "loyalty.db").write_bytes(b"This was a database once." * 400)

    assert mends(home) == {"database": reaching.DAMAGED}


def test_a_clock_that_went_back_is_noticed(home: Settings) -> None:
    def later(session: Session) -> None:
        activity.record(session, OPERATOR.id, "entry.created", "Guide", clock.uid())

    with closing(installation.connect(home)) as database, clock.held(clock.now() + timedelta(hours=2)):
        database.write(later)

    assert "timedatectl" in mends(home)["time"]


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ('FATAL:  password authentication failed for user "commons"', "password"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.7", user "commons"', "pg_hba.conf"),
        ("could not translate host name", "no address"),
        ("connection timeout expired", "firewall"),
        ("permission denied for schema public", "OWNER"),
        ("FATAL:  sorry, too many clients already; remaining connection slots are reserved", "max_connections"),
        ("server does not support SSL, but SSL was required", "sslmode"),
        ("attempt to write a readonly database", "chown"),
        ("something that nobody has ever heard of", "LOYALTY_DATABASE_URL"),
    ],
)
def test_what_a_driver_says_has_its_remedy(said: str, mend: str) -> None:
    trouble = reaching.explained(OperationalError("SELECT secret", {}, Exception(f"connection failed: {said}")))

    assert said in trouble.says
    assert "secret" not in trouble.says
    assert mend in trouble.mend


def test_a_statement_that_is_wrong_is_no_trouble_with_the_database() -> None:
    assert reaching.known(OperationalError("SELECT x", {}, Exception("no such column: x"))) is None


@pytest.mark.postgres
def test_a_database_elsewhere_is_told_from_none(
    postgres: Any, empty: Callable[..., str], tmp_path: Path, home: Settings
) -> None:
    url = make_url(postgres.get_uri("postgres"))
    address = empty("postgresql")
    (tmp_path / "node").mkdir(mode=0o700)
    node = Settings(data=tmp_path / "node")

    def told(**parts: Any) -> dict[str, str]:
        return mends(node, database_url=url.set(**parts).render_as_string(hide_password=False))

    assert mends(node, database_url=address) == {"migrations": "Run: loyalty init"}
    assert "createdb" in told(database="nowhere")["database"]
    assert "createuser" in told(username="nobody-here")["database"]
    nothing_there = f"postgresql://127.0.0.1:{a_closed_port()}/commons"
    assert "Start the database" in mends(node, database_url=nothing_there)["database"]
    refused = loyalty("person", "list", data=tmp_path / "node", database_url=nothing_there)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Start the database" in refused.stderr


def test_an_answer_for_programs_has_each_finding_and_the_exit_says_whether_there_is_one(home: Settings) -> None:
    well = loyalty("doctor", "--json", data=home.data)
    ill = loyalty("doctor", "--json", data=home.data, base_url="https://commons.example.org")

    assert (well.returncode, ill.returncode) == (0, 4)
    assert {each["mend"] for each in json.loads(well.stdout)} == {""}
    assert "proxy" in [each["name"] for each in json.loads(ill.stdout) if each["mend"]]
    assert loyalty("doctor", data=home.data, database_url="mysql://here").returncode == 2
