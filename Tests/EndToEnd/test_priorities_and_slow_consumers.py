"""Send queues (section 3): order by priority, bounded, low priority goes first."""

import json

import pytest

from harness.configuration import configuration
from harness.patience import wait_until
from harness.raw import TEXT


@pytest.fixture
def stalled(start_server):
    """Starts a server, and a subscriber with a small receive buffer that does not read."""
    clients = []

    def start(topic="**", **changes):
        server = start_server(configuration(CloseTimeout=20, **changes))
        client = server.raw_client(receive_buffer=4096)
        clients.append(client)
        subscribe(client, topic)
        return server, client

    yield start
    for client in clients:
        client.close()


def subscribe(client, topic, **data):
    client.send_text(
        json.dumps(
            {
                "type": "command", "id": "s", "channel": "print", "action": "subscribe",
                "data": {"topic": topic, **data}, "auth": {"token": client.session["token"]},
            }
        )
    )  # fmt: skip
    assert client.read_message()["status"] == "ok"


def fill(server, publisher, at_least, size=30000, priority="normal"):
    """Publishes until this much waits in the server for those who do not read."""
    for number in range(2000):
        publisher.publish("print", "filler", {"n": number, "pad": "x" * size}, priority=priority)
        if number % 4 == 3 and server.metrics().value("send_queue_bytes") >= at_least:
            return number + 1
    raise AssertionError("the queue never grew")


def test_what_waits_leaves_by_priority(stalled):
    server, client = stalled()
    with server.client() as publisher:
        fill(server, publisher, 200_000)
        # More than one write takes at once, so that something still waits behind it.
        for priority in ("low", "normal", "high", "critical"):
            for number in ("one", "two"):
                publisher.publish("print", f"{priority}.{number}", priority=priority)
    seen = []
    while len(seen) < 8:
        message = client.read_message()
        if message["action"] != "filler":
            seen.append(message["action"])
    assert seen == [f"{priority}.{n}" for priority in ("critical", "high", "normal", "low") for n in ("one", "two")]


def test_the_queue_is_told_in_bytes_and_empties(stalled):
    server, client = stalled()
    with server.client() as publisher:
        count = fill(server, publisher, 200_000)
        for number in range(count):
            message = client.read_message()
            assert (message["action"], message["data"]["n"]) == ("filler", number)
        server.wait_metric(lambda metrics: metrics.value("send_queue_bytes") == 0, "the queue is empty")
        assert server.metrics().value("deliveries_total", outcome="dropped") == 0


def test_a_slow_consumer_is_closed_with_4413(stalled):
    server, client = stalled(Delivery={"MaxSendQueueBytes": 131072})
    with server.client() as publisher:
        published = 0

        def closed():
            nonlocal published
            publisher.publish("print", "filler", {"n": published, "pad": "x" * 30000})
            published += 1
            return server.metrics().value("connections", state="closing") == 1

        wait_until(closed, "the slow consumer is closing", 60)
        # What was queued is written first, then the close frame.
        last = -1
        while True:
            frame = client.read_frame()
            if frame.opcode != TEXT:
                break
            assert f'"n":{last + 1},'.encode() in frame.payload
            last += 1
        assert frame.close() == (4413, "connection.slow_consumer")
        assert last < published
        metrics = server.wait_metric(
            lambda metrics: metrics.value("connections_closed_total", code="4413") == 1, "counted"
        )
        assert metrics.value("errors_total", category="connection", code="slow_consumer") == 1
        publisher.ok("system", "ping")


def test_a_slow_consumer_that_never_reads_is_ended(start_server):
    server = start_server(configuration(CloseTimeout=0.5, Delivery={"MaxSendQueueBytes": 131072}))
    with server.raw_client(receive_buffer=4096) as client, server.client() as publisher:
        subscribe(client, "**")

        def freed():
            publisher.publish("print", "filler", {"pad": "x" * 30000})
            return server.metrics().value("contexts_freed_total") == 1

        wait_until(freed, "the slow consumer's context is freed", 60)
        assert server.metrics().value("connections_closed_total", code="4413") == 1


def test_low_priority_goes_first(stalled):
    server, client = stalled(Delivery={"MaxSendQueueBytes": 262144})
    with server.client() as publisher:
        fill(server, publisher, 60_000)
        number = 0

        def dropped():
            nonlocal number
            publisher.publish("print", "low", {"n": number, "pad": "x" * 30000}, priority="low")
            number += 1
            return server.metrics().value("deliveries_total", outcome="dropped") >= 5

        wait_until(dropped, "low events are dropped", 60)
        publisher.publish("print", "important", priority="critical")
        publisher.publish("print", "mark", {"pad": "x" * 10000})
        actions, lows = [], []
        while True:
            message = client.read_message()
            actions.append(message["action"])
            if message["action"] == "low":
                lows.append(message["data"]["n"])
            if {"important", "mark"} <= set(actions) and server.metrics().value("send_queue_bytes") == 0:
                break
        assert lows == sorted(lows) and len(lows) < number
        assert actions.index("important") < actions.index("mark")
        metrics = server.metrics()
        assert metrics.value("connections", state="connected") == 2, "nobody was closed"
        assert metrics.value("connections_closed_total", code="4413") == 0


def test_a_full_queue_of_low_makes_room_for_the_rest(stalled):
    server, client = stalled(Delivery={"MaxSendQueueBytes": 262144})
    with server.client() as publisher:
        fill(server, publisher, 220_000, priority="low")
        for number in range(4):
            publisher.publish("print", "important", {"n": number, "pad": "x" * 30000})
        seen = []
        while len(seen) < 4:
            message = client.read_message()
            if message["action"] == "important":
                seen.append(message["data"]["n"])
        assert seen == [0, 1, 2, 3]
        assert server.metrics().value("deliveries_total", outcome="dropped") >= 1
