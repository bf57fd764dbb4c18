"""Copies htmx out of the build requirement `django-htmx` into our static files, so that nothing of it is committed."""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class VendorHtmx(BuildHookInterface):  # type: ignore[type-arg]
    """Runs for wheel, sdist and editable installs alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Place `frontend/static/vendor/htmx.min.js`, from the build requirement or from an sdist that carries it."""
        vendor = Path(self.root) / "frontend" / "static" / "vendor"
        found = find_spec("django_htmx")
        if found is None or found.origin is None:
            if (vendor / "htmx.min.js").exists():
                return
            raise RuntimeError("The build requirement django-htmx is missing, and with it htmx.")
        vendor.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(found.origin).parent / "static" / "django_htmx" / "htmx-4.min.js", vendor / "htmx.min.js")
