"""Node's built-in WebSocket client, which is a browser's."""

import base64
import json
import pathlib
import subprocess

import pytest

from harness.node import node_command
from harness.patience import PATIENCE

SCRIPT = pathlib.Path(__file__).parent / "harness" / "node_client.mjs"


@pytest.mark.skipif(node_command() is None, reason="no Node with a built-in WebSocket client (20 or later) here")
def test_a_conversation(server):
    encoded = base64.urlsafe_b64encode(server.admin.token.encode()).decode().rstrip("=")
    result = subprocess.run(
        [*node_command(), str(SCRIPT), server.url(), encoded],
        capture_output=True, text=True, timeout=30 * PATIENCE, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    assert (seen["protocol"], seen["code"], seen["wasClean"]) == ("hydrogen-protocol", 1000, True)
    session, greeting = seen["events"]
    server.secrets |= {session["data"]["token"], session["data"]["signing_key"]}
    assert greeting["data"] == {"text": "grüße 🚀"}
    responses = {response["id"]: response for response in seen["responses"]}
    assert {response["status"] for response in responses.values()} == {"ok"}
    assert responses["two"]["data"]["receivers"] == 1
    assert responses["three"]["data"]["identity"] == "admin"
