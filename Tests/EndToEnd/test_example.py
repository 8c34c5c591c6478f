"""Examples/PrinterFarm: a program of its own that embeds the server, built against it and spoken to as its README says."""

import json
import os
import re
import subprocess

import pytest

from harness import binary
from harness.client import Client
from harness.patience import PATIENCE
from harness.server import Server

EXAMPLE = binary.REPOSITORY / "Examples" / "PrinterFarm"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("HYDROGEN_TEST_SANITIZER" in os.environ, reason="the example is built without a sanitizer"),
]


class Farm(Server):
    """The example with the configuration that it ships."""

    program = None

    def write_configuration(self, settings=None):
        self.configuration_file = EXAMPLE / "farm.json"

    def command(self):
        return [str(self.program), str(self.configuration_file)]


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    # The options and the build folder of the server: what is built there is not built again.
    build = [
        "swift", "build", "-c", "release", "--static-swift-stdlib", "--package-path", str(EXAMPLE), "--scratch-path",
        str(binary.REPOSITORY / ".build"),
    ]  # fmt: skip
    subprocess.run(build, check=True, timeout=1200 * PATIENCE, capture_output=True)
    shown = subprocess.run([*build, "--show-bin-path"], check=True, timeout=60 * PATIENCE, capture_output=True, text=True)
    environment = {
        "HYDROGEN_PORT": "0",
        "HYDROGEN_METRICS_PORT": "0",
        "HYDROGEN_LOG_FORMAT": "json",
        "HYDROGEN_DRAIN_TIMEOUT": "1",
    }
    server = Farm(tmp_path_factory.mktemp("farm"), {"DrainTimeout": 1}, env=environment)
    server.program = os.path.join(shown.stdout.strip(), "printer-farm")
    server.start()
    yield server
    server.finish()


def commands_of_the_readme():
    """The commands as its README has them."""
    text = (EXAMPLE / "README.md").read_text()
    (block,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    return [json.loads(line) for line in block.splitlines()]


def test_the_conversation_of_its_readme(farm):
    subscribe, start, wait = commands_of_the_readme()
    with Client(farm, "") as client:
        for command in (subscribe, start, wait):
            client.send(command)
        assert client.response(subscribe["id"])["status"] == "ok"
        assert client.response(start["id"])["data"] == {"job": 1}
        events = [client.event() for _ in range(11)]
        progress = [event["data"]["progress"] for event in events if event["action"] == "job.progress"]
        assert progress == list(range(10, 101, 10))
        # Published right after the last progress, whose priority is low: the end may overtake it.
        (ended,) = [event["data"] for event in events if event["action"] == "job.ended"]
        assert ended == {"job": 1, "outcome": "finished"}
        assert client.response(wait["id"])["data"] == {"job": 1, "outcome": "finished"}


def test_its_channel_and_actions_are_told(farm):
    with Client(farm, "") as client:
        text = str(client.ok("system", "channels"))
        for name in ("printer-farm", "printers", "start", "cancel", "wait"):
            assert f"'{name}'" in text, name
        assert [printer["name"] for printer in client.ok("printer-farm", "printers")["printers"]] == ["left", "right"]


def test_it_refuses_with_codes(farm):
    with Client(farm, "") as client:
        assert client.error("printer-farm", "start", {"printer": "middle", "file": "a"}) == "application.not_found"
        assert client.error("printer-farm", "start", {"printer": "right"}) == "application.invalid_data"
        assert client.error("printer-farm", "cancel", {"printer": "right"}) == "application.not_found"
        client.ok("printer-farm", "start", {"printer": "right", "file": "a"})
        assert client.error("printer-farm", "start", {"printer": "right", "file": "b"}) == "application.conflict"
        client.ok("printer-farm", "cancel", {"printer": "right"})
