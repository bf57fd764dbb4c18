import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlmodel import Session

from knowledge import customers
from knowledge.community import speaking
from knowledge.customers import Reference, characteristics, needs
from knowledge.customers.characteristics import Value
from knowledge.database import Database, Page, Table
from knowledge.errors import NotAllowed
from knowledge.people import OPERATOR, Viewer
from knowledge.privacy import consents, erasing, requests, scrubbing, settling
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.words import Audience, ConsentPurpose, DataRequestKind, DataRequestState, Role, ValueKind
from tests.conftest import fresh_sqlite
from tests.factories import a_customer, a_file, a_viewer, an_entry, an_interaction, some_feedback


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A database in a folder of its own, beside which nothing lies."""
    (tmp_path / "data").mkdir()
    with closing(Database(fresh_sqlite(sqlite_template, tmp_path / "data"))) as database:
        yield database


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    with closing(EmbeddedIndex(tmp_path / "data" / "index")) as index:
        yield index


def found_in(folder: Path) -> set[str]:
    """The tokens that a scan of the bytes of all files finds, in small letters or not."""
    files = [path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()]
    return {each for each in (NAME, EMAIL, TOKEN) if any(each.lower().encode() in data for data in files)}


NAME, TOKEN = "Quirina Zwetschgenberg", "zq7xk"
EMAIL = "quirina@zwetschgenberg.example"


def a_full_customer(session: Session) -> tuple[customers.CustomerRow, Viewer]:
    """Somebody with something in all the places that are theirs, and named in others."""
    ann = a_viewer(session)
    quirina = a_customer(session, name=NAME, email=EMAIL, source="crm", external_id=f"{TOKEN}-1")
    herself = a_viewer(session, role=Role.CUSTOMER, customer=quirina, name=NAME)
    birthday = characteristics.define(session, OPERATOR, {"name": "Hobby", "kind": ValueKind.TEXT, "personal": True})
    characteristics.tell(session, ann, quirina, birthday, Value(text=f"chess {TOKEN}"))
    said = some_feedback(session, ann, customer=quirina, verbatim=f"My {TOKEN} leaks.")
    some_feedback(session, ann, verbatim=f"I know {NAME.upper()}, she has the same machine.")
    an_interaction(session, ann, quirina, note=f"Met at {TOKEN}.")
    consents.say(session, ann, quirina, ConsentPurpose.CONTACT, True, note=f"At {TOKEN}.")
    requests.make(session, herself, quirina, DataRequestKind.ACCESS, note=f"All of {TOKEN}.")
    need = needs.record(session, ann, {"statement": "Coffee that stays hot."})
    needs.rate(session, ann, need, quirina, importance=9, satisfaction=3)
    practice = an_entry(session, ann, audience=Audience.PUBLIC, body=f"So it went with {NAME}’s machine.")
    speaking.comment(session, herself, practice, body=f"It was the {TOKEN}.")
    a_file(session, ann, practice, data=f"Letter to {EMAIL}\n".encode())
    assert said.customer_id == quirina.id
    return quirina, ann


def everything_said(session: Session) -> str:
    tables = Table.metadata.sorted_tables
    return "\n".join(str(tuple(row)) for table in tables for row in session.connection().execute(select(table)))


def test_g3_nothing_names_somebody_who_was_erased_and_the_numbers_stay(session: Session) -> None:
    quirina, ann = a_full_customer(session)
    session.flush()
    before = everything_said(session)
    rated = needs.ratings_of(needs.listing(session, ann, Page(20)).rows[0], ann)

    places = {place.table: place for place in erasing.preview(session, OPERATOR, quirina)}
    done = erasing.erase(session, OPERATOR, quirina)
    scrubbing.drop_files(session)

    after = everything_said(session)
    for token in (NAME, EMAIL, TOKEN, "zwetschgen"):
        assert token.lower() in before.lower()
        assert token.lower() not in after.lower(), [
            line for line in after.splitlines() if token.lower() in line.lower()
        ]
    assert isinstance(done, datetime)
    assert (places["feedback"].rows, places["feedback"].naming) == (1, 1)
    assert (places["revision"].rows, places["revision"].naming) == (0, 1)
    assert needs.ratings_of(needs.listing(session, ann, Page(20)).rows[0], ann) == rated
    assert customers.find(session, OPERATOR, Reference(uid=quirina.uid)) is None
    assert "I know [erased], she has the same machine." in after


def test_erasing_is_for_administrators_and_other_words_are_still_never_changed(session: Session) -> None:
    quirina, ann = a_full_customer(session)

    with pytest.raises(NotAllowed):
        erasing.erase(session, ann, quirina)
    erasing.erase(session, OPERATOR, quirina)

    with pytest.raises(Exception, match="never changed"), session.begin_nested():
        session.connection().execute(text("UPDATE feedback SET verbatim = 'Something else'"))
    assert erasing.again(session, OPERATOR, quirina.uid) is None


def test_g3_a_scan_of_all_bytes_finds_nothing_and_a_backup_forgets_again(
    sqlite: Database, index: EmbeddedIndex, tmp_path: Path
) -> None:
    folder = Path(sqlite.url.database or "").parent
    quirina, _ = sqlite.write(a_full_customer)
    following.follow(sqlite, index)
    assert found_in(folder) >= {NAME, EMAIL, TOKEN}
    with (
        closing(sqlite3.connect(sqlite.url.database or "")) as old,
        closing(sqlite3.connect(tmp_path / "kept")) as kept,
    ):
        old.backup(kept)

    sqlite.write(lambda session: erasing.erase(session, OPERATOR, quirina))
    done = scrubbing.scrub(sqlite, index, folder)
    (tmp_path / "kept").rename(folder.parent / "kept")

    assert done == 1
    assert found_in(folder) == set()
    assert scrubbing.scrub(sqlite, index, folder) == 0
    with closing(Database(f"sqlite:///{folder.parent / 'kept'}")) as restored:
        assert scrubbing.replay(restored, folder) == 1
        assert scrubbing.replay(restored, folder) == 0


def test_who_is_erased_waits_for_nothing_else(session: Session) -> None:
    admin, customer = a_viewer(session, role=Role.ADMIN), a_customer(session)
    asked, gone = (
        requests.make(session, admin, customer, kind) for kind in (DataRequestKind.ACCESS, DataRequestKind.ERASE)
    )

    settling.done(session, admin, gone.uid)

    left = requests.by_uid(session, admin, asked.uid)
    assert left is not None
    assert left.state is DataRequestState.DECLINED
    assert requests.queue(session, admin, Page(first=5)).rows == []
