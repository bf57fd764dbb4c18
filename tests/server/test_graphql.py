from tests.server.clients import Client


def test_a_query_is_answered(client: Client) -> None:
    client.sign_in("leo@example.org")

    answer = client.ask("{ __typename viewer { role } }")

    assert answer.status_code == 200
    assert answer.json()["data"] == {"__typename": "Query", "viewer": {"role": "LEADER"}}
