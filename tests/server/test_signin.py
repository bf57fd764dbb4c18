from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from knowledge import clock
from server.signin import local
from tests.server.clients import PASSWORD, Client, Server

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WRONG = "not the password at all"
WHO = "{ viewer { person { name } } }"


def who(client: Client) -> str | None:
    person = client.ask(WHO).json()["data"]["viewer"]["person"]
    return person["name"] if person else None


def test_a_password_opens_a_session(client: Client) -> None:
    answer = client.sign_in("eva@example.org", next="/entries/new")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/entries/new"
    assert who(client) == "Eva"


def test_the_cookie_of_plain_http_is_httponly_and_lax(client: Client) -> None:
    cookie = client.sign_in("eva@example.org").headers["set-cookie"]

    assert cookie.startswith("loyalty=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_the_cookie_of_https_is_bound_to_host_and_https(server: Server) -> None:
    client = server.client("https://testserver")

    cookie = client.sign_in("eva@example.org").headers["set-cookie"]

    assert cookie.startswith("__Host-loyalty=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_over_https_a_cookie_with_the_plain_name_is_never_read(server: Server) -> None:
    plain = server.client()
    plain.sign_in("eva@example.org")
    secret = plain.http.cookies["loyalty"]

    planted = server.client("https://testserver", cookie=f"loyalty={secret}")

    assert who(planted) is None


def test_behind_an_https_address_the_cookie_is_secure_whatever_the_last_hop(serve: Callable[..., Server]) -> None:
    client = serve(base_url="https://commons.example.org").client()

    answer = client.sign_in("eva@example.org")

    assert answer.headers["set-cookie"].startswith("__Host-loyalty=")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_wrong_password_and_an_unknown_account_look_the_same(client: Client) -> None:
    wrong = client.sign_in("eva@example.org", WRONG)
    unknown = client.sign_in("nobody@example.org", WRONG)

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert "set-cookie" not in wrong.headers
    assert wrong.text.replace("eva@", "nobody@") == unknown.text


def test_guessing_slows_down_and_never_locks_for_good(client: Client) -> None:
    with clock.held(NOON):
        guesses = [client.sign_in("eva@example.org", WRONG).status_code for _ in range(10)]
        slowed = client.sign_in("eva@example.org")

    with clock.held(NOON + timedelta(seconds=2)):
        later = client.sign_in("eva@example.org")

    assert guesses == [422] * 10
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) >= 1
    assert later.status_code == 303


def test_who_guesses_elsewhere_does_not_slow_the_owner_down(server: Server) -> None:
    guesser, owner = server.client(from_="203.0.113.9"), server.client(from_="198.51.100.7")

    with clock.held(NOON):
        for _ in range(11):
            last = guesser.sign_in("eva@example.org", WRONG)
        answer = owner.sign_in("eva@example.org")

    assert last.status_code == 429
    assert answer.status_code == 303


def test_signing_in_again_ends_the_former_session(server: Server) -> None:
    client = server.client()
    client.sign_in("eva@example.org")
    former = client.http.cookies["loyalty"]

    client.sign_in("leo@example.org")

    assert who(client) == "Leo"
    assert who(server.client(cookie=f"loyalty={former}")) is None


def test_signing_out_ends_the_session_at_once(server: Server) -> None:
    client = server.client()
    client.sign_in("eva@example.org")
    secret = client.http.cookies["loyalty"]

    answer = client.post("/logout")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "loyalty" not in client.http.cookies
    assert who(server.client(cookie=f"loyalty={secret}")) is None


def test_a_session_ends_after_a_week_without_use(client: Client) -> None:
    with clock.held(NOON):
        client.sign_in("eva@example.org")

    with clock.held(NOON + timedelta(days=7, seconds=1)):
        name = who(client)

    assert name is None


def test_a_session_in_use_ends_after_thirty_days(server: Server) -> None:
    client = server.client()
    with clock.held(NOON):
        client.sign_in("eva@example.org")
    names = []

    for day in (6, 12, 18, 24, 29, 31):
        with clock.held(NOON + timedelta(days=day)):
            names.append(who(client))
            server.written()

    assert names == ["Eva"] * 5 + [None]


def test_the_sign_in_page_is_for_everyone(client: Client) -> None:
    answer = client.get("/login?next=/vision")

    assert answer.status_code == 200
    assert 'value="/vision"' in answer.text


@pytest.mark.parametrize("target", ["/", "/entries/a-practice?done=saved#evidence"])
def test_a_path_of_ours_is_where_one_goes_next(target: str) -> None:
    assert local(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "entries",
    ],
)
def test_anything_else_leads_home(target: str) -> None:
    assert local(target) == "/"


def test_a_demo_signs_in_with_one_click(serve: Callable[..., Server]) -> None:
    client = serve(demo=True).client()

    page = client.get("/login")
    answer = client.post("/login/demo", data={"person": "eva@example.org", "next": "/practices"})

    assert "Eva" in page.text
    assert (answer.status_code, answer.headers["location"]) == (303, "/practices")
    assert who(client) == "Eva"


def test_a_demo_signs_nobody_in_as_a_real_person(serve: Callable[..., Server]) -> None:
    client = serve(demo=True).client()

    page = client.get("/login")
    answer = client.post("/login/demo", data={"person": "leo@example.org"})

    assert "leo@example.org" not in page.text
    assert answer.status_code == 404


def test_elsewhere_there_is_no_such_click(client: Client) -> None:
    answer = client.post("/login/demo", data={"person": "eva@example.org"})

    assert answer.status_code == 404


def test_the_password_is_shown_to_nobody(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.sign_in("eva@example.org", f"{PASSWORD} almost")

    assert PASSWORD not in answer.text
    assert PASSWORD not in caplog.text
