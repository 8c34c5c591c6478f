"""Publishers and subscribers of guaranteed events that come back whatever happens, and what they find wrong.

Every publisher publishes numbered events under keys, and sends each again until it is answered. Every subscriber resumes
its session after each loss, half of the time with offset 0, so that only what the server knows of its acks counts. At
the end every publish that was answered must have come to every subscriber, once, in order.
"""

import asyncio
import dataclasses
import json
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from .patience import PATIENCE

#: What a connection that is lost may raise.
ENDS = (ConnectionClosed, InvalidHandshake, OSError, TimeoutError, EOFError)


@dataclasses.dataclass
class Figures:
    published: int = 0
    refused: int = 0
    delivered: int = 0
    repeated: int = 0
    #: Those among the repeated that came on one connection twice: sent again for want of an ack.
    sent_again: int = 0
    connections: int = 0
    resumed: int = 0
    taken_over: int = 0
    gaps: int = 0
    lost: int = 0
    published_twice: int = 0
    acked_delivered_again: int = 0
    unacked_forgotten: int = 0
    out_of_order: int = 0
    sessions_lost: int = 0

    def faults(self):
        """What must be 0 and is not."""
        names = ("lost", "published_twice", "acked_delivered_again", "unacked_forgotten", "out_of_order", "sessions_lost")
        return [f"{name}: {getattr(self, name)}" for name in names if getattr(self, name)]


class Crowd:
    """What publishers and subscribers share."""

    def __init__(self, server, random, figures, *, url=None, ping_interval=None, loss=0.001, batch=1):
        """
        url: another way to the server, as over a relay.
        ping_interval: a connection that does not answer pings for twice as long is given up.
        loss: how likely it is that a subscriber loses its connection after an event.
        batch: how many publishes a publisher has under way; several are without a key, and not for connections that
            may be lost.
        """
        self.server, self.random, self.figures = server, random, figures
        self.url, self.ping_interval, self.loss, self.batch = url, ping_interval, loss, batch
        #: The ids of what was answered, by publisher and number.
        self.published = {}
        #: Publishers begin nothing more; and then: every publish was answered.
        self.is_ending = self.is_over = False

    def is_forgotten(self, subscriber, offset):
        """Whether an event that was sent to a subscriber ought to have been known as acknowledged."""
        return offset <= subscriber.confirmed_before

    async def open(self):
        """A new connection and the data of its first event."""
        self.figures.connections += 1
        connection = await connect(
            self.url or self.server.url(),
            subprotocols=["hydrogen-protocol"],
            additional_headers={"Authorization": f"Key {self.server.admin.token}"},
            compression=None,
            proxy=None,
            ping_interval=self.ping_interval,
            ping_timeout=self.ping_interval and 2 * self.ping_interval,
            open_timeout=10 * PATIENCE if self.ping_interval is None else 3 * self.ping_interval,
            close_timeout=0.1,
            max_queue=None,
        )
        return connection, json.loads(await connection.recv())["data"]

    async def run(self, publishers, subscribers, disturb, report):
        """`disturb`: what goes wrong meanwhile; publishing ends when it does."""
        crowd = [Subscriber(self, f"s{number}") for number in range(subscribers)]
        tasks = [asyncio.create_task(subscriber.run()) for subscriber in crowd]
        await asyncio.wait_for(asyncio.gather(*(subscriber.ready.wait() for subscriber in crowd)), 30 * PATIENCE)
        senders = [asyncio.create_task(Publisher(self, f"p{number}").run()) for number in range(publishers)]
        await disturb(self)
        self.is_ending = True
        await asyncio.wait_for(asyncio.gather(*senders), 60 * PATIENCE)
        self.is_over = True
        for task in await self.unfinished(tasks):
            task.cancel()
        for fault in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(fault, Exception):
                report(f"a subscriber ended: {fault!r}")
        for subscriber in crowd:
            self.figures.lost += sum(name not in subscriber.seen for name in self.published)
            self.figures.published_twice += sum(
                subscriber.seen.get(name, event) != event for name, event in self.published.items()
            )

    async def unfinished(self, tasks):
        """Waits as long as something is delivered; the tasks that are not done then."""
        seen, waiting = -1, tasks
        while waiting and self.figures.delivered > seen:
            seen = self.figures.delivered
            _, waiting = await asyncio.wait(waiting, timeout=20 * PATIENCE)
        return waiting


def command(id, channel, action, data):
    return json.dumps({"type": "command", "id": id, "channel": channel, "action": action, "data": data})


class Publisher:
    def __init__(self, crowd, name):
        self.crowd, self.name = crowd, name
        self.connection = None

    async def run(self):
        number = 0
        while not self.crowd.is_ending:
            numbers = range(number + 1, number + 1 + self.crowd.batch)
            for number, event in (await self.publish(numbers)).items():
                self.crowd.published[self.name, number] = event
                self.crowd.figures.published += 1
        if self.connection:
            await self.connection.close()

    async def publish(self, numbers):
        """Sends publishes until all are answered; the ids of the events."""
        events = {}
        while len(events) < len(numbers):
            try:
                if self.connection is None:
                    self.connection, _ = await self.crowd.open()
                missing = [number for number in numbers if number not in events]
                for number in missing:
                    await self.connection.send(command(str(number), "weather", "publish", self.data(number)))
                for _ in missing:
                    async with asyncio.timeout(30 * PATIENCE):
                        answer = json.loads(await self.connection.recv())
                    if answer["status"] == "ok":
                        events[int(answer["id"])] = answer["data"]["event"]
                        continue
                    assert answer["error"]["code"] in ("busy", "failed"), answer
                    self.crowd.figures.refused += 1
                    await asyncio.sleep(0.01)
            except ENDS:
                self.connection = None
                await asyncio.sleep(0.02)
        return events

    def data(self, number):
        data = {
            "action": f"load.{self.name}",
            "data": {"publisher": self.name, "number": number},
            "guaranteed": True,
        }
        # Keys are kept by different loops: of several publishes under way, a later one may come first.
        return data | {"key": f"{self.name}-{number}"} if self.crowd.batch == 1 else data


class Subscriber:
    def __init__(self, crowd, name):
        self.crowd, self.name = crowd, name
        self.session = self.token = None
        self.processed = 0
        #: By offset: when an ack of it was first sent.
        self.acked_at = {}
        self.acked_through = 0
        #: What is processed and was never acked; and what of that is to come before anything new on this connection.
        self.unacked, self.owed = set(), set()
        #: The highest offset that the server has said to know as acknowledged: ever, and before this connection resumed.
        self.confirmed = self.confirmed_before = 0
        #: By publisher and number: the event's id.
        self.seen = {}
        self.last_numbers = {}
        #: By offset: as which attempt it came on this connection; and the highest that came there.
        self.attempts, self.highest = {}, 0
        self.ready = asyncio.Event()

    async def run(self):
        while not self.is_done():
            try:
                connection, data = await self.crowd.open()
                self.attempts, self.highest, self.owed = {}, 0, set()
                await self.begin(connection, data)
                await self.receive(connection)
            except ENDS as end:
                if isinstance(end, ConnectionClosed) and end.rcvd and end.rcvd.code == 4409:
                    # An earlier connection of its own, whose request came late, took the session.
                    self.crowd.figures.taken_over += 1
                await asyncio.sleep(0.02)

    def is_done(self):
        return self.crowd.is_over and len(self.seen) == len(self.crowd.published)

    async def begin(self, connection, data):
        """Subscribes, or goes on with the session."""
        if self.session is None:
            await connection.send(command("1", "weather", "subscribe", {"topic": "load.*"}))
            answer = json.loads(await connection.recv())
            assert answer["status"] == "ok", answer
            self.session, self.token = data["session"], data["token"]
            return self.ready.set()
        offset = self.processed if self.crowd.random.random() < 0.5 else 0
        self.confirmed_before = max(self.confirmed, offset)
        if offset:
            # Its answer may be lost.
            self.unacked.clear()
        self.owed = set(self.unacked)
        request = {"session": self.session, "token": self.token, "offset": offset}
        await connection.send(command("r", "system", "resume", request))
        while (answer := json.loads(await connection.recv()))["type"] != "response":
            self.handle(answer)
        if answer["status"] == "ok":
            self.token = answer["data"]["token"]
            self.confirm(offset)
            self.crowd.figures.resumed += 1
        elif answer["error"]["code"] == "busy":
            raise TimeoutError(answer)
        else:
            self.crowd.figures.sessions_lost += 1
            raise AssertionError(f"{self.name}: offset {offset} of {self.processed}: {answer['error']}")

    async def receive(self, connection):
        while not self.is_done():
            try:
                # `asyncio.wait_for` may swallow that it is cancelled, and a test that fails would never end.
                async with asyncio.timeout(0.2):
                    message = json.loads(await connection.recv())
            except TimeoutError:
                await self.ack(connection)
                continue
            if message["type"] == "response":
                if message["status"] == "ok":
                    self.confirm(int(message["id"]))
                else:
                    assert message["error"]["code"] == "busy", message
                continue
            self.handle(message)
            chance = self.crowd.random.random()
            if chance < 0.1:
                await self.ack(connection)
                # Answered where the session lives, and in order.
                data = {"topic": "nothing"}
                await connection.send(command(str(self.processed), "weather", "unsubscribe", data))
            elif chance < 0.3:
                await self.ack(connection)
            elif chance < 0.5 and "offset" in message:
                await connection.send(json.dumps({"type": "ack", "id": message["id"]}))
                self.acked_at.setdefault(message["offset"], time.monotonic())
                self.unacked.discard(message["offset"])
            elif chance > 1 - self.crowd.loss:
                connection.transport.abort()
        await connection.close()

    async def ack(self, connection):
        """Acks all that is processed; it counts from when it was sent."""
        if self.processed == 0:
            return
        await connection.send(json.dumps({"type": "ack", "offset": self.processed}))
        self.note_ack(self.processed)

    def note_ack(self, through):
        for offset in range(self.acked_through + 1, through + 1):
            self.acked_at.setdefault(offset, time.monotonic())
        self.acked_through = max(self.acked_through, through)
        self.unacked = {offset for offset in self.unacked if offset > through}

    def confirm(self, through):
        self.note_ack(through)
        self.confirmed = max(self.confirmed, through)

    def handle(self, event):
        figures = self.crowd.figures
        if event["action"] == "gap":
            figures.gaps += 1
            if event["data"]["from"] > self.processed + 1:
                figures.out_of_order += 1
            self.processed = max(self.processed, event["data"]["to"])
            self.owed -= set(range(event["data"]["from"], event["data"]["to"] + 1))
            return
        offset = event["offset"]
        self.check_connection(offset, event.get("attempt", 1))
        if self.crowd.is_forgotten(self, offset):
            figures.acked_delivered_again += 1
        if offset <= self.processed:
            figures.repeated += 1
            self.owed.discard(offset)
            return
        figures.unacked_forgotten += len(self.owed)
        self.owed = set()
        self.unacked.add(offset)
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

    def check_connection(self, offset, attempt):
        """On each connection first sendings come in order; what comes again is another attempt."""
        figures = self.crowd.figures
        if offset in self.attempts:
            figures.sent_again += 1
            figures.out_of_order += attempt <= self.attempts[offset]
        else:
            figures.out_of_order += offset < self.highest
        self.attempts[offset] = attempt
        self.highest = max(self.highest, offset)
