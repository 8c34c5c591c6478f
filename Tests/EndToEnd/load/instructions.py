"""What the server executes per unit of work, counted by callgrind: the same whatever else the machine does. System calls are
not in it. A long run less a short one is what the work costs."""

import collections
import dataclasses
import json
import re
import subprocess

from harness import binary
from harness.configuration import configuration
from harness.patience import PATIENCE
from harness.server import Server


@dataclasses.dataclass
class Load:
    """What `hydrogen bench` is told, once for a short and once for a long run."""

    lengths: tuple
    arguments: tuple
    settings: dict = dataclasses.field(default_factory=dict)
    #: The option that says how long, and the figure of its report that counts the units of work.
    length: str = "--messages"
    unit: str = "messages"


class Cost:
    """Of one unit of work: instructions, and calls of `malloc` and its kind."""

    ALLOCATORS = ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc")

    def __init__(self, few, many):
        units = many[0] - few[0]
        self.instructions = (many[1] - few[1]) / units
        self.allocations = (many[2] - few[2]) / units

    @classmethod
    def measure(cls, folder, load):
        return cls(*(cls.run(folder / str(length), length, load) for length in load.lengths))

    @classmethod
    def run(cls, folder, length, load):
        profile = folder / "profile"
        wrapper = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}"]
        # One loop, no heartbeats, and no line in the log per connection.
        base = {"ThreadPoolSize": 1, "HeartbeatInterval": 3600, "IdleTimeout": 4000, "Log": {"Level": "notice"}}
        server = Server(folder, configuration(**base | load.settings), wrapper=wrapper)
        try:
            server.start(120 * PATIENCE)
            result = subprocess.run(
                [str(binary.BINARY), "bench", server.url(), "--key", server.admin.token, "--json", "--warm-up", "0",
                 load.length, str(length), *map(str, load.arguments)],
                capture_output=True, text=True, timeout=300 * PATIENCE, check=False,
            )  # fmt: skip
            assert result.returncode == 0, result.stderr
        finally:
            server.finish()
        return json.loads(result.stdout)[load.unit], *cls.totals(profile)

    @classmethod
    def totals(cls, profile):
        text = profile.read_text()
        names = dict(re.findall(r"^c?fn=\((\d+)\) (.+)$", text, re.MULTILINE))
        calls = collections.Counter()
        for number, count in re.findall(r"^cfn=\((\d+)\).*\n(?:cfi=.*\n|cob=.*\n)*calls=(\d+)", text, re.MULTILINE):
            calls[names.get(number, "")] += int(count)
        total = int(re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE).group(1))
        return total, sum(calls[name] for name in cls.ALLOCATORS)
