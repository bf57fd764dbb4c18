import pytest
from starlette.datastructures import Headers

from server.wire import LEGACY, MODERN, Unreadable, accepted


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, LEGACY),
        ("*/*", LEGACY),
        ("application/*", LEGACY),
        ("application/json", LEGACY),
        ("application/graphql-response+json", MODERN),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", MODERN),
        ("application/json, application/graphql-response+json", MODERN),
        ("application/graphql-response+json;q=0.1, application/json", LEGACY),
        ("application/graphql-response+json;q=0, */*", LEGACY),
        ("text/html, */*;q=0.1", LEGACY),
        ("APPLICATION/JSON", LEGACY),
    ],
)
def test_the_media_type_that_the_caller_likes_best_is_taken(accept: str | None, media: str) -> None:
    headers = Headers({"accept": accept} if accept is not None else {})

    assert accepted(headers) == media


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml, text/*", "application/json;q=0", "application/json;q=much"]
)
def test_a_caller_who_likes_none_of_ours_is_told_so(accept: str) -> None:
    with pytest.raises(Unreadable) as refused:
        accepted(Headers({"accept": accept}))

    assert refused.value.status == 406
