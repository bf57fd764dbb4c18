"""The document for programs is true: each example runs as it stands there, in its order, and answers what is shown."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands import loyalty
from tests.documents import Block, blocks, differs
from tests.server.clients import PASSWORD
from tests.server.test_serving import served

pytestmark = pytest.mark.slow

AT_HOME = "http://127.0.0.1:8000"


class Reader:
    """Whoever follows the document: holds a token, and remembers what the last answers said."""

    def __init__(self, home: Path, address: str) -> None:
        self.home = home
        self.http = httpx.Client(base_url=address, timeout=20)
        self.token = ""
        self.seen: dict[str, Any] = {}
        self.wrong: list[str] = []

    def follow(self, name: str) -> None:
        """Do what the blocks say, one after the other; whatever comes to something else is in `wrong`."""
        left = list(blocks(name))
        while left:
            block = left.pop(0)
            if block.language == "graphql":
                variables = json.loads(left.pop(0).text) if "($" in block.text else {}
                self.compare(block, left.pop(0), self.asked(block.text, variables))
            elif block.text.startswith("curl"):
                self.curl(block, left)
            elif block.text.startswith("loyalty"):
                self.token = self.made(block.text)
            else:
                assert block.language == "python", f"Nobody says how this is to be run:\n{block.text}"

    def compare(self, asked: Block, shown: Block, said: Any) -> None:
        assert shown.language == "json", f"No answer is shown to:\n{asked.text}"
        self.seen |= dict(leaves(said))
        self.wrong += [f"{asked.text}\n{line}" for line in differs(json.loads(shown.text or "{}"), said)]

    def made(self, command: str) -> str:
        said = loyalty(*shlex.split(command)[1:], "--data", self.home)
        assert said.returncode == 0, said.stderr
        return said.stdout.strip()

    def asked(self, query: str, variables: Any) -> Any:
        """The data of an answer, or its errors."""
        sent = {"query": query, "variables": self.filled(variables)}
        answer = self.http.post("/graphql", json=sent, headers={"authorization": f"Bearer {self.token}"}).json()
        return {"errors": answer["errors"]} if answer.get("errors") else answer["data"]

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.filled(each) for key, each in value.items()}
        return self.seen[value[1:]] if isinstance(value, str) and value.startswith("$") else value

    def curl(self, block: Block, left: list[Block]) -> None:
        words = shlex.split(block.text.replace("$TOKEN", self.token).replace("$cursor", str(self.seen.get("cursor"))))
        options = [(words[i], words[i + 1]) for i in range(len(words) - 1)]
        headers = dict(each.split(": ", 1) for option, each in options if option == "-H")
        url = next(word for word in words if word.startswith(AT_HOME)).removeprefix(AT_HOME)
        if "--get" in words:
            query = dict(each.split("=", 1) for option, each in options if option == "--data-urlencode")
            with self.http.stream("GET", url, params=query, headers=headers) as answer:
                assert answer.status_code == 200, answer.read()
                assert answer.headers["content-type"].startswith("text/event-stream")
        else:
            body = next(each for option, each in options if option == "-d")
            self.compare(block, left.pop(0), self.http.post(url, content=body, headers=headers).json())


def leaves(said: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(said, dict):
        for name, value in said.items():
            if isinstance(value, dict | list):
                yield from leaves(value)
            elif value is not None:
                yield name, value
    elif isinstance(said, list):
        for each in said:
            yield from leaves(each)


def test_every_example_for_programs_runs_in_its_order_and_answers_what_is_shown(tmp_path: Path) -> None:
    home = tmp_path / "data"
    assert loyalty("init", "--data", home).returncode == 0
    assert loyalty("reindex", "--data", home).returncode == 0
    who = ("margit@example.com", "--name", "Margit", "--role", "leader")
    assert loyalty("person", "add", *who, "--data", home, says=PASSWORD).returncode == 0

    with served(home) as address:
        reader = Reader(home, address)
        with reader.http:
            reader.follow("integrators")
            assert reader.wrong == []
            mirror_follows(reader, address, tmp_path)


def mirror_follows(reader: Reader, address: str, folder: Path) -> None:
    """The program of the document copies everything, and then what changes."""
    [script] = [block.text for block in blocks("integrators") if block.language == "python"]
    (folder / "mirror.py").write_text(script)
    environment = {**os.environ, "TOKEN": reader.token}
    with subprocess.Popen(
        [sys.executable, "mirror.py", address], stdout=subprocess.PIPE, text=True, cwd=folder, env=environment
    ) as mirror:
        assert mirror.stdout is not None
        try:
            began = int(mirror.stdout.readline().split()[0])
            title = {"kind": "STORY", "title": "The cup that stayed warm", "publish": True}
            reader.asked(
                "mutation($input: CreateEntryInput!) { createEntry(input: $input) { entry { id } } }", {"input": title}
            )
            heard = mirror.stdout.readline().strip()
        finally:
            mirror.terminate()
    kept = json.loads((folder / "mirror.json").read_text())["entries"]
    assert began == reader.asked("{ entries { totalCount } }", {})["entries"]["totalCount"] - 1
    assert heard == "The cup that stayed warm"
    assert ["call-back-the-same-day", "Call back before the shop closes"] in kept.values()
    assert len(kept) == began + 1
