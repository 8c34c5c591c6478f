#!/usr/bin/env python3
"""What a kill -9 loses: nothing. The server is killed at random instants under load, again and again, while publishers
(with `key`) and acking subscribers reconnect.

Every publisher has one publish under way and sends it again, under its key, until it is answered. Every subscriber
resumes its session after each kill, half of the time with offset 0, so that only what the store knows of its acks
counts. At the end every publish that was answered must have come to every subscriber, once, in order.

    load/kill_nine.py [--kills 50] [--publishers 8] [--subscribers 4] [--seed N] [--store FILE]

Exit status 1 when something was lost, published twice, out of order, or delivered again although it was acked more than
a second before the kill.
"""

import argparse
import asyncio
import dataclasses
import json
import pathlib
import random
import sys
import tempfile
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.configuration import configuration
from harness.patience import PATIENCE
from harness.server import Server
from load.idle_cost import free_port

#: How long before a kill an ack must have been sent to count.
ACK_BOUND = 1.0
#: What a connection that the kill ends may raise.
ENDS = (ConnectionClosed, InvalidHandshake, OSError, TimeoutError, EOFError)


@dataclasses.dataclass
class Figures:
    kills: int = 0
    published: int = 0
    refused: int = 0
    delivered: int = 0
    repeated: int = 0
    resumed: int = 0
    gaps: int = 0
    lost: int = 0
    published_twice: int = 0
    acked_delivered_again: int = 0
    out_of_order: int = 0
    sessions_lost: int = 0
    slowest_start_s: float = 0.0

    def faults(self):
        """What must be 0 and is not."""
        names = ("lost", "published_twice", "acked_delivered_again", "out_of_order", "sessions_lost")
        return [f"{name}: {getattr(self, name)}" for name in names if getattr(self, name)]


class World:
    """What publishers and subscribers share."""

    def __init__(self, server, random, figures):
        self.server, self.random, self.figures = server, random, figures
        self.published = {}
        self.killed_at = None
        #: Publishers begin nothing more; and then: every publish was answered.
        self.is_ending = self.is_over = False

    async def open(self):
        """A new connection and its first event."""
        host, port = self.server.address
        connection = await connect(
            f"ws://{host}:{port}/",
            subprotocols=["hydrogen-protocol"],
            additional_headers={"Authorization": f"Key {self.server.admin.token}"},
            compression=None,
            proxy=None,
            ping_interval=None,
            open_timeout=10 * PATIENCE,
            close_timeout=0.1,
            max_queue=None,
        )
        return connection, json.loads(await connection.recv())["data"]


def command(id, channel, action, data):
    return json.dumps({"type": "command", "id": id, "channel": channel, "action": action, "data": data})


class Publisher:
    def __init__(self, world, name):
        self.world, self.name = world, name
        self.connection = None

    async def run(self):
        number = 0
        while not self.world.is_ending:
            number += 1
            event = await self.publish(number)
            self.world.published[self.name, number] = event
            self.world.figures.published += 1
        if self.connection:
            await self.connection.close()

    async def publish(self, number):
        """Sends a publish until it is answered; the id of the event."""
        data = {
            "action": f"load.{self.name}",
            "data": {"publisher": self.name, "number": number},
            "guaranteed": True,
            "key": f"{self.name}-{number}",
        }
        while True:
            try:
                if self.connection is None:
                    self.connection, _ = await self.world.open()
                await self.connection.send(command(str(number), "weather", "publish", data))
                answer = json.loads(await asyncio.wait_for(self.connection.recv(), 30 * PATIENCE))
            except ENDS:
                self.connection = None
                await asyncio.sleep(0.02)
                continue
            if answer["status"] == "ok":
                return answer["data"]["event"]
            assert answer["error"]["code"] in ("busy", "failed"), answer
            self.world.figures.refused += 1
            await asyncio.sleep(0.01)


class Subscriber:
    def __init__(self, world, name):
        self.world, self.name = world, name
        self.session = self.token = None
        self.processed = 0
        #: By offset: when an ack of it was sent.
        self.acked_at = {}
        self.acked_through = 0
        #: By publisher and number: the event's id.
        self.seen = {}
        self.last_numbers = {}
        self.ready = asyncio.Event()

    async def run(self):
        while not self.is_done():
            try:
                connection, data = await self.world.open()
                await self.begin(connection, data)
                await self.receive(connection)
            except ENDS:
                await asyncio.sleep(0.02)

    def is_done(self):
        return self.world.is_over and len(self.seen) == len(self.world.published)

    async def begin(self, connection, data):
        """Subscribes, or goes on with the session."""
        if self.session is None:
            await connection.send(command("1", "weather", "subscribe", {"topic": "load.*"}))
            answer = json.loads(await connection.recv())
            assert answer["status"] == "ok", answer
            self.session, self.token = data["session"], data["token"]
            return self.ready.set()
        offset = self.processed if self.world.random.random() < 0.5 else 0
        request = {"session": self.session, "token": self.token, "offset": offset}
        await connection.send(command("r", "system", "resume", request))
        while (answer := json.loads(await connection.recv()))["type"] != "response":
            self.handle(answer)
        if answer["status"] == "ok":
            self.token = answer["data"]["token"]
            self.note_ack(offset)
            self.world.figures.resumed += 1
        elif answer["error"]["code"] == "busy":
            raise TimeoutError(answer)
        else:
            self.world.figures.sessions_lost += 1
            raise AssertionError(f"{self.name}: offset {offset} of {self.processed}: {answer['error']}")

    async def receive(self, connection):
        while not self.is_done():
            try:
                message = json.loads(await asyncio.wait_for(connection.recv(), 0.2))
            except TimeoutError:
                await self.ack(connection, {"offset": self.processed})
                continue
            if message["type"] != "event":
                raise AssertionError(f"{self.name}: {message}")
            self.handle(message)
            chance = self.world.random.random()
            if chance < 0.3:
                await self.ack(connection, {"offset": self.processed})
            elif chance < 0.5 and "offset" in message:
                await self.ack(connection, {"id": message["id"]}, message["offset"])
            elif chance > 0.999:
                # A connection that is lost between kills.
                connection.transport.abort()
        await connection.close()

    async def ack(self, connection, name, offset=None):
        """Acks by offset, or one event by its id; it counts from when it was sent."""
        await connection.send(json.dumps({"type": "ack", **name}))
        if offset is None:
            self.note_ack(self.processed)
        else:
            self.acked_at.setdefault(offset, time.monotonic())

    def note_ack(self, through):
        for offset in range(self.acked_through + 1, through + 1):
            self.acked_at.setdefault(offset, time.monotonic())
        self.acked_through = max(self.acked_through, through)

    def handle(self, event):
        figures = self.world.figures
        if event["action"] == "gap":
            figures.gaps += 1
            if event["data"]["from"] > self.processed + 1:
                figures.out_of_order += 1
            self.processed = max(self.processed, event["data"]["to"])
            return
        offset = event["offset"]
        if offset <= self.processed:
            figures.repeated += 1
            acked_at, killed_at = self.acked_at.get(offset), self.world.killed_at
            if acked_at is not None and killed_at is not None and acked_at < killed_at - ACK_BOUND:
                figures.acked_delivered_again += 1
            return
        if offset != self.processed + 1:
            figures.out_of_order += 1
        self.processed = offset
        publisher, number = event["data"]["publisher"], event["data"]["number"]
        if (publisher, number) in self.seen:
            figures.published_twice += 1
            return
        if number != self.last_numbers.get(publisher, 0) + 1:
            figures.out_of_order += 1
        self.last_numbers[publisher] = number
        self.seen[publisher, number] = event["id"]
        figures.delivered += 1


async def kill_again_and_again(world, kills, report):
    for number in range(1, kills + 1):
        await asyncio.sleep(world.random.uniform(0.2, 3.0))
        world.killed_at = time.monotonic()
        world.server.kill()
        began = time.monotonic()
        await asyncio.to_thread(world.server.start, 60 * PATIENCE)
        world.figures.slowest_start_s = max(world.figures.slowest_start_s, time.monotonic() - began)
        world.figures.kills += 1
        report(
            f"kill {number}: {world.figures.published} published, {world.figures.delivered} delivered,"
            f" {world.figures.acked_delivered_again} of them again although acked"
        )


async def drive(server, kills, publishers, subscribers, random, report):
    figures = Figures()
    world = World(server, random, figures)
    receivers = [Subscriber(world, f"s{number}") for number in range(subscribers)]
    tasks = [asyncio.create_task(receiver.run()) for receiver in receivers]
    await asyncio.wait_for(asyncio.gather(*(receiver.ready.wait() for receiver in receivers)), 30 * PATIENCE)
    senders = [asyncio.create_task(Publisher(world, f"p{number}").run()) for number in range(publishers)]
    await kill_again_and_again(world, kills, report)
    world.is_ending = True
    await asyncio.wait_for(asyncio.gather(*senders), 60 * PATIENCE)
    world.is_over = True
    _, waiting = await asyncio.wait(tasks, timeout=120 * PATIENCE)
    for task in waiting:
        task.cancel()
    for fault in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(fault, Exception):
            report(f"a subscriber ended: {fault!r}")
    for receiver in receivers:
        figures.lost += sum(name not in receiver.seen for name in world.published)
        figures.published_twice += sum(
            receiver.seen.get(name, event) != event for name, event in world.published.items()
        )
    return figures


def measure(folder, kills, publishers, subscribers, seed, report, store="store.sqlite"):
    settings = configuration(
        Port=free_port(),
        Metrics={"Port": free_port()},
        Channels=["weather"],
        MessageAuth="connection",
        Log={"Level": "notice"},
        Delivery={
            "Store": "durable",
            "StorePath": str(store),
            "AckTimeout": 5,
            # What waits for a subscriber that is slow here is not what is measured.
            "MaxOutboxEvents": 1_000_000,
            "MaxOutboxBytes": 1 << 28,
        },
    )
    server = Server(folder, settings)
    server.start()
    try:
        return asyncio.run(drive(server, kills, publishers, subscribers, random.Random(seed), report))
    finally:
        server.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("kills", 50), ("publishers", 8), ("subscribers", 4), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--store", default="store.sqlite", help="where the store lies; in a temporary folder by default")
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(folder, **options, report=lambda line: print(line, flush=True))
    for name, value in dataclasses.asdict(figures).items():
        print(f"{name.replace('_', ' '):>22}: {value if isinstance(value, int) else round(value, 2)}")
    return 1 if figures.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
