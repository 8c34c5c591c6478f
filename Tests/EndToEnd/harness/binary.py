"""The built `hydrogen`, run as a command."""

import os
import pathlib
import subprocess

from .patience import PATIENCE

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BINARY = pathlib.Path(os.environ.get("HYDROGEN_BINARY", REPOSITORY / ".build" / "release" / "hydrogen"))


def environment(**changes):
    """The environment of this process without overrides of the server's configuration, and with `changes`."""
    names = {name: value for name, value in os.environ.items() if not name.startswith("HYDROGEN_")}
    names.update(changes)
    return names


def run(*arguments, cwd=None, env=None, timeout=20):
    """Runs `hydrogen ARGUMENTS` to its end and returns what it printed and its exit status."""
    return subprocess.run(
        [str(BINARY), *map(str, arguments)],
        cwd=cwd,
        env=environment(**(env or {})),
        capture_output=True,
        text=True,
        timeout=timeout * PATIENCE,
        check=False,
    )
