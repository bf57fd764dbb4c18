"""The page of an entry that many talk about stays light."""

import gzip
import re
from datetime import timedelta
from random import Random

import pytest
from sqlmodel import Session

from knowledge import clock, people
from knowledge.community import flags, reactions, speaking
from knowledge.people import Person, Viewer, viewer_for
from knowledge.words import Audience, FlagReason, ReactionKind
from schema.nodes import id_of
from tests.factories import a_draft, a_group, an_entry
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


@pytest.mark.parametrize("page", ["/entries/a-page/flag/settle", "/flags"])
def test_what_was_said_of_a_flag_is_there_again_with_what_is_wrong_with_it(server: Server, page: str) -> None:
    def flagged(session: Session) -> str:
        entry = an_entry(session, _viewer(session, "leo"), slug="a-page")
        return id_of("Flag", flags.flag(session, _viewer(session, "eva"), entry, FlagReason.WRONG).uid)

    id, note = server.database.write(flagged), "y" * 301
    keeper = server.client()
    keeper.sign_in("leo@example.org" if page != "/flags" else "ada@example.org")

    answer = keeper.post(page, data={"id": id, "outcome": "UPHELD", "note": note})

    assert answer.status_code == 422
    assert f'value="{note}"' in answer.text
    assert len(about := set(re.findall(r'href="#([^"]*note[^"]*)"', answer.text))) == 1
    assert f'id="{about.pop()}"' in answer.text


def test_a_draft_is_not_judged_before_it_is_out(server: Server) -> None:
    server.database.write(lambda session: a_draft(session, _viewer(session, "leo"), slug="a-draft").uid)
    writer = server.client()
    writer.sign_in("leo@example.org")

    page = writer.get("/entries/a-draft").text

    assert "Was this useful?" not in page
    assert ">Conversation</h2>" in page


@pytest.mark.parametrize(
    ("page", "path", "name", "value"),
    [
        ("/practices", "/practices", "kind", "BEST_PRACTICE"),
        ("/initiatives", "/initiatives", "kind", "INITIATIVE"),
        ("/principles", "/principles", "kind", "PRINCIPLE"),
        ("/community?kind=story", "/community/story", "kind", "STORY"),
        ("/people/{leo}", "/people/{leo}", "person", "{leo}"),
        ("/people/{leo}", "/people/{leo}/group", "group", "{group}"),
    ],
)
def test_what_has_a_list_is_followed_by_its_button_and_left_again(
    server: Server, page: str, path: str, name: str, value: str
) -> None:
    def places(session: Session) -> dict[str, str]:
        leo, group = _viewer(session, "leo"), a_group(session)
        session.get_one(Person, leo.id).group_id = group.id
        assert leo.uid is not None
        return {"leo": id_of("Person", leo.uid), "group": id_of("FunctionalGroup", group.uid)}

    known = server.database.write(places)
    page, path, value = (text.format(**known) for text in (page, path, value))
    reader = server.client()
    reader.sign_in("eva@example.org")

    offered = f'action="{path}/follow"' in reader.get(page).text
    followed = reader.post(f"{path}/follow", data={name: value})
    after = reader.get(followed.headers["location"]).text
    left = reader.post(f"{path}/unfollow", data={name: value})

    assert (offered, followed.status_code, left.status_code) == (True, 303, 303)
    assert f'action="{path}/unfollow"' in after
    assert "You hear of it from now on." in after
    assert f'action="{path}/follow"' in reader.get(left.headers["location"]).text


def test_nobody_is_offered_to_follow_themselves_and_customers_meet_no_colleagues(server: Server) -> None:
    entry = server.database.write(lambda session: an_entry(session, _viewer(session, "eva"), title="By Eva"))
    reader = server.client()
    reader.sign_in("eva@example.org")

    address = re.findall(r'href="(/people/[^"]+)"', reader.get(entry.url).text)[0]
    page = reader.get(address)

    assert page.status_code == 200
    assert "By Eva" in page.text
    assert "/follow" not in page.text
    assert server.client().get(address).status_code == 303
