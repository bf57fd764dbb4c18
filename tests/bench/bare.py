"""A Starlette application with one route that answers the bytes of a file: what no framework can be faster than.

python -m tests.bench.bare FILE
"""

import socket
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn import Config, Server


def main(path: Path) -> None:
    """Answer until a signal ends it; prints the address."""
    content = path.read_bytes()

    async def answer(request: Request) -> Response:
        await request.body()
        return Response(content, media_type="application/json")

    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    Server(Config(app, log_config=None, access_log=False, server_header=False)).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
