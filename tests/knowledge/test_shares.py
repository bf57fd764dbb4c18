"""Share links: they show what may leave the house, as long as it may."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import clock
from knowledge.activity import ActivityValue
from knowledge.community import shares
from knowledge.community.shares import ShareLink
from knowledge.database import table_of
from knowledge.entries import EntryRow, by_uid, publishing, writing
from knowledge.entries.entry import Entry
from knowledge.errors import Invalid, NotAllowed, NotFound
from knowledge.people import OPERATOR, Person, Viewer
from knowledge.words import Audience, Role, Status
from tests.factories import a_draft, a_group, a_viewer, an_entry


def a_public(session: Session, author: Viewer, **changes: Any) -> EntryRow:
    return an_entry(session, author, audience=Audience.PUBLIC, **changes)


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.CUSTOMERS])
def test_the_holder_of_a_link_reads_what_is_published(session: Session, audience: Audience) -> None:
    author = a_viewer(session)
    entry = an_entry(session, author, audience=audience, title="Out")
    secret, _ = shares.create(session, author, entry)

    writing.update(session, author, entry.uid, 1, {"title": "Not yet"})

    session.flush()
    read = shares.reading(session, secret)
    assert read is not None
    assert read.title == "Out"


def test_the_secret_is_kept_nowhere(session: Session) -> None:
    author = a_viewer(session)

    secret, row = shares.create(session, author, a_public(session, author))

    session.flush()
    link = session.get_one(ShareLink, row.id)
    values = session.connection().execute(select(table_of(ActivityValue).c.after)).scalars().all()
    assert len(secret) == 43  # 256 bits
    assert secret not in f"{link} {values}"
    assert shares.reading(session, link.digest) is None


@pytest.mark.parametrize("audience", [Audience.EMPLOYEES, Audience.GROUP])
def test_what_is_for_colleagues_cannot_be_shared(session: Session, audience: Audience) -> None:
    group = a_group(session)
    author = a_viewer(session, role=Role.LEADER, group=group)
    groups = [group.uid] if audience is Audience.GROUP else []
    entry = an_entry(session, author, audience=audience, audience_groups=groups)

    with pytest.raises(NotAllowed):
        shares.create(session, author, entry)


def test_drafts_cannot_be_shared_nor_anything_by_customers(session: Session) -> None:
    author, customer = a_viewer(session), a_viewer(session, role=Role.CUSTOMER)
    draft, entry = a_draft(session, author, audience=Audience.PUBLIC), a_public(session, author)

    for viewer, what in ((author, draft), (customer, entry), (Viewer(), entry)):
        with pytest.raises(NotAllowed):
            shares.create(session, viewer, what)


ENDS: dict[str, dict[str, Any]] = {
    "for colleagues": {"audience": Audience.EMPLOYEES},
    "for a group": {"audience": Audience.GROUP},
    "archived": {"status": Status.ARCHIVED},
    "a draft": {"status": Status.DRAFT},
    "in review": {"status": Status.IN_REVIEW},
}


@pytest.mark.parametrize("end", ENDS)
def test_a_link_ends_at_once_when_the_entry_is_no_longer_meant_to_leave(session: Session, end: str) -> None:
    author = a_viewer(session)
    entry = a_public(session, author)
    secret, _ = shares.create(session, author, entry)

    stored = session.get_one(Entry, entry.id)
    for name, value in ENDS[end].items():
        setattr(stored, name, value)
    session.flush()

    assert shares.reading(session, secret) is None
    now = by_uid(session, author, entry.uid)
    assert now is not None
    assert shares.links_of(now, author) == []


def test_a_link_ends_when_its_time_has_come_or_it_is_revoked(session: Session) -> None:
    author = a_viewer(session)
    entry = a_public(session, author)
    short, _ = shares.create(session, author, entry, expires_at=clock.now() + timedelta(days=1))
    usual, row = shares.create(session, author, entry)
    session.flush()

    with clock.held(clock.now() + timedelta(days=2)):
        assert shares.reading(session, short) is None
        assert shares.reading(session, usual) is not None
        shares.revoke(session, author, row.uid)
        session.flush()
        assert shares.reading(session, usual) is None
    assert timedelta(days=29) < row.expires_at - clock.now() <= timedelta(days=30)


def test_a_link_ends_with_the_account_of_whoever_made_it(session: Session) -> None:
    author, maker = a_viewer(session), a_viewer(session)
    entry = a_public(session, author)
    secrets = [shares.create(session, each, entry)[0] for each in (maker, author)]

    session.get_one(Person, maker.id).disabled_at = clock.now()
    session.flush()

    assert [shares.reading(session, secret) is not None for secret in secrets] == [False, True]


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_link_lasts_from_now_to_a_year(session: Session, days: int) -> None:
    author = a_viewer(session)
    entry = a_public(session, author)

    with clock.held(clock.now()), pytest.raises(Invalid):
        shares.create(session, author, entry, expires_at=clock.now() + timedelta(days=days))


def test_twenty_links_are_the_most(session: Session) -> None:
    author = a_viewer(session)
    entry = a_public(session, author)
    made = [shares.create(session, author, entry)[1] for _ in range(shares.MOST)]

    with pytest.raises(Invalid):
        shares.create(session, author, entry)

    shares.revoke(session, author, made[0].uid)
    session.flush()
    shares.create(session, author, entry)


def test_a_link_is_ended_by_its_maker_and_by_those_who_edit_the_entry(session: Session) -> None:
    author, maker, other = (a_viewer(session) for _ in range(3))
    entry = a_public(session, author)
    links = [shares.create(session, maker, entry)[1] for _ in range(2)]
    session.flush()

    with pytest.raises(NotFound):
        shares.revoke(session, other, links[0].uid)
    shares.revoke(session, maker, links[0].uid)
    shares.revoke(session, author, links[1].uid)

    with pytest.raises(NotFound):
        shares.revoke(session, author, links[1].uid)


def test_links_are_listed_for_those_who_look_after_them(session: Session) -> None:
    author, maker, other = (a_viewer(session) for _ in range(3))
    entry = a_public(session, author)
    shares.create(session, maker, entry)
    session.flush()

    seen = {}
    for name, viewer in (("author", author), ("maker", maker), ("other", other), ("stranger", Viewer())):
        row = by_uid(session, viewer, entry.uid)
        assert row is not None
        seen[name] = len(shares.links_of(row, viewer))

    assert seen == {"author": 1, "maker": 1, "other": 0, "stranger": 0}


def test_archiving_ends_a_link_and_publishing_again_revives_it(session: Session) -> None:
    author = a_viewer(session)
    entry = a_public(session, author)
    secret, _ = shares.create(session, author, entry)

    publishing.archive(session, author, entry.uid)
    session.flush()
    archived = shares.reading(session, secret)
    publishing.publish(session, OPERATOR, entry.uid)
    session.flush()

    assert archived is None
    assert shares.reading(session, secret) is not None


def test_links_that_ended_long_ago_are_tidied(session: Session) -> None:
    author = a_viewer(session)
    shares.create(session, author, a_public(session, author))

    with clock.held(clock.now() + timedelta(days=121)):
        shares.forget(session)

    assert session.connection().execute(select(table_of(ShareLink).c.id)).all() == []
