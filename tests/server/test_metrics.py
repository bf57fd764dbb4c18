from collections.abc import Callable

import pytest

from frontend import asking
from server import doctor, metrics
from server.metrics import NAMED
from tests.server.clients import Client, Server

Serve = Callable[..., Server]


@pytest.fixture
def extra() -> None:
    pytest.importorskip("prometheus_client")


@pytest.mark.usefixtures("extra")
def test_answers_are_counted_by_kind_and_class(serve: Serve) -> None:
    client = serve(metrics=True).client()
    client.get("/healthz")
    client.get("/nowhere")

    told = client.get("/metrics").text

    assert 'loyalty_requests_total{kind="watch",status="2xx"} 1.0' in told
    assert 'loyalty_requests_total{kind="page",status="4xx"} 1.0' in told
    assert 'loyalty_request_seconds_count{kind="watch"} 1.0' in told
    assert {"loyalty_index_lag", "loyalty_jobs_failed", "process_resident_memory_bytes"} <= set(told.split())


@pytest.mark.usefixtures("extra")
def test_operations_of_strangers_have_no_names_of_their_own(serve: Serve) -> None:
    client = serve(metrics=True, anonymous=True).client()
    own = next(name for each in asking.names() for name in NAMED.findall(asking.document(each)))
    client.ask("query Invented { __typename }")
    client.ask(f"query {own} {{ __typename }}")

    told = client.get("/metrics").text

    assert 'loyalty_operations_total{name="other",operation="query"} ' in told
    assert f'name="{own}"' in told
    assert "Invented" not in told


@pytest.mark.usefixtures("extra")
def test_a_token_that_is_set_is_asked_for(serve: Serve) -> None:
    client = serve(metrics=True, metrics_token="of the collector").client()

    answers = [
        client.get("/metrics", headers={"authorization": f"Bearer {each}"}) for each in ("another", "of the collector")
    ]

    assert [each.status_code for each in answers] == [404, 200]


def test_there_is_nothing_unless_it_is_switched_on(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_without_the_extra_there_is_nothing_and_the_doctor_says_how_to_get_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "is_installed", lambda: False)

    server = serve(metrics=True)

    assert server.client().get("/metrics").status_code == 404
    assert metrics.EXTRA in " ".join(each.mend for each in doctor.examine(server.settings))
