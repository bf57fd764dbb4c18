import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from knowledge import changes
from knowledge.database import Database
from knowledge.people import Act, tokens
from knowledge.words import Kind
from server.protocol import HEAD_BYTES
from server.settings import PREFIX
from server.wire import EVENTS
from tests import factories

pytestmark = pytest.mark.slow  # each server is a process of its own

ROOT = Path(__file__).parents[2]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


@contextmanager
def served(data: Path, *options: str, **settings: str) -> Iterator[str]:
    with running(data, *options, **settings) as (address, _):
        yield address


@contextmanager
def running(data: Path, *options: str, **settings: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [
        sys.executable,
        "-c",
        "from loyalty_commons import main; main()",
        "serve",
        "--port",
        "0",
        "--data",
        str(data),
    ]
    environment = {**CLEAN, **{PREFIX + name.upper(): value for name, value in settings.items()}}
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def spoken(address: str, *pieces: bytes) -> bytes:
    """What is answered to these bytes until the server hangs up; it fails when the server waits on."""
    host, port = address.removeprefix("http://").split(":")
    heard = b""
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            while more := connection.recv(65536):
                heard += more
        except ConnectionError:
            return heard
    return heard


@pytest.mark.parametrize("workers", ["2"])
def test_the_address_is_printed_once_it_answers(founded: Path, workers: str) -> None:
    with (
        served(founded, "--workers", workers) as address,
        urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer,
    ):
        ready = json.load(answer)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
    assert ready["status"] == "ready"


def test_a_head_is_bounded_in_size_and_in_time(founded: Path) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: here\r\n"
    headers = [b"X-%d: %s\r\n" % (number, b"a" * 10_000) for number in range(HEAD_BYTES // 10_000 + 40)]

    with served(founded, keep_alive_seconds="1") as address:
        whole = spoken(address, request, b"Connection: close\r\n\r\n")
        large = spoken(address, request, *headers)
        half = spoken(address, request)

    assert whole.startswith(b"HTTP/1.1 200 ")
    assert not large.startswith(b"HTTP/1.1 200 ")
    assert half == b""


def test_a_connection_serves_several_requests(founded: Path) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"

    with served(founded) as address:
        heard = spoken(address, request, request, request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    assert heard.count(b"HTTP/1.1 200 ") == 3


def test_whoever_listens_hears_of_what_another_process_commits_and_is_let_go_when_it_stops(
    founded: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(founded, tmp_path / "data")
    database = Database(f"sqlite:///{data / 'loyalty.db'}")
    leo = database.write(lambda session: tokens.owner(session, "leo@example.org"))
    assert leo is not None
    secret, _ = database.write(lambda session: tokens.create(session, leo, "a program", [Act.ENTRIES_READ]))
    query = "subscription { entryChanged { entry { title } } }"
    shown = {"authorization": f"Bearer {secret}"}

    with running(data) as (address, process), httpx.Client(base_url=address, timeout=20) as http:
        url = f"{address.replace('http', 'ws', 1)}/graphql"
        with (
            connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], additional_headers=shown) as socket,
            http.stream("GET", "/graphql", params={"query": query}, headers={**shown, "accept": EVENTS}) as stream,
        ):
            lines = stream.iter_lines()
            socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(socket.recv(20)) == {"type": "connection_ack"}
            head = database.write(changes.head).cursor
            after = query.replace("Changed", f'Changed(after: "{head}")')
            socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": after}}))
            database.write(lambda session: factories.an_entry(session, leo, title="From elsewhere", kind=Kind.IDEA))

            heard = json.loads(socket.recv(20))["payload"]["data"]
            told = next(line for line in lines if line.startswith("data: "))
            assert (
                heard
                == json.loads(told.removeprefix("data: "))["data"]
                == {"entryChanged": {"entry": {"title": "From elsewhere"}}}
            )
            process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed):
                socket.recv(20)
            assert list(lines)[-1:] == [""]  # it ends as it should, and is not torn
    database.close()
