"""Guaranteed events (section 4): offsets, window, repetition, dead letters, gaps."""

import pytest

from harness.configuration import configuration
from harness.receiver import Receiver


@pytest.fixture
def start(start_server):
    def begin(**delivery):
        return start_server(configuration(Channels=["weather"], Delivery=delivery))

    return begin


def publish(client, numbers, **options):
    return [client.publish("weather", "x", {"n": n}, guaranteed=True, **options)["event"] for n in numbers]


def test_a_guaranteed_event_has_an_offset(start):
    server = start()
    with server.client() as client:
        client.subscribe("weather", "**")
        ids = publish(client, [1, 2])
        client.publish("weather", "x", {"n": 3})
        events = [client.event() for _ in range(3)]
        assert [event["id"] for event in events[:2]] == ids
        assert [event.get("offset") for event in events] == [1, 2, None]
        assert [event.get("ack") for event in events] == [True, True, None]
        assert all("attempt" not in event for event in events)
        metrics = server.metrics()
        assert metrics.value("outbox_events") == metrics.value("outbox_enqueued_total") == 2


def test_a_window_is_sent_and_an_ack_lets_the_next_go(start):
    server = start(Window=2, AckTimeout=600)
    with server.client() as client:
        client.subscribe("weather", "**")
        auth = {"token": client.session["token"]}
        publish(client, range(1, 6))
        client.publish("weather", "mark")
        events = client.events_before("mark")
        assert [event["offset"] for event in events] == [1, 2]
        client.send({"type": "ack", "id": events[1]["id"], "auth": auth})
        assert client.event()["offset"] == 3
        client.send({"type": "ack", "offset": 3, "auth": auth})
        assert [client.event()["offset"] for _ in range(2)] == [4, 5]
        client.send({"type": "ack", "offset": 5, "auth": auth})
        server.wait_metric(lambda metrics: metrics.value("deliveries_total", outcome="acked") == 5, "all are acked")


def test_an_unacked_event_is_sent_again_and_then_is_a_dead_letter(start):
    server = start(AckTimeout=0.1, MaxDeliveryAttempts=3)
    with server.client() as administrator, server.client() as client:
        administrator.subscribe("system", "dead_letter")
        client.subscribe("weather", "**")
        (id,) = publish(client, [1])
        events = [client.event() for _ in range(4)]
        assert [event.get("attempt") for event in events] == [None, 2, 3, None]
        assert {event["id"] for event in events[:3]} == {id} and {event["offset"] for event in events[:3]} == {1}
        assert (events[3]["channel"], events[3]["action"]) == ("system", "gap")
        assert events[3]["data"] == {"from": 1, "to": 1}
        assert administrator.event()["data"] == {
            "event": id, "channel": "weather", "action": "x", "session": client.session["session"],
            "identity": "admin", "offset": 1, "attempts": 3,
        }  # fmt: skip
        metrics = server.metrics()
        assert metrics.value("deliveries_total", outcome="retried") == 2
        assert metrics.value("deliveries_total", outcome="dead") == 1
    assert [record["event"] for record in server.log_records("dead letter")] == [id]


def test_an_absent_receivers_outbox_gives_up_its_oldest(start):
    server = start(MaxOutboxEvents=3)
    receiver = Receiver(server)
    receiver.client.subscribe("weather", "**")
    receiver.lose()
    with server.client() as publisher:
        server.wait_metric(lambda metrics: metrics.value("sessions", state="detached") == 1, "it waits")
        publish(publisher, range(1, 11), count=True)
    for _ in range(4):
        receiver.processed, receiver.seen, receiver.gaps = 0, [], []
        receiver.resume()
        receiver.read(3)
        assert receiver.gaps == [(1, 7)] and receiver.seen == [8, 9, 10]
        receiver.lose()
    receiver.processed = 10
    receiver.resume()
    receiver.client.close()
    assert server.metrics().value("deliveries_total", outcome="dead") == 7


def test_events_reach_who_is_away(start):
    server = start()
    receiver = Receiver(server)
    receiver.lose()
    with server.client() as publisher:
        server.wait_metric(lambda metrics: metrics.value("sessions", state="detached") == 1, "it waits")
        answer = publisher.publish("weather", "x", {"n": 1}, guaranteed=True, count=True, to={"all": True})
        assert answer["receivers"] == 2
        # What is not guaranteed is not kept.
        assert publisher.publish("weather", "x", {"n": 2}, count=True, to={"all": True})["receivers"] == 1
    receiver.resume()
    receiver.read(1)
    assert receiver.seen == [1]
    receiver.client.close()


def test_a_guaranteed_subscription_is_enough(start):
    server = start()
    with server.client() as client, server.client() as other:
        client.subscribe("weather", "**", guaranteed=True)
        other.subscribe("weather", "**")
        client.publish("weather", "x", {"n": 1})
        assert client.event()["offset"] == 1
        assert "offset" not in other.event()
        assert client.error("weather", "subscribe", {"topic": "a", "guaranteed": True, "conflate_ms": 1}) == (
            "application.invalid_data"
        )
