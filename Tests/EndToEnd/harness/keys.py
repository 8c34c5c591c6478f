"""Keys made by `hydrogen key`."""

import dataclasses
import json
import pathlib

from . import binary


@dataclasses.dataclass(frozen=True)
class Key:
    """A key as its holder knows it."""

    token: str
    identity: str
    permissions: tuple


def create_key(file, identity, *permissions, expires=None):
    """Adds a key to the file and returns it."""
    arguments = ["key", "create", "--identity", identity, "--keys", file]
    for pattern in permissions:
        arguments += ["--permit", pattern]
    if expires is not None:
        arguments += ["--expires", expires]
    result = binary.run(*arguments)
    assert result.returncode == 0, result.stderr
    return Key(result.stdout.strip(), identity, permissions)


def revoke_key(file, name):
    """Revokes the keys of an identity, or the key of an id."""
    result = binary.run("key", "revoke", name, "--keys", file)
    assert result.returncode == 0, result.stderr


def stored_keys(file):
    """The key file's entries, wherever in its JSON they are kept."""
    document = json.loads(pathlib.Path(file).read_text())
    if isinstance(document, dict):
        document = next(value for value in document.values() if isinstance(value, list))
    return document
