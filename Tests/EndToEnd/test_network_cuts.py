"""Guaranteed events over a network that fails at any moment (sections 3 and 4): cuts, takeovers, slow links."""

import asyncio
import json
import random
import time

import pytest
from websockets.exceptions import ConnectionClosed

from harness.configuration import configuration
from harness.crowd import Crowd, Figures, Publisher, command
from harness.patience import PATIENCE
from harness.receiver import Receiver
from harness.relay import Relay

#: Nobody here is to lose an event because it is slow, or comes back often before it acknowledges; and what comes twice on
#: one connection does not come for want of an ack.
ROOM = {"MaxOutboxEvents": 1_000_000, "MaxOutboxBytes": 1 << 28, "MaxDeliveryAttempts": 100, "AckTimeout": 600}


@pytest.fixture
def start(start_server):
    def begin(delivery=ROOM, **changes):
        return start_server(
            configuration(Channels=["weather"], MessageAuth="connection", ThreadPoolSize=3, Delivery=delivery, **changes)
        )

    return begin


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_whatever_the_network_does(start, seed):
    server = start(HeartbeatInterval=1, HeartbeatTimeout=1, InactiveTimeout=1)
    chance, figures, lines, faults = random.Random(seed), Figures(), [], []

    with Relay(server.address, latency=0.005) as relay:

        async def strike(_):
            while len(faults) < 120:
                await asyncio.sleep(chance.uniform(0.02, 0.15))
                count = relay.count
                faults.append(relay.strike(chance))
                # Who comes back is hit again, most often while its session is resumed.
                await asyncio.sleep(chance.uniform(0.03, 0.06))
                if relay.count > count:
                    faults.append(relay.strike(chance, youngest=True))

        crowd = Crowd(server, chance, figures, url=relay.url(), ping_interval=PATIENCE, loss=0)
        asyncio.run(crowd.run(publishers=4, subscribers=6, disturb=strike, report=lines.append))
    told = "\n".join([*figures.faults(), *lines, str(figures)])
    assert not figures.faults() and not lines and figures.gaps == figures.sent_again == 0, told
    assert figures.published > 100 and figures.resumed > 20, told
    # A connection that a fault ends is followed by one more, or by two where its `resume` comes late.
    assert figures.connections <= 4 + 6 + 2 * len(faults), told
    assert set(faults) >= {"cut", "reset", "half-closed", "stalled", "delayed"}
    metrics = server.wait_metric(lambda metrics: metrics.total("connections") == 0, "all are gone", 20 * PATIENCE)
    assert metrics.value("deliveries_total", outcome="dead") == 0


def test_receivers_come_and_go_while_an_event_is_fanned_out(start):
    server = start()
    figures, lines = Figures(), []

    async def fan_out(_):
        while figures.published < 800:
            await asyncio.sleep(0.01)

    # A burst of publishes, and after each event one receiver in fifty is lost.
    crowd = Crowd(server, random.Random(1), figures, loss=0.02, batch=16)
    asyncio.run(crowd.run(publishers=1, subscribers=24, disturb=fan_out, report=lines.append))
    told = "\n".join([*figures.faults(), *lines, str(figures)])
    assert not figures.faults() and not lines and figures.gaps == figures.sent_again == figures.refused == 0, told
    assert figures.delivered == 24 * figures.published and figures.resumed > 100, told
    # Who has its session is not disturbed: each came back as often as it was lost.
    assert figures.connections == 1 + 24 + figures.resumed and figures.taken_over == 0, told


class Contender:
    """One of several connections that ask for one session at once."""

    def __init__(self, crowd, session=None):
        """`session`: that of the first of all."""
        self.crowd, self.session = crowd, session
        self.token = self.code = None
        #: What it was told, up to which offset, and up to where that was taken over from it.
        self.numbers, self.offset, self.taken = [], 0, 0
        self.acks = False

    async def connect(self):
        self.connection, fresh = await self.crowd.open()
        self.session = self.session or fresh

    async def contend(self, token, offset, leaves):
        """Asks, and reads until its end. `leaves`: it is gone as soon as it has asked, or a moment later."""
        self.offset = self.taken = offset
        try:
            request = {"session": self.session["session"], "token": token, "offset": offset}
            await self.connection.send(command("r", "system", "resume", request))
            if leaves:
                await asyncio.sleep(self.crowd.random.choice((0, 0.001, 0.002)))
                self.connection.transport.abort()
            async for text in self.connection:
                self.handle(json.loads(text))
                if self.acks:
                    await self.ack()
        except ConnectionClosed:
            pass
        self.code = self.connection.close_code

    def handle(self, message):
        if message["type"] == "response":
            assert message["status"] == "ok" and self.token is None, message
            self.token = message["data"]["token"]
            return
        # Each is told all from where it asked for, after the response, in order.
        assert self.token is not None and message["action"] == "load.p", message
        self.offset += 1
        assert message["offset"] == self.offset, (message, self.offset)
        self.numbers.append(message["data"]["number"])

    def take(self):
        """The numbers that it was told so far and that nobody has taken."""
        numbers, self.numbers, self.taken = self.numbers, [], self.offset
        return numbers

    async def ack(self):
        await self.connection.send(json.dumps({"type": "ack", "offset": self.offset}))


async def until(condition, what):
    deadline = time.monotonic() + 20 * PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.005)


async def contend(crowd, rounds, width, leaving):
    """The same session is resumed by many at once, again and again, while events arrive; the numbers it was told."""
    owner = Contender(crowd)
    await owner.connect()
    await owner.connection.send(command("s", "weather", "subscribe", {"topic": "**"}))
    assert json.loads(await owner.connection.recv())["status"] == "ok"
    owner.token, numbers = owner.session["token"], []
    async with asyncio.TaskGroup() as group:
        publishing = group.create_task(Publisher(crowd, "p").run())
        # Who asks last is the owner from then on; the last round is without anybody who leaves.
        for number in range(rounds + 1):
            owner = await contend_once(crowd, group, owner, width, leaving if number < rounds else 0)
            numbers += owner.take()
        crowd.is_ending = owner.acks = True
        await owner.ack()
        await publishing
        await until(lambda: len(numbers) + len(owner.numbers) >= len(crowd.published), "all is told")
        await owner.connection.close()
    return numbers + owner.numbers


async def contend_once(crowd, group, owner, width, leaving):
    """Many ask for a session at once, some of whom are gone at once; who has it then, or had it last."""
    contenders = [Contender(crowd, owner.session) for _ in range(width)]
    await asyncio.gather(*(contender.connect() for contender in contenders))
    tasks = [
        group.create_task(contender.contend(owner.token, owner.taken, leaves=place < leaving))
        for place, contender in enumerate(contenders)
    ]
    await until(lambda: sum(task.done() for task in tasks) >= width - 1, "more than one has the session")
    survivors = [contender for contender, task in zip(contenders, tasks, strict=True) if not task.done()]
    for contender in contenders[leaving:]:
        assert contender in survivors or (contender.code == 4409 and contender.token), contender.code
    if leaving == 0:
        assert len(survivors) == 1, [contender.code for contender in contenders]
    for survivor in survivors:
        await until(lambda: survivor.token or survivor.code, "the survivor is told")
        await asyncio.sleep(0.02)
        # Somebody who left may have come after it.
        if survivor.code is None:
            return survivor
    return owner


@pytest.mark.parametrize("leaving", [0, 3])
def test_a_session_that_many_ask_for_at_once_goes_to_one(start, leaving):
    server = start()
    figures, rounds, width = Figures(), 12, 8
    crowd = Crowd(server, random.Random(1), figures)
    numbers = asyncio.run(contend(crowd, rounds, width, leaving))
    assert numbers == list(range(1, len(crowd.published) + 1)) and len(numbers) > rounds
    metrics = server.metrics()
    asked = (rounds + 1) * width
    attached = {outcome: metrics.value("sessions_resumed_total", outcome=outcome) for outcome in ("resumed", "taken_over")}
    if leaving == 0:
        assert attached == {"resumed": 0, "taken_over": asked}
    else:
        assert asked - rounds * leaving <= sum(attached.values()) <= asked
    # Nobody came back by itself.
    assert figures.connections == 1 + 1 + asked
    # The survivor has ended it.
    server.wait_metric(lambda metrics: metrics.value("outbox_events") == 0, "the session has ended")


@pytest.mark.slow
def test_a_large_outbox_over_a_slow_link(start):
    count, size, rate = 1000, 65_536, 8_000_000
    bounds = {"MaxOutboxEvents": count, "MaxOutboxBytes": 1 << 27, "MaxSendQueueBytes": 8 << 20, "AckTimeout": 30}
    server = start(
        bounds, MaxMessageBytes=2 * size, HeartbeatInterval=0.2, HeartbeatTimeout=2 * PATIENCE, InactiveTimeout=3 * PATIENCE
    )
    with Relay(server.address, rate) as relay, server.client() as publisher:
        receiver = Receiver(server, url=relay.url())
        receiver.client.subscribe("weather", "**")
        receiver.lose()
        server.wait_metric(lambda metrics: metrics.value("sessions", state="detached") == 1, "it is away")
        for number in range(1, count + 1):
            publisher.publish("weather", "x", {"n": number, "pad": chr(97 + number % 26) * size}, guaranteed=True)
        before = peak = server.resident_bytes()
        began = time.monotonic()
        assert receiver.resume()["pending"] == count
        while receiver.processed < count:
            event = receiver.client.event()
            assert receiver.handle(event) and "attempt" not in event, event["offset"]
            assert event["data"]["pad"] == chr(97 + event["data"]["n"] % 26) * size
            if receiver.processed % 32 == 0 or receiver.processed == count:
                receiver.ack()
                peak = max(peak, server.resident_bytes())
        assert time.monotonic() - began > 0.9 * count * size / rate
        metrics = server.wait_metric(lambda metrics: metrics.value("outbox_events") == 0, "all is acked")
        # One connection did it all, and was asked now and then whether it lives.
        assert metrics.value("sessions_resumed_total", outcome="resumed") == relay.count - 1 == 1
        assert metrics.value("heartbeats_sent_total") > 0
        assert metrics.value("connections_closed_total", code="4408") == 0
        # What waits for the link is bounded: by half of `MaxSendQueueBytes`, copies included by all of it.
        assert peak - before < 24 << 20, (before, peak)
        receiver.client.close()
    assert receiver.seen == list(range(1, count + 1)) and receiver.gaps == []
