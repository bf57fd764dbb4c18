"""Takes a backup: all rows of one snapshot while others write, and the attachments that they name.

On SQLite a snapshot keeps no writer waiting; all it costs is that the log is not trimmed until it ends. The engine's own backup
in steps begins again whenever another process has written, and under steady writes never ends.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
from sqlalchemy import Connection, func, select
from sqlalchemy import Table as SqlTable

from knowledge import clock, migrations
from knowledge.backups import columns, contents
from knowledge.backups.parts import FORMAT, MANIFEST, Manifest, Part, attachment_part, table_part
from knowledge.database import Database, engine_version

BATCH = 1_000
BLOCK = 1 << 20
QUICKLY = 1  # a quarter of the size for a third of the time; the level above it takes twice as long for a tenth less

Progress = Callable[[int, int], None]


def take(
    database: Database,
    file: BinaryIO,
    *,
    version: str,
    attachments: Path,
    progress: Progress = lambda _done, _all: None,
) -> Manifest:
    """Write everything there is into a file that is open for writing and need not be able to seek.

    `version` is the product's, `attachments` the folder of their contents; `progress` hears how many rows of how many are written.
    """
    engine, moment = engine_version(database), clock.now()  # the snapshot begins with the first read, which is later
    with database.reading() as session, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=QUICKLY) as archive:
        connection = session.connection()
        migration = str(migrations.version(connection))
        tables = list(_tables(connection, archive, progress))
        whole, lost = _contents(connection, archive, attachments)
        manifest = Manifest(FORMAT, version, migration, engine, moment, (*tables, *whole), tuple(lost))
        archive.writestr(ZipInfo(MANIFEST), manifest.written())
    return manifest


def _tables(connection: Connection, archive: ZipFile, progress: Progress) -> Iterator[Part]:
    there = columns.tables(connection)
    total = sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in there)
    done = 0
    for table in there:
        part = _written(archive, table_part(table.name), _lines(connection, table))
        rows = part.rows - 1  # the first line names the columns
        done += rows
        progress(done, total)
        yield Part(part.name, part.bytes, part.sha256, rows)


def _lines(connection: Connection, table: SqlTable) -> Iterator[list[bytes]]:
    yield [orjson.dumps([column.name for column in table.columns])]
    rows = connection.execution_options(stream_results=True).exec_driver_sql(columns.selected(connection, table))
    for batch in rows.partitions(BATCH):
        yield [orjson.dumps(tuple(row)) for row in batch]


def _contents(connection: Connection, archive: ZipFile, folder: Path) -> tuple[list[Part], list[str]]:
    """The attachments that are whole, and the hashes of those that are not: a backup without a picture is better than none."""
    parts, lost = [], []
    for digest in contents.wanted(connection):
        content = contents.opened(connection, folder, digest)
        if content is None:
            lost.append(digest)
            continue
        with content:  # held open between the two readings: it may be removed meanwhile
            if not contents.is_whole(content, digest):
                lost.append(digest)
                continue
            info = ZipInfo(attachment_part(digest))  # stored as it is: pictures are compressed already
            parts.append(_blocks(archive, info, iter(partial(content.read, BLOCK), b"")))
    return parts, lost


def _written(archive: ZipFile, name: str, batches: Iterable[list[bytes]]) -> Part:
    rows = 0

    def blocks() -> Iterator[bytes]:
        nonlocal rows
        for batch in batches:
            rows += len(batch)
            yield b"".join(line + b"\n" for line in batch)

    part = _blocks(archive, name, blocks())
    return Part(part.name, part.bytes, part.sha256, rows)


def _blocks(archive: ZipFile, name: str | ZipInfo, blocks: Iterable[bytes]) -> Part:
    sum, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as part:
        for block in blocks:
            sum.update(block)
            size += len(block)
            part.write(block)
    return Part(name if isinstance(name, str) else name.filename, size, sum.hexdigest())
