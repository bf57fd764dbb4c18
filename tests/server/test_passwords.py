import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from knowledge import clock, people
from knowledge.activity import Activity
from knowledge.database import table_of
from knowledge.people import OPERATOR, Act, passwords
from knowledge.words import Role
from tests.server.clients import PASSWORD, Client, Server
from tests.server.test_signin import WRONG, who

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEW = "another sentence is better still"


def changed(client: Client, current: str = PASSWORD, new: str = NEW, **options: str) -> httpx.Response:
    return client.post("/me/password", data={"current": current, "new": new}, headers=options)


@pytest.fixture
def eva(client: Client) -> Client:
    client.sign_in("eva@example.org")
    return client


def test_a_new_password_replaces_the_old_one(server: Server, eva: Client) -> None:
    answer = changed(eva)

    assert (answer.status_code, answer.headers["location"]) == (303, "/me?done=password")
    assert [server.client().sign_in("eva@example.org", each).status_code for each in (PASSWORD, NEW)] == [422, 303]


def test_other_browsers_are_signed_out_and_this_one_is_not(server: Server, eva: Client) -> None:
    other = server.client()
    other.sign_in("eva@example.org")

    changed(eva)

    assert (who(eva), who(other)) == ("Eva", None)


def test_the_change_is_written_down(server: Server, eva: Client) -> None:
    changed(eva)

    activity = table_of(Activity).c
    with server.database.reading() as session:
        verbs = session.connection().execute(select(activity.verb).where(activity.verb.like("%password"))).scalars()
        assert list(verbs) == ["person.changed_password"]


def test_a_wrong_current_password_changes_nothing(server: Server, eva: Client) -> None:
    answer = changed(eva, WRONG)

    assert answer.status_code == 422
    assert "This is not your current password." in answer.text
    assert server.client().sign_in("eva@example.org").status_code == 303


@pytest.mark.parametrize(("new", "said"), [("short", "at least 12 characters"), ("eva@example.org", "name or address")])
def test_a_weak_password_is_refused_with_its_reason(eva: Client, new: str, said: str) -> None:
    answer = changed(eva, new=new)

    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="' + new not in answer.text


def test_guessing_slows_down_like_at_the_sign_in(server: Server, eva: Client) -> None:
    with clock.held(NOON):
        eva.sign_in("eva@example.org")
        guesses = [changed(eva, WRONG).status_code for _ in range(10)]
        slowed, elsewhere = changed(eva), server.client().sign_in("eva@example.org")
    with clock.held(NOON + timedelta(seconds=2)):
        later = changed(eva)

    assert guesses == [422] * 10
    assert (slowed.status_code, elsewhere.status_code) == (429, 429)
    assert int(slowed.headers["retry-after"]) >= 1
    assert later.status_code == 303


def test_it_is_for_those_who_are_signed_in_by_a_cookie(server: Server) -> None:
    secret = server.token("eva@example.org", Act.PROFILE_WRITE)

    for client in (server.client(), server.client(authorization=f"Bearer {secret}")):
        for answer in (client.get("/me/password"), changed(client)):
            assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/me/password")
    assert server.client().sign_in("eva@example.org").status_code == 303


def test_another_site_cannot_send_it(server: Server, eva: Client) -> None:
    answer = changed(eva, origin="https://evil.example")

    assert answer.status_code == 403
    assert server.client().sign_in("eva@example.org").status_code == 303


def test_the_page_shows_the_form(eva: Client) -> None:
    page = eva.get("/me/password")

    assert page.status_code == 200
    assert 'name="current"' in page.text
    assert 'name="new"' in page.text


def test_who_has_no_password_is_sent_to_an_administrator(serve: Callable[..., Server]) -> None:
    server = serve(demo=True)
    email = "ines@example.org"
    server.database.write(lambda session: people.add(session, OPERATOR, email, "Ines", Role.EMPLOYEE, sample=True))
    ines = server.client()
    ines.post("/login/demo", data={"person": email})

    answer = changed(ines, "")

    assert answer.status_code == 422
    assert "loyalty person password" in answer.text
    assert server.client().sign_in(email, NEW).status_code == 422


def test_the_hash_is_computed_away_from_the_writer(eva: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed, threads = passwords.hashed, []

    def heard(password: str) -> str:
        threads.append(threading.current_thread().name.partition("_")[0])
        return hashed(password)

    monkeypatch.setattr(passwords, "hashed", heard)

    changed(eva)

    assert threads == ["password"]
