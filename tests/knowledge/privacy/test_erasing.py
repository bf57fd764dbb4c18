import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, text, update
from sqlmodel import Session

from knowledge import clock, customers
from knowledge.community import speaking
from knowledge.contacts import Contact
from knowledge.customers import Reference, characteristics, interactions, merging, needs, relationships, rules, segments
from knowledge.customers.characteristics import Value
from knowledge.customers.rules import Node
from knowledge.database import Database, Page, Table, forget_neighbours, table_of
from knowledge.errors import Conflict, Invalid, NotAllowed, NotFound
from knowledge.listening.searches import Sought
from knowledge.loop import answering, deliveries, replies, rewards
from knowledge.loop.answering import Said, Subject
from knowledge.people import OPERATOR, Person, Viewer
from knowledge.privacy import consents, erasing, requests, scrubbing, settling, subjects
from knowledge.search import following
from knowledge.search.embedded import EmbeddedIndex
from knowledge.transfer import export_path
from knowledge.words import (
    Audience,
    ConsentPurpose,
    DataRequestKind,
    DataRequestState,
    Decision,
    FeedbackKind,
    Predicate,
    Role,
    ValueKind,
)
from tests.conftest import Lent, fresh_sqlite
from tests.factories import a_customer, a_file, a_touchpoint, a_viewer, an_entry, an_interaction, some_feedback


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
    words: Said = {"heard": f"{NAME} says it leaks.", "decision": Decision.DONE, "why": "It is mended."}
    answer = answering.draft(session, ann, Subject([said]), words)
    answering.publish(session, ann, answer.uid, Contact(mails=True))
    replies.reply(session, herself, said.uid, f"The {TOKEN} still leaks.")
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
    export_path(sqlite, folder / "exported")
    assert found_in(folder) == set()
    assert scrubbing.scrub(sqlite, index, folder) == 0
    with closing(Database(f"sqlite:///{folder.parent / 'kept'}")) as restored:
        assert scrubbing.replay(restored, folder) == 1
        assert scrubbing.replay(restored, folder) == 0


def test_g3_who_is_called_the_same_keeps_their_name_and_the_address_they_sign_in_with(session: Session) -> None:
    northwind, ann = a_customer(session, name="Northwind", email="all@northwind.example"), a_viewer(session, name="Ann")
    namesake = a_customer(session, name="Northwind", email="all@northwind.example")
    people, folk = table_of(Person), table_of(customers.Customer)
    known = {"name": "Ann Northwind", "email": "ann@northwind.example", "handle": "ann-northwind"}
    session.connection().execute(update(people).where(people.c.id == ann.id).values(known))

    erasing.erase(session, OPERATOR, northwind)

    kept = select(people.c.name, people.c.email, people.c.handle).where(people.c.id == ann.id)
    other = select(folk.c.name, folk.c.email).where(folk.c.id == namesake.id)
    assert tuple(session.connection().execute(kept).one()) == tuple(known.values())
    assert tuple(session.connection().execute(other).one()) == ("Northwind", "all@northwind.example")


def test_g3_whoever_was_searched_for_in_several_ways_is_erased_all_the_same(session: Session) -> None:
    quirina = a_customer(session, name=NAME, email=EMAIL)
    ways = (NAME.lower(), NAME.lower().replace(" ", "-"), EMAIL, f"{EMAIL} leaks")
    session.add_all(Sought(subject=query, wording=query, people=3, last_on=clock.now().date()) for query in ways)
    session.flush()

    erasing.erase(session, OPERATOR, quirina)

    left = session.connection().execute(select(table_of(Sought).c.subject)).scalars().all()
    assert len(set(left)) == len(ways)
    assert not any("zwetsch" in query for query in left)


def test_g4_of_who_is_restricted_colleagues_find_nothing_they_once_had_the_number_of(session: Session) -> None:
    ann, pot = a_viewer(session), a_customer(session, name="The Copper Pot")
    item = some_feedback(session, ann, customer=pot, kind=FeedbackKind.QUESTION)
    draft = answering.draft(session, ann, Subject([item]), {"heard": "The valve.", "decision": Decision.DONE})
    answering.publish(session, ann, draft.uid, Contact())
    (told,) = deliveries.of_response(draft, ann, Page(5)).rows
    reward = rewards.give(session, ann, item.uid, "Coffee")
    plan = relationships.plan(session, ann, pot, {"title": "Together", "goal": "More of Pot"})
    place, met = a_touchpoint(session), {"source": "crm", "external_id": "7", "note": "Met Pot."}
    interactions.log(session, ann, pot, place, met)  # type: ignore[arg-type]
    rule = Node(Predicate.PARENT, parent=pot.uid)
    segment = segments.create(session, OPERATOR, {"name": "Daughters", "rule": rule})

    subjects.restrict(session, OPERATOR, pot)
    forget_neighbours(session)

    assert deliveries.by_uid(session, ann, told.uid) is None
    assert rewards.by_uid(session, ann, reward.uid) is None
    with pytest.raises(NotFound):
        relationships.replan(session, ann, plan.uid, {})
    with pytest.raises(Invalid):
        interactions.log(session, ann, a_customer(session), place, met)  # type: ignore[arg-type]
    nodes = rules.nodes_of(session, [segment.id])
    assert "Copper" not in str(rules.names_of(session, nodes))


@pytest.fixture
def postgresql(lent: Lent) -> Iterator[Database]:
    with lent.database() as url, closing(Database(url)) as database:
        yield database


@pytest.mark.postgres
@pytest.mark.parametrize("first", ["merge", "erase"])
def test_of_two_who_do_something_with_a_customer_at_once_the_second_is_told(postgresql: Database, first: str) -> None:
    pots = postgresql.write(lambda session: [a_customer(session, name=f"Pot {number}") for number in range(3)])
    one, two, three = (Reference(uid=pot.uid) for pot in pots)
    begun = Event()
    second: list[Future[None]] = []

    def does_first(session: Session) -> None:
        if first == "merge":
            merging.merge(session, OPERATOR, one, two)
        else:
            erasing.erase(session, OPERATOR, pots[0])
        second.append(pool.submit(postgresql.write, does_second))
        assert begun.wait(10)
        waits_for_a_lock(postgresql)

    def does_second(session: Session) -> None:
        begun.set()
        if first == "merge":
            merging.merge(session, OPERATOR, two, one)
        else:
            merging.merge(session, OPERATOR, one, three)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(postgresql.write, does_first).result()
        with pytest.raises(Conflict):
            second[0].result()


def waits_for_a_lock(database: Database) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(2_000):
        with database.reading() as session:
            if session.connection().execute(waiting).scalar_one():
                return
    raise AssertionError("nobody waits")


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
