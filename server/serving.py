"""Starts the processes that answer requests, on a socket that is bound before any of them."""

import gc
import http.client
import socket
import threading
from collections.abc import Callable

from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from server import installation
from server.app import application
from server.protocol import BoundedProtocol
from server.settings import Settings

GRACE = 10
FIRST_ANSWER = 120


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Answer requests until a signal ends it; `announce` hears the address as soon as it answers.

    Raises `NotReady`, and `OSError` where the address cannot be had.
    """
    with _bound(settings.host, settings.port) as listener:
        if settings.workers == 1:
            server = Server(_config(settings, application(settings)))
            gc.freeze()  # what is loaded stays: looking through all of it again and again took 150 ms each time
            _announced(settings.host, listener, announce)
            server.run(sockets=[listener])
            return
        installation.ready(settings).close()
        settings.hand_down()
        _announced(settings.host, listener, announce)
        Multiprocess(_config(settings, "server.app:serving"), sockets=[listener]).run()


def _config(settings: Settings, app: object) -> Config:
    trusted = [each.strip() for each in settings.trusted_proxies.split(",") if each.strip()]
    return Config(
        app,  # type: ignore[arg-type]
        factory=isinstance(app, str),
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        http=BoundedProtocol,
        ws="websockets-sansio",
        ws_max_size=settings.body_bytes,
        ws_per_message_deflate=False,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=GRACE,
    )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
        listener.set_inheritable(True)
    except OSError as taken:
        listener.close()
        raise type(taken)(taken.errno, taken.strerror, f"{host}:{port}") from taken
    except BaseException:
        listener.close()
        raise
    return listener


def _announced(host: str, listener: socket.socket, announce: Callable[[str], None]) -> None:
    """Say where it is once it answers. The socket listens already, so one request that waits is enough."""
    port = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not bound

    def ask() -> None:
        connection = http.client.HTTPConnection(near, port, timeout=FIRST_ANSWER)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            return  # it ended before it began, and has said why
        finally:
            connection.close()
        announce(f"http://{shown}:{port}")

    threading.Thread(target=ask, name="announce", daemon=True).start()
