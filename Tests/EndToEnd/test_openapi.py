"""Documentation/openapi.json against the server API: schemathesis makes requests from the description, and compares the
answers with it."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from harness.configuration import configuration

DESCRIPTION = pathlib.Path(__file__).parents[2] / "Documentation" / "openapi.json"

HOOKS = pathlib.Path(__file__).parent / "harness" / "openapi_hooks.py"

#: Seconds that it may spend, beside the phase that covers every parameter once.
BUDGET = 25


@pytest.fixture(scope="module")
def server(start_shared):
    # Loud: it disconnects, lifts blocks and publishes as it likes.
    return start_shared(configuration(Channels=["a"], ThreadPoolSize=2))


def schemathesis(server, description, *arguments):
    program = shutil.which("schemathesis", path=str(pathlib.Path(sys.executable).parent))
    assert program, "schemathesis is not in the environment of the tests"
    host, port = server.http_address
    command = [program, "run", description, "--url", f"http://{host}:{port}"]
    command += ["--header", f"Authorization: Key {server.admin.token}", "--no-color", "--warnings", "off", "--seed", "1"]
    return subprocess.run(
        list(map(str, [*command, *arguments])),
        capture_output=True, text=True, timeout=240, cwd=server.folder, check=False,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)},
    )


def test_the_api_does_what_its_description_says(server):
    result = schemathesis(server, DESCRIPTION, "--continue-on-failure", "--max-time", BUDGET)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert "Tested: 7" in result.stdout, result.stdout[-2000:]


def test_a_wrong_description_is_found(server, tmp_path):
    document = json.loads(DESCRIPTION.read_text())
    answer = document["paths"]["/api/v1/blocks"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer["required"].append("total")
    changed = tmp_path / "openapi.json"
    changed.write_text(json.dumps(document))
    result = schemathesis(server, changed, "--phases", "coverage", "--include-path", "/api/v1/blocks")
    assert result.returncode == 1 and "total" in result.stdout, result.stdout[-2000:]
