"""Conflation (section 3): of many events of one action, the first at once, then the latest of each interval."""

import time

import pytest

from harness.patience import PATIENCE


@pytest.fixture
def pair(server):
    with server.client("alice") as client, server.client() as publisher:
        yield client, publisher


def burst(publisher, action, documents):
    """Publishes all at once, in one go, and waits until all are accepted."""
    ids = [publisher.post("weather", "publish", {"action": action, "data": document}) for document in documents]
    for id in ids:
        assert publisher.response(id)["status"] == "ok"


def test_the_first_at_once_and_the_latest_at_the_end(pair, name):
    client, publisher = pair
    client.subscribe("weather", name, conflate_ms=1500)
    started = time.monotonic()
    burst(publisher, name, [{"n": number} for number in range(20)])
    assert client.event()["data"] == {"n": 0}
    assert time.monotonic() - started < 1.2 * PATIENCE, "the first does not wait"
    assert client.event()["data"] == {"n": 19}
    assert time.monotonic() - started >= 1.4, "the latest waits for the end of the interval"
    # Nothing of the burst is left: the next is the next one published.
    burst(publisher, name, [{"n": 100}])
    assert client.event()["data"] == {"n": 100}


def test_after_a_quiet_interval_the_next_goes_at_once(pair, name):
    client, publisher = pair
    client.subscribe("weather", name, conflate_ms=300)
    client.subscribe("weather", f"{name}.mark")
    publisher.publish("weather", name, {"n": 0})
    assert client.event()["data"] == {"n": 0}
    time.sleep(0.5)
    publisher.publish("weather", name, {"n": 1})
    publisher.publish("weather", f"{name}.mark")
    assert [event["data"] for event in client.events_before(f"{name}.mark")] == [{"n": 1}]


def test_each_action_has_its_own_interval(pair, name):
    client, publisher = pair
    client.subscribe("weather", f"{name}.*", conflate_ms=1000)
    for action in ("a", "b"):
        burst(publisher, f"{name}.{action}", [{"n": number} for number in range(3)])
    events = [client.event() for _ in range(4)]
    seen = {action: [e["data"]["n"] for e in events if e["action"] == f"{name}.{action}"] for action in ("a", "b")}
    assert seen == {"a": [0, 2], "b": [0, 2]}


def test_conflate_by_a_member(pair, name):
    client, publisher = pair
    client.subscribe("weather", name, conflate_ms=1000, conflate_by="printer")
    burst(publisher, name, [{"printer": printer, "n": number} for number in range(5) for printer in ("a", "b", 1)])
    burst(publisher, name, [{"n": number} for number in range(5)])
    events = [client.event()["data"] for _ in range(8)]
    for printer in ("a", "b", 1, None):
        assert [event["n"] for event in events if event.get("printer") == printer] == [0, 4]


def test_conflated_only_if_all_subscriptions_are(pair, name):
    client, publisher = pair
    client.subscribe("weather", name, conflate_ms=1000)
    client.subscribe("weather", f"{name}.**", conflate_ms=0)
    client.subscribe("weather", name, filter={"n": {"exists": True}})
    burst(publisher, name, [{"n": number} for number in range(5)])
    assert [client.event()["data"]["n"] for _ in range(5)] == list(range(5))


def test_unsubscribing_ends_it(pair, name):
    client, publisher = pair
    subscription = client.subscribe("weather", name, conflate_ms=400)
    client.subscribe("weather", f"{name}.mark")
    burst(publisher, name, [{"n": 0}, {"n": 1}])
    assert client.event()["data"] == {"n": 0}
    client.ok("weather", "unsubscribe", {"subscription": subscription})
    time.sleep(0.6)
    publisher.publish("weather", f"{name}.mark")
    assert [event["data"] for event in client.events_before(f"{name}.mark")] in ([], [{"n": 1}])
