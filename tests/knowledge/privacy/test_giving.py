import json
from datetime import timedelta

import pytest
from sqlalchemy import Table as SqlTable
from sqlalchemy import func, select, update
from sqlmodel import Session

from knowledge import clock, evidence
from knowledge.community import speaking
from knowledge.customers import Customer, CustomerRow
from knowledge.database import Database, Table, table_of
from knowledge.errors import Invalid, NotAllowed
from knowledge.feedback import Feedback, items
from knowledge.loop import replies
from knowledge.people import OPERATOR
from knowledge.privacy import declared, erasing, giving, retention
from knowledge.privacy.names import STRUCK
from knowledge.words import Audience, FeedbackStatus, RetentionOf, Role, Stance
from tests.factories import a_customer, a_viewer, an_entry, an_interaction, some_feedback

NAME = "Zvonimir Kestrelbach"


def planted(session: Session) -> CustomerRow:
    """Somebody who is named in every text of every row, one after another where there may be one only."""
    zvonimir = a_customer(session, name=NAME)
    for table, free in erasing.free_columns():
        for name in free:
            plant(session, table, name)
    session.connection().execute(
        update(table_of(Customer)).where(table_of(Customer).c.id == zvonimir.id).values(name=NAME)
    )
    return zvonimir


def plant(session: Session, table: SqlTable, name: str) -> None:
    redacted = {"redacted_at": clock.now()} if table.name == "feedback" else {}
    keys = session.connection().execute(select(*table.primary_key.columns)).mappings().all()
    for number, key in enumerate(keys):
        mine = [column == key[column.name] for column in table.primary_key.columns if column.name != name]
        if name in key:
            mine.append(table.c[name] == key[name])
        text = f"{NAME} {number}"[: getattr(table.c[name].type, "length", None)]
        session.connection().execute(update(table).where(*mine).values({name: text, **redacted}))


def test_g2_g3_whoever_is_named_in_every_text_is_given_all_of_it_and_then_erased_from_it(
    filled_sqlite: Database,
) -> None:
    zvonimir = filled_sqlite.write(planted)
    with filled_sqlite.reading() as session:
        given = json.loads(giving.everything(session, OPERATOR, zvonimir))
        rows = {
            t.name: session.connection().execute(select(func.count()).select_from(t)).scalar_one()
            for t, _ in erasing.free_columns()
        }

    filled_sqlite.write(lambda session: erasing.erase(session, OPERATOR, zvonimir))

    found = [*given["yours"].items(), *given["naming_you"].items()]
    empty = {name for name, count in rows.items() if not count}
    columns = {f"{t.name}.{name}" for t, free in erasing.free_columns() for name in free if t.name not in empty}
    told = {f"{name}.{column}" for name, those in found for row in those for column in row if NAME in str(row[column])}
    assert sorted(columns - told) == []
    assert len(columns) > 100
    with filled_sqlite.reading() as session:
        for table, _ in erasing.free_columns():
            texts = [column for column in table.c if str(column) not in declared.OTHERS]
            found_there = session.connection().execute(select(*texts))
            left = [row for row in found_there if "zvonimir" in str(tuple(row)).lower()]
            assert not left, table.name


def test_one_is_given_what_is_theirs_at_once_and_nobody_else_is(session: Session) -> None:
    zvonimir, other = a_customer(session, name=NAME), a_customer(session, name="Somebody else")
    ann, himself = a_viewer(session), a_viewer(session, role=Role.CUSTOMER, customer=zvonimir)
    an_interaction(session, ann, zvonimir, note="Likes chess.")
    an_interaction(session, ann, other, note=f"Knows {NAME}.")

    given = json.loads(giving.everything(session, himself, zvonimir))
    whole = json.loads(giving.everything(session, OPERATOR, zvonimir))

    assert [row["note"] for row in given["yours"]["interaction"]] == ["Likes chess."]
    assert "on request" in given["naming_you"]
    assert [row["note"] for row in whole["naming_you"]["interaction"]] == [f"Knows {NAME}."]
    assert giving.look(himself, zvonimir) is None
    assert giving.look(OPERATOR, zvonimir) is not None
    for viewer, whom in ((ann, zvonimir), (himself, other)):
        with pytest.raises(NotAllowed):
            giving.everything(session, viewer, whom)


def test_what_is_kept_for_a_time_is_seen_before_it_goes_and_goes_once(session: Session) -> None:
    ann, customer = a_viewer(session), a_customer(session)
    old = an_interaction(session, ann, customer, note="Long ago.", at=None)
    an_interaction(session, ann, customer, note="Today.")
    session.connection().execute(
        update(Table.metadata.tables["interaction"])
        .where(Table.metadata.tables["interaction"].c.uid == old.uid)
        .values(at=clock.now() - timedelta(days=400))
    )

    tried = retention.overview(session, OPERATOR, tried={RetentionOf.INTERACTION_NOTES: 365})
    retention.keep(session, OPERATOR, RetentionOf.INTERACTION_NOTES, 365)
    for each in RetentionOf:
        if each is not RetentionOf.INTERACTION_NOTES:
            retention.keep(session, OPERATOR, each, 36_500)
    gone, again = retention.tidy(session), retention.tidy(session)

    assert {each.of: each.due for each in tried}[RetentionOf.INTERACTION_NOTES] == 1
    assert gone[RetentionOf.INTERACTION_NOTES] == 1
    assert sum(gone.values()) == 1
    assert sum(again.values()) == 0
    assert retention.overview(session, ann) == []
    with pytest.raises(NotAllowed):
        retention.keep(session, ann, RetentionOf.LOOKS, 365)
    with pytest.raises(Invalid):
        retention.keep(session, OPERATOR, RetentionOf.LOOKS, 3)


def test_words_that_are_let_go_take_their_replies_with_them_and_who_quotes_them_quotes_what_is_left(
    session: Session,
) -> None:
    ann, customer = a_viewer(session), a_customer(session)
    themselves = a_viewer(session, role=Role.CUSTOMER, customer=customer)
    item = some_feedback(session, ann, customer=customer, verbatim="It leaks at the valve again.")
    practice = an_entry(session, ann)
    evidence.attach(session, ann, practice, item, Stance.SUPPORTS, quote="the valve")
    replies.reply(session, themselves, item.uid, "It still leaks.")
    words = table_of(Feedback)
    old = {"status": FeedbackStatus.CLOSED, "received_at": clock.now() - timedelta(days=400)}
    session.connection().execute(update(words).where(words.c.id == item.id).values(old))
    retention.keep(session, OPERATOR, RetentionOf.FEEDBACK_WORDS, 365)

    retention.tidy(session)

    (quoted,) = evidence.of_entry(practice, ann)
    kept = items.by_uid(session, ann, item.uid)
    assert kept is not None
    assert (kept.verbatim, quoted.quote) == (STRUCK, STRUCK)
    assert [reply.text for reply in replies.of_item(kept)] == [""]


def test_of_two_who_sign_in_for_one_customer_neither_is_given_what_the_other_wrote_and_chose(session: Session) -> None:
    pot = a_customer(session, name="The Copper Pot")
    practice = an_entry(session, a_viewer(session), audience=Audience.PUBLIC)
    first, second = (a_viewer(session, role=Role.CUSTOMER, customer=pot, name=name) for name in ("Ida", "Jon"))
    speaking.comment(session, first, practice, body="Mine.")
    speaking.comment(session, second, practice, body="Nobody else's.")

    given, whole = (json.loads(giving.everything(session, viewer, pot))["yours"] for viewer in (first, OPERATOR))

    assert [row["body"] for row in given["comment"]] == ["Mine."]
    assert len(whole["comment"]) == 2
