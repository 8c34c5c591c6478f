"""What the server executes per message, counted by callgrind: the same whatever else the machine does. System calls are
not in it. A run of many messages less one of few is what the messages cost."""

import collections
import json
import re
import subprocess

from harness import binary
from harness.configuration import configuration
from harness.patience import PATIENCE
from harness.server import Server


class Cost:
    """Of one message: instructions, and calls of `malloc` and its kind."""

    ALLOCATORS = ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc")

    def __init__(self, few, many):
        messages = many[0] - few[0]
        self.instructions = (many[1] - few[1]) / messages
        self.allocations = (many[2] - few[2]) / messages

    @classmethod
    def measure(cls, folder, messages, *arguments, **settings):
        """`messages`: of the short and of the long run."""
        runs = [cls.run(folder / str(count), count, arguments, settings) for count in messages]
        return cls(*runs)

    @classmethod
    def run(cls, folder, messages, arguments, settings):
        profile = folder / "profile"
        wrapper = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}"]
        # One loop, no heartbeats, and no line in the log per connection.
        base = {"ThreadPoolSize": 1, "HeartbeatInterval": 3600, "IdleTimeout": 4000, "Log": {"Level": "notice"}}
        server = Server(folder, configuration(**base | settings), wrapper=wrapper)
        try:
            server.start(120 * PATIENCE)
            result = subprocess.run(
                [str(binary.BINARY), "bench", server.url(), "--key", server.admin.token, "--json", "--warm-up", "0",
                 "--messages", str(messages), *map(str, arguments)],
                capture_output=True, text=True, timeout=300 * PATIENCE, check=False,
            )  # fmt: skip
            assert result.returncode == 0, result.stderr
        finally:
            server.finish()
        return json.loads(result.stdout)["messages"], *cls.totals(profile)

    @classmethod
    def totals(cls, profile):
        text = profile.read_text()
        names = dict(re.findall(r"^c?fn=\((\d+)\) (.+)$", text, re.MULTILINE))
        calls = collections.Counter()
        for number, count in re.findall(r"^cfn=\((\d+)\).*\n(?:cfi=.*\n|cob=.*\n)*calls=(\d+)", text, re.MULTILINE):
            calls[names.get(number, "")] += int(count)
        total = int(re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE).group(1))
        return total, sum(calls[name] for name in cls.ALLOCATORS)
