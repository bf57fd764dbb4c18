"""Starts the command line, with the product's private folder on the path where it was installed from a wheel."""

import gc
import sys
from pathlib import Path

SELDOM = (50_000, 20, 50)
"""When Python looks for what nobody needs: loading makes 300,000 things that all stay, and looking among them took a fifth of the start."""


def main() -> None:
    """Run `loyalty`; in a checkout the four folders are importable already, in a wheel they lie in one private folder."""
    if sys.version_info < (3, 11):  # noqa: UP036  # pip keeps others out, a checkout does not
        sys.exit("Loyalty Commons needs Python 3.11 or newer, and this is " + sys.version.split()[0] + ".")
    private = Path(__file__).parent / "loyalty_commons_app"
    if private.is_dir():
        sys.path.insert(0, str(private))
    gc.set_threshold(*SELDOM)
    from server.cli import app

    app()
