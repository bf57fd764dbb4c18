"""Where the bytes of attachments lie: in a folder beside an SQLite file, in a table of PostgreSQL. Equal bytes lie there once.

Bytes come in under a temporary name, are counted and hashed on the way, and get their final name, which is their hash, in
the transaction that writes the row. What a transaction leaves behind that was never committed is tidied a day later.
"""

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol, Self, cast

from sqlalchemy import URL, LargeBinary, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session

from knowledge import clock
from knowledge.database import Table, Unwritable, moment, table_of
from knowledge.errors import NotFound, TooLarge

HASH = re.compile(r"[0-9a-f]{64}")
KEPT = timedelta(days=1)
"""How long bytes stay that no attachment needs: an upload may be under way, and a removal a mistake."""
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EACCES}
PIECE = 256 * 1024


class AttachmentContent(Table, table=True):
    """The bytes of attachments, where the rows are on PostgreSQL; on SQLite they lie in a folder and this stays empty."""

    __tablename__ = "attachment_content"

    sha256: str = Field(primary_key=True, max_length=64)
    data: bytes = Field(sa_type=LargeBinary)
    kept_at: datetime = moment()


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that have arrived and lie under a temporary name."""

    path: Path
    sha256: str
    size: int


class Incoming:
    """Bytes on their way in, a piece at a time. As a context it leaves nothing behind that nobody took."""

    def __init__(self, folder: Path, most: int) -> None:
        self._most = most
        self._size = 0
        self._hash = hashlib.sha256()
        with told():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, path = tempfile.mkstemp(prefix="incoming-", dir=folder)
        self._file = os.fdopen(handle, "wb", buffering=0)
        self.path = Path(path)

    def write(self, piece: bytes) -> None:
        """Add a piece. Raises `TooLarge` as soon as there is more than may come, and `Unwritable` where there is no room."""
        self._size += len(piece)
        if self._size > self._most:
            raise TooLarge(f"A file has at most {in_words(self._most)}.", "file")
        self._hash.update(piece)
        left = memoryview(piece)
        with told():
            while left:
                left = left[self._file.write(left) :]

    def finish(self) -> Content:
        """All has come: the bytes are on the disk when this answers."""
        with told():
            os.fsync(self._file.fileno())
            self._file.close()
        return Content(self.path, self._hash.hexdigest(), self._size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class Store(Protocol):
    """Bytes by their hash. Whoever writes does so in the session that writes the row which needs them."""

    def incoming(self, most: int) -> Incoming:
        """Room for bytes that are about to come, at most so many."""
        ...

    def put(self, session: Session, content: Content) -> None:
        """Keep what has arrived under its hash; the same bytes twice are kept once."""
        ...

    def open(self, session: Session, sha256: str) -> BinaryIO:
        """The bytes, to be read and closed, also after the session. Raises `NotFound`."""
        ...

    def all(self, session: Session) -> Iterator[tuple[str, int]]:
        """The hash and the size of everything that is kept, by hash."""
        ...

    def tidy(self, session: Session, needed: Set[str]) -> int:
        """Drop what is older than a day and not needed; returns how much was dropped."""
        ...

    def drop(self, session: Session, sha256: str) -> None:
        """Drop bytes at once, however young they are; that they are gone already does no harm."""
        ...


def store_at(url: URL) -> Store:
    """The store that belongs to a database: a folder beside the file of SQLite, else a table."""
    if url.get_backend_name() == "sqlite":
        return Folder(Path(url.database or "").parent / "attachments")
    return Rows(Path(tempfile.gettempdir()))


def store_of(session: Session) -> Store:
    """The same for whoever has a session and nothing else."""
    return store_at(session.get_bind().engine.url)


@dataclass(frozen=True)
class Folder:
    """Files called by their hash, in folders called by its first two letters."""

    path: Path

    def incoming(self, most: int) -> Incoming:
        """As `Store` says; what a crash left behind is swept out on the way."""
        folder = self.path / "incoming"
        for left in folder.glob("incoming-*") if folder.is_dir() else ():
            if _age(left) > KEPT:
                left.unlink(missing_ok=True)
        return Incoming(folder, most)

    def put(self, session: Session, content: Content) -> None:
        """As `Store` says. It replaces equal bytes, so that they are a day old no sooner than tomorrow."""
        target = self._file(content.sha256)
        with told():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            content.path.replace(target)
            for folder in (target.parent, self.path):
                _synced(folder)

    def open(self, session: Session, sha256: str) -> BinaryIO:
        """As `Store` says; anything but a hash is not found, and so is a link to somewhere else."""
        try:
            handle = os.open(self._file(sha256), os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            raise NotFound("The file is missing.") from None
        return os.fdopen(handle, "rb")

    def all(self, session: Session) -> Iterator[tuple[str, int]]:
        """As `Store` says."""
        for file in self._files():
            yield file.name, file.stat().st_size

    def tidy(self, session: Session, needed: Set[str]) -> int:
        """As `Store` says. It runs in the writer, as `put` does, so that neither finds the other half done."""
        surplus = [file for file in self._files() if file.name not in needed and _age(file) > KEPT]
        for file in surplus:
            file.unlink(missing_ok=True)
        return len(surplus)

    def drop(self, session: Session, sha256: str) -> None:
        """As `Store` says."""
        self._file(sha256).unlink(missing_ok=True)

    def _file(self, sha256: str) -> Path:
        if not HASH.fullmatch(sha256):
            raise NotFound("The file is missing.")
        return self.path / sha256[:2] / sha256

    def _files(self) -> Iterator[Path]:
        for file in sorted(self.path.glob("[0-9a-f][0-9a-f]/*")):
            if HASH.fullmatch(file.name) and file.is_file() and not file.is_symlink():
                yield file


_c = table_of(AttachmentContent).c


@dataclass(frozen=True)
class Rows:
    """Rows of `attachment_content`; `path` is where bytes wait while they come in."""

    path: Path

    def incoming(self, most: int) -> Incoming:
        """As `Store` says."""
        return Incoming(self.path, most)

    def put(self, session: Session, content: Content) -> None:
        """As `Store` says. The time is moved on even where the row is there, which keeps it from being tidied away meanwhile."""
        now = clock.now()
        row = insert(table_of(AttachmentContent)).values(
            sha256=content.sha256, data=content.path.read_bytes(), kept_at=now
        )
        session.connection().execute(row.on_conflict_do_update(index_elements=["sha256"], set_={"kept_at": now}))

    def open(self, session: Session, sha256: str) -> BinaryIO:
        """As `Store` says. The bytes are copied to a file without a name, so that a slow reader holds no memory."""
        data = session.connection().execute(select(_c.data).where(_c.sha256 == sha256)).scalar()
        if data is None:
            raise NotFound("The file is missing.")
        file = tempfile.TemporaryFile()  # noqa: SIM115  # whoever reads closes it
        file.write(data)
        file.seek(0)
        return cast(BinaryIO, file)

    def all(self, session: Session) -> Iterator[tuple[str, int]]:
        """As `Store` says."""
        statement = select(_c.sha256, func.octet_length(_c.data)).order_by(_c.sha256)
        for row in session.connection().execute(statement):
            yield row[0], row[1]

    def drop(self, session: Session, sha256: str) -> None:
        """As `Store` says."""
        session.connection().execute(delete(table_of(AttachmentContent)).where(_c.sha256 == sha256))

    def tidy(self, session: Session, needed: Set[str]) -> int:
        """As `Store` says. A row whose time was moved on meanwhile is looked at again by the database, and stays."""
        old = select(_c.sha256).where(_c.kept_at < clock.now() - KEPT)
        surplus = set(session.connection().execute(old).scalars()) - needed
        statement = delete(table_of(AttachmentContent)).where(_c.sha256.in_(surplus), _c.kept_at < clock.now() - KEPT)
        return session.connection().execute(statement).rowcount if surplus else 0


@contextmanager
def told() -> Iterator[None]:
    """A disk that takes no more is `Unwritable`, as it is for the database."""
    try:
        yield
    except OSError as failure:
        if failure.errno in NO_ROOM:
            raise Unwritable(f"The file cannot be written: {failure.strerror}.") from failure
        raise


def in_words(size: int) -> str:
    """A number of bytes as people say it."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def _age(file: Path) -> timedelta:
    try:
        return clock.now() - datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return timedelta(0)


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
