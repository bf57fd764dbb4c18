"""The README cannot lie: its links lead somewhere, its commands exist, its query is valid."""

import json
import re
from pathlib import Path

import pytest
from graphql import parse, validate
from typer.main import get_command

from schema.root import SCHEMA
from server.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text())

    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_command_exists() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = {tuple(each.split()) for each in re.findall(r"^loyalty ([a-z]+(?: [a-z]+)?)", README, re.MULTILINE)}

    for name, *rest in named:
        group = commands[name]
        assert not hasattr(group, "commands") or rest[0] in group.commands


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()

    assert {target for target in re.findall(r"`?make ([a-z]+)", README) if f"\n{target}:" not in makefile} == set()


def test_the_query_is_valid() -> None:
    found = re.search(r"-d '(\{.*\})'", README)
    assert found is not None

    assert validate(SCHEMA, parse(json.loads(found[1])["query"])) == []
