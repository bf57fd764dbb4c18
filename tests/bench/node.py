"""The same answers by other servers: under Node, installed from npm into a folder, at versions that are pinned here."""

import json
import platform
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench.processes import Served, serving

SCRIPTS = Path(__file__).parent / "rivals"
MACHINE = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), "x64")
NODE = f"node-linux-{MACHINE}"
PACKAGES = {
    NODE: "22.23.3",
    "fastify": "5.12.8",
    "graphql": "16.15.0",
    "mercurius": "16.10.1",
    "graphql-yoga": "5.24.1",
    "@envelop/core": "5.6.1",
    "@envelop/graphql-jit": "11.2.1",
    "dataloader": "2.2.3",
    "postgraphile": "5.1.5",
    "@graphile/simplify-inflection": "9.0.0",
}


def installed(folder: Path) -> Path:
    """The folder with the packages and our scripts in it; what is there already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = json.dumps({"private": True, "type": "module", "dependencies": PACKAGES}, indent=2)
    stamp = folder / "package.json"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        stamp.write_text(wanted, encoding="utf-8")
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        subprocess.run(("npm", "install", *quiet), cwd=folder, check=True)
    for script in SCRIPTS.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


def rival(
    folder: Path, name: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> AbstractContextManager[Served]:
    """A server of this name."""
    program = folder / "node_modules" / NODE / "bin" / "node"
    return serving(str(program), str(folder / f"{name}.mjs"), *arguments, environment=environment)
