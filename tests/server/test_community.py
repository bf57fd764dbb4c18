"""The page of an entry that many talk about stays light."""

import gzip
from datetime import timedelta
from random import Random

from sqlmodel import Session

from knowledge import clock, people
from knowledge.community import reactions, speaking
from knowledge.people import Viewer, viewer_for
from knowledge.words import Audience, ReactionKind
from tests.factories import an_entry
from tests.server.clients import Server


def prose(number: int) -> str:
    """Some two hundred characters that no other comment has, of words that nothing else has, so that they do not shrink."""
    chance = Random(number)
    return " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 8))) for _ in range(32))


def much_talk(session: Session) -> str:
    ines, leo = (_viewer(session, name) for name in ("eva", "leo"))
    entry = an_entry(session, leo, title="Much talk", slug="much-talk", audience=Audience.PUBLIC, body="At once.")
    for number in range(50):
        with clock.held(clock.now() - timedelta(hours=60 - number)):
            first = to = speaking.comment(session, ines, entry, body=prose(number), quote="At once.")
            for depth in range(3):
                to = speaking.reply(session, leo, to, body=prose(number * 3 + depth))
            reactions.react_to_comment(session, leo, first, ReactionKind.SAME_HERE)
    return entry.slug


def _viewer(session: Session, name: str) -> Viewer:
    person = people.by_email(session, f"{name}@example.org")
    assert person is not None
    return viewer_for(person)


def test_two_hundred_comments_leave_the_page_light(server: Server) -> None:
    slug = server.database.write(much_talk)
    reader = server.client()
    reader.sign_in("leo@example.org")

    entry, whole = (reader.get(path) for path in (f"/entries/{slug}", f"/entries/{slug}/comments"))

    assert (entry.status_code, whole.status_code) == (200, 200)
    assert "All of it: 200 comments" in entry.text
    assert len(gzip.compress(entry.content)) <= 14_000
    assert len(gzip.compress(whole.content)) <= 30_000


def test_a_tag_is_followed_by_its_button_and_left_again(server: Server) -> None:
    server.database.write(lambda session: an_entry(session, _viewer(session, "leo"), tags=["valve"]))
    reader = server.client()
    reader.sign_in("eva@example.org")

    followed = reader.post("/tags/valve/follow", data={"tag": "valve"})
    offered = "/tags/valve/unfollow" in reader.get("/tags/valve").text
    left = reader.post("/tags/valve/unfollow", data={"tag": "valve"})

    assert (followed.status_code, offered, left.status_code) == (303, True, 303)
