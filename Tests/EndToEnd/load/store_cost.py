#!/usr/bin/env python3
"""What guaranteed events cost: the durable store against SQLite itself, and the server's CPU with the memory store against
plain events.

The first: 64 publishers have one guaranteed publish under way each (`hydrogen bench`), to 1, 10 and 1,000 receivers that
are away, and more of them each to 1; beside it, on the same disk and in turn, SQLite alone writes the same rows in batches of
64 events. The second: the same clients publish plain and guaranteed events in turn to receivers that acknowledge every 16th, and
the server's CPU time is divided by the deliveries.

    load/store_cost.py [--seconds 3] [--pairs 7] [--publishes 1500] [--folder FOLDER]

Exit status 1 when fewer than half of SQLite's rows a second are stored (1 receiver, one publish under way each), or the ratio
of CPU is above 1.5.
"""

import argparse
import json
import pathlib
import re
import select
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness import binary
from harness.configuration import configuration
from harness.processors import apart_from
from harness.raw import TEXT, frame
from harness.server import Server
from load.idle_cost import connect, cpu_nanoseconds, frame_size

PUBLISHERS = 64
#: Receivers, publishes under way for each publisher, and loops.
SETTINGS = [(1, 1, 2), (1, 1, 1), (1, 2, 1), (1, 8, 2), (10, 1, 2), (1000, 1, 2)]
MINIMUM_SHARE = 0.5
MAXIMUM_RATIO = 1.5
RECEIVERS = 10
ACK_EVERY = 16
OFFSET = re.compile(rb'"offset":(\d+)')
DATA = {"job": 17, "state": "printing", "progress": 0.25, "filler": "x" * 100}


def make_server(folder, delivery=None, **changes):
    settings = configuration(
        Channels=["weather"],
        MessageAuth="connection",
        MaxConnections=5000,
        MaxHandshakes=5000,
        HeartbeatInterval=3600,
        IdleTimeout=86400,
        Session={"ResumeWindow": 3600},
        Log={"Level": "notice"},
        Delivery={"MaxOutboxEvents": 1_000_000, "MaxOutboxBytes": 1 << 30, "AckTimeout": 600, **(delivery or {})},
        **changes,
    )
    return Server(folder, settings).start()


def command(action, data):
    text = {"type": "command", "id": "1", "channel": "weather", "action": action, "data": data}
    return frame(TEXT, json.dumps(text, separators=(",", ":")).encode())


def subscribe(sockets):
    for connection in sockets:
        connection.sendall(command("subscribe", {"topic": "**"}))
    for connection in sockets:
        data = connection.recv(4096)
        if b'"status":"ok"' not in data:
            raise RuntimeError(f"not subscribed: {data!r}")


# The durable store


class SQLiteAlone:
    """SQLite as the store sets it up, with nothing around it."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            self.database.execute(f"PRAGMA {pragma}").fetchall()
        self.database.execute(
            "CREATE TABLE event (row INTEGER PRIMARY KEY, origin INTEGER, loop INTEGER, number INTEGER, channel TEXT,"
            " action TEXT, body BLOB, data_start INTEGER, data_end INTEGER, priority INTEGER, retained INTEGER,"
            " guaranteed INTEGER, audience INTEGER, to_identity TEXT, to_session TEXT, sequence INTEGER)"
        )
        self.database.execute(
            "CREATE TABLE outbox (session INTEGER, offset INTEGER, event INTEGER, priority INTEGER, retained INTEGER,"
            " PRIMARY KEY (session, offset)) WITHOUT ROWID"
        )
        self.number = 0
        event = {"type": "event", "id": "e" * 24, "timestamp": "2026-01-01T00:00:00.000Z", "channel": "weather"}
        self.body = json.dumps(event | {"action": "x", "data": DATA}).encode()

    def rows_per_second(self, seconds, receivers):
        """Outbox rows and their events, 64 events to a transaction."""
        rows, began = 0, time.monotonic()
        while (spent := time.monotonic() - began) < seconds:
            first = self.number + 1
            self.number += PUBLISHERS
            numbers = range(first, self.number + 1)
            self.database.execute("BEGIN IMMEDIATE")
            self.database.executemany(
                "INSERT INTO event VALUES (?, 1, 0, ?, 'weather', 'x', ?, 10, 200, 2, 0, 1, 0, NULL, NULL, ?)",
                [(number, number, self.body, number) for number in numbers],
            )
            self.database.executemany(
                "INSERT INTO outbox VALUES (?, ?, ?, 2, 0)",
                [(session, number, number) for number in numbers for session in range(receivers)],
            )
            self.database.execute("COMMIT")
            rows += PUBLISHERS * (receivers + 1)
        return rows / spent


def publish(server, seconds, depth):
    """Publishes for so long from 64 connections, so many under way on each; the rows that were stored a second."""
    before = server.metrics()
    payload = json.dumps({"action": "x", "data": DATA, "guaranteed": True})
    result = subprocess.run(
        [
            str(binary.BINARY), "bench", server.url(), "--connections", str(PUBLISHERS), "--depth", str(depth),
            "--duration", str(seconds), "--warm-up", "0", "--channel", "weather", "--action", "publish",
            "--payload", payload, "--json", "--quiet",
        ],
        capture_output=True, text=True, check=True, env=binary.environment(HYDROGEN_KEY=server.admin.token),
    )  # fmt: skip
    figures = json.loads(result.stdout)
    assert figures["errors"] == 0, figures
    after = server.metrics()
    rows = after.value("outbox_enqueued_total") - before.value("outbox_enqueued_total")
    return (rows + figures["messages"]) / figures["seconds"], figures, before, after


def measure_durable(folder, receivers, depth, loops, seconds, pairs, report):
    """The rows a second of the server and of SQLite alone, of each pair. Each begins with an empty file: what nobody takes away
    would become more with each pair, up to the bound of an outbox."""
    stored, bare = [], []
    for number in range(pairs):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            place = pathlib.Path(place)
            bare.append(SQLiteAlone(place / "alone.sqlite").rows_per_second(seconds, receivers))
            server = make_server(
                place / "server",
                {"Store": "durable", "StorePath": "store.sqlite", "MaxStoreBytes": 1 << 34},
                ThreadPoolSize=loops,
            )
            try:
                absent = connect(server, receivers)
                subscribe(absent)
                for connection in absent:
                    connection.close()
                server.wait_metric(
                    lambda metrics: metrics.value("sessions", state="detached") == receivers, "all are away"
                )
                publish(server, 0.5, depth)
                rows, figures, before, after = publish(server, seconds, depth)
            finally:
                server.finish()
        stored.append(rows)
        commits = after.value("store_commit_seconds_count") - before.value("store_commit_seconds_count")
        report(
            f"{receivers} receivers, {depth} under way, {loops} loops, pair {number + 1}: {rows:,.0f} rows a second"
            f" ({figures['messages'] / figures['seconds']:,.0f} publishes, {figures['messages'] / commits:.0f} to a"
            f" commit, p99 {figures['latency_us']['p99'] / 1000:.1f} ms), SQLite alone {bare[-1]:,.0f}"
        )
    return stored, bare


# The memory store


class Load:
    """Publishers with one publish under way each, and receivers, on one epoll."""

    def __init__(self, publishers, receivers):
        self.poll = select.epoll()
        self.sockets = {connection.fileno(): connection for connection in publishers + receivers}
        self.receivers = {connection.fileno() for connection in receivers}
        self.rest = dict.fromkeys(self.sockets, b"")
        for descriptor in self.sockets:
            self.poll.register(descriptor, select.EPOLLIN)

    def exchange(self, publishes, message, is_guaranteed):
        publishers = [socket for descriptor, socket in self.sockets.items() if descriptor not in self.receivers]
        sent = min(publishes, len(publishers))
        for connection in publishers[:sent]:
            connection.sendall(message)
        answered = delivered = 0
        while answered < publishes or delivered < publishes * len(self.receivers):
            for descriptor, _ in self.poll.poll(10):
                connection = self.sockets[descriptor]
                frames = self.read(descriptor)
                if descriptor in self.receivers:
                    delivered += len(frames)
                    if is_guaranteed:
                        self.ack(connection, frames)
                    continue
                for _ in frames:
                    answered += 1
                    if sent < publishes:
                        connection.sendall(message)
                        sent += 1

    def read(self, descriptor):
        data = self.rest[descriptor] + self.sockets[descriptor].recv(1 << 16)
        frames = []
        while (size := frame_size(data)) is not None and size <= len(data):
            frames.append(data[:size])
            data = data[size:]
        self.rest[descriptor] = data
        return frames

    @staticmethod
    def ack(connection, frames):
        for data in frames:
            offset = int(OFFSET.search(data)[1])
            if offset % ACK_EVERY == 0:
                connection.sendall(frame(TEXT, b'{"type":"ack","offset":%d}' % offset))


def measure_memory(folder, pairs, publishes, report):
    """The CPU per delivery of plain and of guaranteed events, in nanoseconds, of each pair."""
    # Held to one processor, as it is here, more than one loop would only take turns.
    server = make_server(folder / "memory", ThreadPoolSize=1)
    sockets, costs = [], {False: [], True: []}
    messages = {kind: command("publish", {"action": "x", "data": DATA, "guaranteed": kind}) for kind in (False, True)}
    try:
        receivers = connect(server, RECEIVERS)
        publishers = connect(server, 16)
        sockets = receivers + publishers
        subscribe(receivers)
        load = Load(publishers, receivers)
        with apart_from([server]):
            for kind in (False, True):
                load.exchange(200, messages[kind], kind)
            for number in range(pairs):
                for kind in (False, True) if number % 2 == 0 else (True, False):
                    spent = cpu_nanoseconds(server)
                    load.exchange(publishes, messages[kind], kind)
                    costs[kind].append((cpu_nanoseconds(server) - spent) / publishes / RECEIVERS)
                report(
                    f"memory, pair {number + 1}: {costs[True][-1] / 1000:.2f} µs per delivery of a guaranteed event,"
                    f" {costs[False][-1] / 1000:.2f} of a plain one"
                )
    finally:
        for connection in sockets:
            connection.close()
        server.finish()
    return costs[True], costs[False]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--publishes", type=int, default=1500)
    parser.add_argument("--folder", help="where the stores lie: on the disk that is to be measured")
    options = parser.parse_args()

    def report(line):
        print(line, flush=True)

    is_good = True
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        folder = pathlib.Path(folder)
        for setting in SETTINGS:
            receivers, depth, loops = setting
            # A round of 64 publishes to 1,000 receivers takes a second or two.
            seconds = max(6, options.seconds) if receivers == 1000 else options.seconds
            stored, bare = measure_durable(folder, receivers, depth, loops, seconds, options.pairs, report)
            share = statistics.median(one / other for one, other in zip(stored, bare, strict=True))
            report(
                f"{receivers} receivers, {depth} under way, {loops} loops: median of {options.pairs} pairs"
                f" {statistics.median(stored):,.0f} rows a second, SQLite alone {statistics.median(bare):,.0f}, share {share:.2f}"
            )
            is_good = is_good and (setting != SETTINGS[0] or share >= MINIMUM_SHARE)
        guaranteed, plain = measure_memory(folder, options.pairs, options.publishes, report)
        ratio = statistics.median(one / other for one, other in zip(guaranteed, plain, strict=True))
        report(
            f"memory store: median of {options.pairs} pairs {statistics.median(guaranteed) / 1000:.2f} µs of CPU per"
            f" delivery, plain {statistics.median(plain) / 1000:.2f}, ratio {ratio:.2f} (at most {MAXIMUM_RATIO})"
        )
    return 0 if is_good and ratio <= MAXIMUM_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
