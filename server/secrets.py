"""The secret of an installation: from its settings, or 32 random bytes in a file that nobody else may read."""

import os
import secrets
from hashlib import sha256

from server.settings import Settings

NAME = "secret"


def secret_of(settings: Settings) -> bytes:
    """What keys are derived from. The file is made when it is first needed; of two processes that make it, one wins."""
    if settings.secret:
        return sha256(settings.secret.encode()).digest()
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.data / NAME
    new = settings.data / f"{NAME}.{os.getpid()}.new"
    if not path.exists():
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, path)  # never over another's
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return path.read_bytes()
