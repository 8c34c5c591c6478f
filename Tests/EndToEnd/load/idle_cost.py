#!/usr/bin/env python3
"""What idle connections cost: the server's CPU per message of busy connections with and without them, and their memory.

Two servers of the same build run side by side, one with idle connections, one without. The same busy clients of each
take turns, pair after pair, and the server's CPU time (nanoseconds, over all its threads) is divided by the messages.
The load side is one thread of plain sockets on epoll, so that it leaves the machine to the servers.

    load/idle_cost.py [--idle 5000] [--busy 100] [--pairs 7] [--messages 20000]

Exit status 1 when the median ratio is above 1.3, an idle connection takes more than 4 KB, or one is lost.
"""

import argparse
import dataclasses
import pathlib
import resource
import select
import socket
import statistics
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.configuration import configuration
from harness.patience import PATIENCE
from harness.raw import TEXT, frame, upgrade_headers
from harness.server import Server

MAXIMUM_RATIO = 1.3
MAXIMUM_BYTES = 4096

PING = frame(TEXT, b'{"type":"command","id":"1","channel":"system","action":"ping","data":{"text":"hello"}}')


@dataclasses.dataclass
class Figures:
    ratios: list
    with_idle: list
    without_idle: list
    bytes_per_connection: float
    lost: int

    @property
    def ratio(self):
        return statistics.median(self.ratios)

    def faults(self):
        """What is beyond its bound, as sentences."""
        found = []
        if self.ratio > MAXIMUM_RATIO:
            found.append(f"the ratio {self.ratio:.2f} is above {MAXIMUM_RATIO}")
        if self.bytes_per_connection > MAXIMUM_BYTES:
            found.append(f"{self.bytes_per_connection:.0f} bytes per idle connection are more than {MAXIMUM_BYTES}")
        if self.lost:
            found.append(f"{self.lost} idle connections were lost")
        return found


def raise_descriptor_limit(needed):
    """Lets this process, and the servers it starts, have so many sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise RuntimeError(f"{needed} descriptors are needed, the limit is {hard}: raise it (ulimit -Hn)")
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def start(folder, **options):
    settings = configuration(
        MessageAuth="connection",
        MaxConnections=100_000,
        MaxHandshakes=100_000,
        HeartbeatInterval=3600,
        IdleTimeout=86400,
        Log={"Level": "warning"},
        Port=free_port(),
        Metrics={"Port": free_port()},
    )
    server = Server(folder, settings, **options)
    server.launch()
    server.address, server.http_address = ("127.0.0.1", settings["Port"]), ("127.0.0.1", settings["Metrics"]["Port"])
    deadline = time.monotonic() + 10 * PATIENCE
    while True:
        try:
            if server.get("/-/ready").status == 200:
                return server
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(server, count, wave=200):
    """So many upgraded sockets, whose session events have been read."""
    lines = [f"{name}: {value}" for name, value in upgrade_headers("localhost", server.admin.token)]
    request = "\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode()
    sockets = []
    while len(sockets) < count:
        fresh = [socket.create_connection(server.address, 10 * PATIENCE) for _ in range(min(wave, count - len(sockets)))]
        for connection in fresh:
            connection.sendall(request)
        for connection in fresh:
            data = b""
            while b'"action":"session"' not in data or not data.endswith(b"}"):
                received = connection.recv(4096)
                if not received:
                    raise RuntimeError(f"refused: {data!r}")
                data += received
        sockets += fresh
    return sockets


class Busy:
    """Connections that each have one command under way, on one epoll."""

    def __init__(self, sockets):
        self.poll = select.epoll()
        self.sockets = {}
        for connection in sockets:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets[connection.fileno()] = connection
            self.poll.register(connection.fileno(), select.EPOLLIN)

    def exchange(self, messages, seconds=60 * PATIENCE):
        """Sends and receives so many messages in all."""
        deadline = time.monotonic() + seconds
        sent, received, partial = 0, 0, {}
        for connection in list(self.sockets.values())[:messages]:
            connection.send(PING)
            sent += 1
        while received < messages:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{messages - received} of {messages} responses did not come")
            for descriptor, _ in self.poll.poll(1):
                connection = self.sockets[descriptor]
                data = partial.pop(descriptor, b"") + connection.recv(4096)
                size = frame_size(data)
                if size is None or len(data) < size:
                    if not data:
                        raise RuntimeError("a busy connection was lost")
                    partial[descriptor] = data
                    continue
                received += 1
                if sent < messages:
                    connection.send(PING)
                    sent += 1


def frame_size(data):
    """Bytes of the frame that begins here; None until its header is there."""
    if len(data) < 2:
        return None
    if data[1] < 126:
        return 2 + data[1]
    return 4 + int.from_bytes(data[2:4], "big") if len(data) >= 4 else None


def cpu_nanoseconds(server):
    """CPU time of all threads, to the nanosecond (the first field of schedstat)."""
    tasks = pathlib.Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks)


def count_lost(sockets):
    """How many of these connections do not answer a command any more."""
    lost = 0
    for connection in sockets:
        try:
            connection.sendall(PING)
        except OSError:
            lost += 1
    for connection in sockets:
        try:
            lost += b'"status":"ok"' not in connection.recv(4096)
        except OSError:
            lost += 1
    return lost


def measure(folder, idle=5000, busy=100, pairs=7, messages=20000, report=lambda line: None):
    """Runs the comparison and returns its figures."""
    raise_descriptor_limit(idle + 4 * busy + 200)
    folder = pathlib.Path(folder)
    crowded, empty = start(folder / "crowded"), start(folder / "empty")
    sockets = []
    try:
        groups = {}
        for server in (crowded, empty):
            active = connect(server, busy)
            sockets += active
            groups[server] = Busy(active)
            groups[server].exchange(2000)
        before = crowded.resident_bytes()
        started = time.monotonic()
        sleepers = connect(crowded, idle)
        sockets += sleepers
        report(f"{idle} idle connections opened in {time.monotonic() - started:.1f} s")
        assert crowded.metrics().value("connections", state="connected") == idle + busy
        bytes_per_connection = (crowded.resident_bytes() - before) / idle
        report(f"{bytes_per_connection:.0f} bytes resident per idle connection")

        ratios, costs = [], {crowded: [], empty: []}
        for number in range(pairs):
            order = (crowded, empty) if number % 2 == 0 else (empty, crowded)
            cost = {}
            for server in order:
                spent = cpu_nanoseconds(server)
                groups[server].exchange(messages)
                cost[server] = (cpu_nanoseconds(server) - spent) / messages
                costs[server].append(cost[server])
            ratios.append(cost[crowded] / cost[empty])
            report(
                f"pair {number + 1}: {cost[crowded] / 1000:.2f} µs per message with idle connections,"
                f" {cost[empty] / 1000:.2f} without: {ratios[-1]:.2f}"
            )
        lost = count_lost(sleepers)
        return Figures(ratios, costs[crowded], costs[empty], bytes_per_connection, lost)
    finally:
        for connection in sockets:
            connection.close()
        for server in (crowded, empty):
            server.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("idle", 5000), ("busy", 100), ("pairs", 7), ("messages", 20000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(folder, **options, report=lambda line: print(line, flush=True))
    print(
        f"median of {options['pairs']} pairs: {statistics.median(figures.with_idle) / 1000:.2f} µs with,"
        f" {statistics.median(figures.without_idle) / 1000:.2f} µs without, ratio {figures.ratio:.2f}"
        f" (at most {MAXIMUM_RATIO}); {figures.bytes_per_connection:.0f} bytes per idle connection"
        f" (at most {MAXIMUM_BYTES}); {figures.lost} lost"
    )
    faults = figures.faults()
    for fault in faults:
        print(f"fault: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
