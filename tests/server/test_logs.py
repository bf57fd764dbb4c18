import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from server import logs
from server.settings import Settings


class Broken(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


@pytest.fixture
def begun() -> Iterator[None]:
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    logs.begin(Settings())
    yield
    structlog.configure(**before)
    logging.getLogger().handlers[:] = handlers


@pytest.mark.usefixtures("begun")
def test_a_line_that_cannot_be_written_costs_the_line_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Broken())

    structlog.get_logger().info("said")


@pytest.mark.usefixtures("begun")
def test_whatever_is_said_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", heard := io.StringIO())

    structlog.get_logger().info("said", number=2**70, half="\ud800")

    assert str(2**70) in heard.getvalue()
