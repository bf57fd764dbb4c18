"""Reactions and votes: one a person, whatever happens at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import standing
from knowledge.activity import Activity
from knowledge.community import comments, reactions, speaking, votes
from knowledge.community.reactions import CommentReaction, EntryReaction, Reactions
from knowledge.community.votes import Usefulness, Vote
from knowledge.database import Database, Table, table_of
from knowledge.entries import EntryRow
from knowledge.errors import NotAllowed
from knowledge.people import OPERATOR, Viewer
from knowledge.words import ReactionKind
from tests.factories import a_viewer, an_entry


def rows(session: Session, table: type[Table]) -> int:
    return session.connection().execute(select(func.count()).select_from(table_of(table))).scalar_one()


def acts(session: Session, verb: str) -> int:
    statement = select(func.count()).where(table_of(Activity).c.verb == verb)
    return session.connection().execute(statement).scalar_one()


def a_place(session: Session) -> tuple[Viewer, EntryRow]:
    viewer = a_viewer(session)
    return viewer, an_entry(session, viewer)


def test_c1_one_reaction_a_person_kind_and_target(session: Session) -> None:
    viewer, entry = a_place(session)
    other = a_viewer(session)
    said = speaking.comment(session, viewer, entry, body="Well.")

    for _ in range(2):
        reactions.react_to_entry(session, viewer, entry, ReactionKind.LIKE)
        reactions.react_to_comment(session, viewer, said, ReactionKind.LIKE)
    reactions.react_to_entry(session, viewer, entry, ReactionKind.THANKS)
    reactions.react_to_entry(session, other, entry, ReactionKind.LIKE)

    found = comments.by_uid(session, other, said.uid)
    assert found is not None
    assert list(standing.reactions_of(entry, viewer)) == [
        Reactions(ReactionKind.LIKE, 2, True),
        Reactions(ReactionKind.THANKS, 1, True),
    ]
    assert list(found.reactions) == [Reactions(ReactionKind.LIKE, 1, False)]
    assert acts(session, "reaction.added") == 4


def test_a_reaction_is_taken_back_once(session: Session) -> None:
    viewer, entry = a_place(session)
    reactions.react_to_entry(session, viewer, entry, ReactionKind.LIKE)

    for _ in range(2):
        reactions.take_back_from_entry(session, viewer, entry, ReactionKind.LIKE)

    assert list(standing.reactions_of(entry, viewer)) == []
    assert acts(session, "reaction.removed") == 1


@pytest.mark.parametrize("table", [EntryReaction, CommentReaction, Vote])
def test_c1_of_many_at_once_one_stays(database: Database, table: type[Table]) -> None:
    viewer, entry = database.write(a_place)
    said = database.write(lambda session: speaking.comment(session, viewer, entry, body="Well."))
    together = Barrier(8)

    def click(session: Session) -> None:
        if table is EntryReaction:
            reactions.react_to_entry(session, viewer, entry, ReactionKind.LIKE)
        elif table is CommentReaction:
            reactions.react_to_comment(session, viewer, said, ReactionKind.LIKE)
        else:
            votes.rate(session, viewer, entry, True)

    def one(_: int) -> None:
        together.wait()
        database.write(click)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))

    with database.reading() as session:
        assert rows(session, table) == 1
        assert acts(session, "reaction.added") == (0 if table is Vote else 1)


def test_one_vote_a_person_and_the_last_one_counts(session: Session) -> None:
    viewer, entry = a_place(session)
    other = a_viewer(session)

    votes.rate(session, other, entry, False)
    for useful in (True, False, True):
        votes.rate(session, viewer, entry, useful)
    seen = standing.usefulness_of(entry, viewer)
    votes.rate(session, other, entry, None)

    assert seen == Usefulness(1, 1, True)
    assert rows(session, Vote) == 1


def test_nobody_in_particular_does_not_react(session: Session) -> None:
    _, entry = a_place(session)

    for viewer in (OPERATOR, Viewer()):
        with pytest.raises(NotAllowed):
            reactions.react_to_entry(session, viewer, entry, ReactionKind.LIKE)
        with pytest.raises(NotAllowed):
            votes.rate(session, viewer, entry, True)
