from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import Settings, faults, rows

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_in_the_documentation_with_its_default_and_its_help() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")

    missing = [
        row.variable
        for row in rows()
        if f"| `{row.variable}` | {f'`{row.default}`' if row.default else 'empty'} | {row.help} |" not in page
    ]

    assert missing == []


def test_the_documentation_lists_nothing_else() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")

    listed = [line for line in page.splitlines() if line.startswith("| `LOYALTY_")]

    assert len(listed) == len(list(rows()))


def test_the_environment_sets_and_an_option_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_PORT", "9000")
    monkeypatch.setenv("LOYALTY_NAME", "Acme knows")

    settings = Settings.given(port=9001, name=None)

    assert (settings.port, settings.name) == (9001, "Acme knows")


def test_what_is_wrong_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_PORT", "a secret")

    with pytest.raises(ValidationError) as wrong:
        Settings()

    assert faults(wrong.value).startswith("LOYALTY_PORT: ")
    assert "a secret" not in faults(wrong.value)


def test_what_is_handed_down_arrives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for row in rows():
        monkeypatch.setenv(row.variable, "")
    settings = Settings(data=tmp_path, demo=True, operation_seconds=2.5)

    settings.hand_down()

    assert Settings() == settings


def test_a_signal_that_there_is_not_is_refused_by_its_name() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.given(signals="verified,popular")

    assert "no signal popular; there are verified, proven" in faults(refused.value)
