"""Following: once and twice are the same, by oneself and on one's own, and only what one sees."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from knowledge import jobs
from knowledge.activity import Activity
from knowledge.community import follows
from knowledge.community.follows import Follow, Relay, Search
from knowledge.database import Database, Page, Row, read, table_of
from knowledge.entries import by_uid, publishing, tags
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.people import Act, Viewer, group_by_uid, person_by_uid
from knowledge.words import Audience, FollowState, FollowTarget, Kind, Role
from server.worker import HANDLERS
from tests.factories import a_group, a_viewer, an_entry


class Kept(Row):
    person_id: int
    state: FollowState


def kept(session: Session) -> list[Kept]:
    table = table_of(Follow).c
    return read(session, Kept, select(table.id, table.person_id, table.state).order_by(table.id))


def an_entry_to_follow(session: Session, viewer: Viewer) -> Any:
    return an_entry(session, a_viewer(session))


def a_tag(session: Session, viewer: Viewer) -> Any:
    an_entry(session, a_viewer(session), tags=["valve"])
    return tags.by_slug(session, viewer, "valve")


def a_colleague(session: Session, viewer: Viewer) -> Any:
    other = a_viewer(session)
    assert other.uid is not None
    return person_by_uid(session, viewer, other.uid)


def some_group(session: Session, viewer: Viewer) -> Any:
    return group_by_uid(session, viewer, a_group(session).uid)


TARGETS: dict[FollowTarget, Callable[[Session, Viewer], Any]] = {
    FollowTarget.ENTRY: an_entry_to_follow,
    FollowTarget.TAG: a_tag,
    FollowTarget.KIND: lambda *_: Kind.STORY,
    FollowTarget.PERSON: a_colleague,
    FollowTarget.GROUP: some_group,
    FollowTarget.RELAY: lambda *who: Relay(some_group(*who)),
    FollowTarget.SEARCH: lambda *_: Search("refund", {"kinds": ["GUIDE", "STORY"]}),
}


@pytest.mark.parametrize("target", FollowTarget)
def test_following_twice_is_following_once(session: Session, target: FollowTarget) -> None:
    viewer = a_viewer(session)
    thing = TARGETS[target](session, viewer)

    first, second = follows.follow(session, viewer, thing), follows.follow(session, viewer, thing)

    assert first.uid == second.uid
    assert [row.uid for row in follows.listing(session, viewer, Page()).rows] == [first.uid]
    assert first.target is target


@pytest.mark.parametrize("target", FollowTarget)
def test_what_was_left_is_not_listed_and_can_be_followed_again(session: Session, target: FollowTarget) -> None:
    viewer = a_viewer(session)
    thing = TARGETS[target](session, viewer)
    follows.follow(session, viewer, thing)

    follows.unfollow(session, viewer, thing)
    follows.unfollow(session, viewer, thing)
    left = follows.listing(session, viewer, Page()).rows
    follows.follow(session, viewer, thing)

    assert left == []
    assert len(follows.listing(session, viewer, Page()).rows) == 1
    assert len(kept(session)) == 1


def test_each_change_is_on_record_once(session: Session) -> None:
    viewer = a_viewer(session)
    entry = an_entry(session, viewer)

    follows.follow(session, viewer, entry)
    follows.follow(session, viewer, entry)
    follows.unfollow(session, viewer, entry)
    follows.mute(session, viewer, entry)

    session.flush()
    act = table_of(Activity).c
    found = session.connection().execute(select(act.verb).where(act.type == "Follow").order_by(act.id))
    assert [row.verb for row in found] == ["person.followed", "person.unfollowed", "person.muted"]


def test_two_clicks_at_once_make_one_follow(database: Database) -> None:
    viewer = database.write(a_viewer)
    entry = database.write(lambda session: an_entry(session, a_viewer(session)))

    with ThreadPoolExecutor(4) as pool:
        done = [
            pool.submit(database.write, lambda session: follows.follow(session, viewer, entry).uid) for _ in range(12)
        ]
        uids = {each.result() for each in done}

    with database.reading() as session:
        assert len(uids) == 1
        assert len(kept(session)) == 1


def test_a_search_is_the_same_whatever_the_order_of_its_filters(session: Session) -> None:
    viewer = a_viewer(session)

    one = follows.follow(session, viewer, Search(" refund ", {"kinds": ["STORY", "GUIDE"], "tags": []}))
    other = follows.follow(session, viewer, Search("refund", {"kinds": ["GUIDE", "STORY", "STORY"]}))

    assert one.uid == other.uid
    assert one.url == "/search?q=refund&kind=guide&kind=story"


def test_fifty_searches_are_the_most(session: Session) -> None:
    viewer = a_viewer(session)
    for number in range(follows.MOST_SEARCHES):
        follows.follow(session, viewer, Search(f"word {number}"))

    with pytest.raises(Invalid, match="50 searches"):
        follows.follow(session, viewer, Search("one more"))

    follows.follow(session, viewer, Search("word 7"))  # this one is followed already
    follows.unfollow(session, viewer, Search("word 7"))
    follows.follow(session, viewer, Search("one more"))


@pytest.mark.parametrize("search", [Search(" "), Search("x" * 401), Search("", {"tags": ["x" * 5_000]})])
def test_a_search_that_cannot_be_kept_is_refused(session: Session, search: Search) -> None:
    with pytest.raises(Invalid):
        follows.follow(session, a_viewer(session), search)


def test_strangers_and_tokens_without_the_scope_follow_nothing(session: Session) -> None:
    entry = an_entry(session, a_viewer(session), audience=Audience.PUBLIC)
    person = a_viewer(session)
    token = Viewer(id=person.id, role=Role.EMPLOYEE, scopes=frozenset({Act.ENTRIES_READ}))

    for viewer in (Viewer(), token):
        with pytest.raises(NotAllowed):
            follows.follow(session, viewer, entry)
        with pytest.raises(NotAllowed):
            follows.unfollow(session, viewer, entry)
        with pytest.raises(NotAllowed):
            follows.mute(session, viewer, entry)


def test_customers_follow_entries_and_no_colleagues(session: Session) -> None:
    colleague, customer = a_viewer(session), a_viewer(session, role=Role.CUSTOMER)
    entry = an_entry(session, colleague, audience=Audience.CUSTOMERS)
    assert colleague.uid is not None
    person = person_by_uid(session, colleague, colleague.uid)
    assert person is not None

    follows.follow(session, customer, entry)

    with pytest.raises(NotAllowed):
        follows.follow(session, customer, person)


def test_what_may_not_be_seen_any_more_is_not_named(session: Session) -> None:
    author, reader = a_viewer(session), a_viewer(session)
    entry = an_entry(session, author, tags=["telling"])
    tag = tags.by_slug(session, reader, "telling")
    assert tag is not None
    follows.follow(session, reader, entry)
    follows.follow(session, reader, tag)

    publishing.archive(session, author, entry.uid)

    session.flush()
    assert follows.listing(session, reader, Page()).rows == []
    assert follows.listing(session, reader, Page()).total() == 0


def test_nobody_leaves_what_another_follows(session: Session) -> None:
    entry = an_entry(session, a_viewer(session))
    row = follows.follow(session, a_viewer(session), entry)

    with pytest.raises(NotFound):
        follows.leave(session, a_viewer(session), row.uid)


def ran(database: Database) -> None:
    jobs.run_due(database, HANDLERS)


def is_followed(database: Database, viewer: Viewer, uid: Any) -> bool:
    with database.reading() as session:
        entry = by_uid(session, viewer, uid)
        assert entry is not None
        return follows.is_followed(entry, viewer)


def test_authors_follow_what_they_write_unless_they_left_it(database: Database) -> None:
    author = database.write(a_viewer)
    entry = database.write(lambda session: an_entry(session, author))

    ran(database)
    by_itself = is_followed(database, author, entry.uid)
    database.write(lambda session: follows.unfollow(session, author, entry))
    database.write(lambda session: publishing.archive(session, author, entry.uid))
    database.write(lambda session: publishing.publish(session, author, entry.uid))
    ran(database)

    assert by_itself
    assert not is_followed(database, author, entry.uid)


def test_who_does_not_want_that_follows_nothing_by_themselves(database: Database) -> None:
    author = database.write(a_viewer)
    database.write(lambda session: follows.prefer(session, author, by_itself=False))

    entry = database.write(lambda session: an_entry(session, author))
    ran(database)

    assert not is_followed(database, author, entry.uid)


def test_followers_of_a_merged_tag_follow_the_one_it_became(session: Session) -> None:
    both, one = a_viewer(session), a_viewer(session)
    an_entry(session, one, tags=["refund", "refunds"])
    old, new = (tags.by_slug(session, one, slug) for slug in ("refunds", "refund"))
    assert old is not None
    assert new is not None
    for viewer, tag in ((both, old), (both, new), (one, old)):
        follows.follow(session, viewer, tag)

    follows.retag(session, old.id, new.id)

    table = table_of(Follow).c
    counted = select(table.tag_id, func.count()).group_by(table.tag_id)
    assert [tuple(row) for row in session.connection().execute(counted)] == [(new.id, 2)]
