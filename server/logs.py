"""One line to an event, as JSON or for the eye, on standard error: ours and those of the libraries alike."""

import json
import logging
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import orjson
import structlog

from server.settings import Settings


def begin(settings: Settings) -> None:
    """Write logs as the settings say. What is bound to the context (the request id) is in every line."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Our own lines go the short way; the library's way costs as much as the rest of what is done for an answer from memory.
    structlog.configure(
        processors=[*shared, *_look(settings)],
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Lines())),
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_look(settings)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for chatty in ("uvicorn.error", "httpx", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)))


def _look(settings: Settings) -> list[structlog.types.Processor]:
    if settings.log_format == "console":
        plain = structlog.dev.plain_traceback  # the other one shows what the variables held
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_written)]


def _written(line: Any, **options: Any) -> str:
    try:
        return orjson.dumps(line, default=options.get("default")).decode()
    except TypeError:  # numbers beyond 64 bits, halves of characters
        return json.dumps(line, **options)


class _Lines:
    """Standard error, where a full disk or a closed pipe costs the line and nothing else: a thread that logs goes on."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
