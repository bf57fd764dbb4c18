import subprocess
import sys

import pytest

WAITS = ("alembic", "mako", "prometheus_client", "authlib", "onnxruntime", "psycopg", "PIL", "httpx")


def loaded(code: str, *names: str) -> set[str]:
    said = f"{code}\nimport sys; print(*(name for name in {names!r} if name in sys.modules))"
    return set(subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout.split())


def test_what_few_need_is_not_loaded_with_the_application() -> None:
    assert loaded("import server.app", "strawberry", *WAITS) == {"strawberry"}


@pytest.mark.parametrize("arguments", [["version"], ["--help"], ["serve", "--help"]])
def test_telling_what_there_is_loads_nothing_of_the_product(arguments: list[str]) -> None:
    heavy = ("strawberry", "graphql", "sqlmodel", "sqlalchemy", "starlette", "numpy", "knowledge", "schema")
    code = f"""
import io, sys, contextlib, loyalty_commons
sys.argv = ["loyalty", *{arguments!r}]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    loyalty_commons.main()
"""

    assert loaded(code, "server.cli", *heavy) == {"server.cli"}
