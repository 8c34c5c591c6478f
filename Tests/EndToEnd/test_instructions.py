"""What work costs the server must not creep up: instructions, and no allocation per message.

The release build that the suite tests anyway is counted under callgrind, system libraries and all: a build of the nested
package of benchmarks would be a third one, for which there is no time in every run.
"""

import csv
import os
import shutil
import subprocess

import pytest

from harness import binary
from load.instructions import Cost, Load

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(shutil.which("valgrind") is None, reason="no valgrind here"),
    pytest.mark.skipif("HYDROGEN_TEST_SANITIZER" in os.environ, reason="valgrind and a sanitizer exclude each other"),
]

LOADS = {
    "command, one under way": Load((1_000, 5_000), ("--depth", 1)),
    "command, eight under way": Load((2_000, 10_000), ("--depth", 8)),
    "delivery, 16 events under way": Load(
        (10_000, 50_000), ("--mode", "fanout", "--connections", 200, "--depth", 16)),
    "handshake": Load((200, 1_000), ("--mode", "churn", "--connections", 20)),
    "heartbeat": Load(
        (1, 5), ("--mode", "idle", "--connections", 200), {"HeartbeatInterval": 0.2}, "--duration", "pings"),
}  # fmt: skip

#: How many messages a pass of the loop takes, and so what each costs, depends on what else the machine does: of this many
#: measurements the cheapest counts.
ATTEMPTS = 3


@pytest.fixture(autouse=True)
def stripped(tmp_path, monkeypatch):
    # valgrind cannot read the debug information of newer compilers, and gives up on it.
    file = tmp_path / "hydrogen"
    subprocess.run(["strip", "--strip-debug", "-o", file, binary.BINARY], check=True)
    monkeypatch.setattr(binary, "BINARY", file)


def bounds():
    """`Benchmarks/thresholds.tsv` has all of them: these, and those of the core alone."""
    with (binary.REPOSITORY / "Benchmarks" / "thresholds.tsv").open(newline="") as file:
        return {
            row["scenario"]: (float(row["instructions"]), float(row["allocations"]))
            for row in csv.DictReader(file, delimiter="\t")
            if row["counted in"] == "server"
        }


def test_every_load_has_its_bound():
    assert list(bounds()) == list(LOADS)


@pytest.mark.parametrize("name", LOADS)
def test_cost(tmp_path, name):
    instructions, allocations = bounds()[name]
    costs = []
    for attempt in range(ATTEMPTS):
        costs.append(Cost.measure(tmp_path / str(attempt), LOADS[name]))
        if costs[-1].instructions <= instructions and costs[-1].allocations <= allocations:
            break
    print(", ".join(f"{cost.instructions:.0f} instructions and {cost.allocations:.4f} allocations" for cost in costs))
    assert min(cost.instructions for cost in costs) <= instructions
    assert min(cost.allocations for cost in costs) <= allocations
