"""The shipped scenarios, and JSON with comments."""

import json
import re

from .binary import REPOSITORY

FOLDER = REPOSITORY / "Simulations"
SCHEMA = FOLDER / "scenario.schema.json"
#: Every shipped scenario, by its name.
FILES = {path.stem: path for path in sorted(FOLDER.glob("*.json")) if path != SCHEMA}

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def load(path):
    """Reads JSON with `//` and `/* */` comments."""
    text = TOKEN.sub(lambda match: match[0] if match[0].startswith('"') else " ", path.read_text())
    return json.loads(text)


def merge(scenario, changes):
    """The scenario with changed members; objects are merged, everything else is replaced."""
    merged = dict(scenario)
    for name, value in changes.items():
        old = merged.get(name)
        merged[name] = merge(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
    return merged
