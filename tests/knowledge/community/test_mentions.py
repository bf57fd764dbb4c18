"""Mentions: who is called, who is told, and what nobody learns from it."""

import pytest
from sqlalchemy import select
from sqlmodel import Session

from knowledge import people
from knowledge.activity import Activity, ActivityValue
from knowledge.community import comments, mentions, speaking
from knowledge.database import Page, table_of
from knowledge.people import OPERATOR, Person, Viewer
from knowledge.words import Audience, CommentAudience, Role
from tests.factories import a_viewer, an_entry


def told(session: Session) -> list[str]:
    """Whom `mention.made` is on record for, in order."""
    act, value, person = table_of(Activity).c, table_of(ActivityValue).c, table_of(Person).c
    statement = select(value.after).join(table_of(Activity), act.id == value.activity_id)
    uids = session.connection().execute(statement.where(act.verb == "mention.made").order_by(act.id)).scalars().all()
    names = {str(row.uid): row.name for row in session.connection().execute(select(person.uid, person.name))}
    return [names[str(uid)] for uid in uids]


def test_handles_are_short_typeable_and_stay(session: Session) -> None:
    names = ["Ines Duarte", "Ines Duarte", "Ines Weber", "Zoë Åberg", "李雷"]
    added = [people.add(session, OPERATOR, f"p{at}@example.com", name, Role.EMPLOYEE) for at, name in enumerate(names)]
    viewer = people.viewer_for(people.by_ids(session, [added[0].id])[added[0].id])

    people.rename(session, viewer, "Ines Schmidt")

    assert [person.handle for person in added] == [
        "ines",
        "ines-duarte",
        "ines-weber",
        "zoe",
        "person",
    ]


def test_whoever_came_before_there_were_handles_is_given_one(session: Session) -> None:
    for _ in range(2):
        viewer = a_viewer(session, name="Ines Duarte")
        session.get_one(Person, viewer.id).handle = None
        session.flush()

    people.give_handles(session)

    ines = a_viewer(session)
    assert [row.handle for row in people.listing(session, ines, Page(), search="ines").rows] == ["ines", "ines-duarte"]
    assert [row.name for row in people.listing(session, ines, Page(), search="ines-d").rows] == ["Ines Duarte"]


@pytest.mark.parametrize(
    ("html", "marked"),
    [
        ("<p>Ask @ines.</p>", "<p>Ask <b>@ines</b>.</p>"),
        ("<p>@Ines-Weber, @nobody</p>", "<p><b>@Ines-Weber</b>, <b>@nobody</b></p>"),
        ("<p>ines@example.com</p>", "<p>ines@example.com</p>"),
        ("<p><code>@ines</code> @tomas</p>", "<p><code>@ines</code> <b>@tomas</b></p>"),
        ('<p><a href="/@ines">@ines</a></p>', '<p><a href="/@ines">@ines</a></p>'),
        ('<p><abbr title="a > @ines">x</abbr></p>', '<p><abbr title="a > @ines">x</abbr></p>'),
        ("<p>@ and @ines_weber</p>", "<p>@ and @ines_weber</p>"),
    ],
)
def test_names_are_set_off_where_they_are_words(html: str, marked: str) -> None:
    assert mentions.marked(html) == marked


def test_those_who_may_read_a_comment_are_told_once(session: Session) -> None:
    ines, tomas = a_viewer(session, name="Ines"), a_viewer(session, name="Tomas")
    a_viewer(session, name="Rosa", role=Role.CUSTOMER)
    entry = an_entry(session, ines, audience=Audience.PUBLIC)

    said = speaking.comment(session, ines, entry, body="@tomas @tomas @rosa @ines @nobody")
    speaking.update(session, ines, said.uid, "@tomas once more")
    found = comments.by_uid(session, ines, said.uid)

    assert told(session) == ["Tomas"]
    assert found is not None
    assert [person.id for person in mentions.mentioned_in(found, ines)] == [tomas.id]
    speaking.update(session, ines, said.uid, "Nobody after all")
    found = comments.by_uid(session, ines, said.uid)
    assert found is not None
    assert list(mentions.mentioned_in(found, ines)) == []


def test_nobody_is_called_to_an_entry_that_they_may_not_read(session: Session) -> None:
    ines = a_viewer(session, name="Ines")
    a_viewer(session, name="Rosa", role=Role.CUSTOMER)
    entry = an_entry(session, ines)

    speaking.comment(session, ines, entry, body="@rosa", audience=CommentAudience.READERS)

    assert told(session) == []


def test_a_customer_cannot_tell_who_works_here(session: Session) -> None:
    rosa, ines = a_viewer(session, name="Rosa", role=Role.CUSTOMER), a_viewer(session, name="Ines")
    entry = an_entry(session, ines, audience=Audience.PUBLIC)

    there = speaking.comment(session, rosa, entry, body="@ines")
    missing = speaking.comment(session, rosa, entry, body="@inez")

    assert told(session) == ["Ines"]
    assert (there.body_html or "").replace("ines", "inez") == missing.body_html
    for viewer in (rosa, Viewer()):
        found = comments.by_uid(session, viewer, there.uid)
        assert found is not None
        assert mentions.mentioned_in(found, viewer) == ()
