"""`subscribe` and `unsubscribe` (section 3)."""

import pytest

from harness.configuration import configuration


@pytest.fixture(scope="module")
def publisher(server):
    with server.client() as client:
        yield client


MATCHES = [
    ("job.done", ["job.done"]),
    ("job.*", ["job.done", "job.failed"]),
    ("job.**", ["job.done", "job.failed", "job.part.one", "job.part.two.three"]),
    ("*", ["job", "other"]),
    ("*.*", ["job.done", "job.failed", "other.done", "jobs.done-1_x"]),
    ("*.done", ["job.done", "other.done"]),
    ("job.*.one", ["job.part.one"]),
    ("job.*.*.three", ["job.part.two.three"]),
    ("*.part.**", ["job.part.one", "job.part.two.three"]),
    (
        "**",
        ["job", "other", "job.done", "job.failed", "other.done", "job.part.one", "job.part.two.three", "jobs.done-1_x"],
    ),
    ("jobs.*", ["jobs.done-1_x"]),
    ("job", ["job"]),
    ("nothing.**", []),
]

ACTIONS = ["job", "other", "job.done", "job.failed", "other.done", "job.part.one", "job.part.two.three", "jobs.done-1_x"]


@pytest.mark.parametrize(("topic", "expected"), MATCHES, ids=[topic for topic, _ in MATCHES])
def test_topics_match_by_segments(server, publisher, topic, expected):
    with server.client("alice") as client:
        client.subscribe("weather", topic)
        client.subscribe("stocks", "mark")
        for action in ACTIONS:
            publisher.publish("weather", action)
        publisher.publish("stocks", "mark")
        assert [event["action"] for event in client.events_before("mark")] == expected


@pytest.mark.parametrize(
    "topic",
    ["", ".", "a.", ".a", "a..b", "**.a", "a.**.b", "a*", "*a", "***", "A", "a b", "1", "a" * 129, 7, None, ["a"], {}],
)
def test_a_bad_topic_is_invalid_data(publisher, topic):
    assert publisher.error("print", "subscribe", {"topic": topic}) == "application.invalid_data"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"topic": "a", "priority": "urgent"},
        {"topic": "a", "priority": 1},
        {"topic": "a", "guaranteed": "yes"},
        {"topic": "a", "conflate_ms": -1},
        {"topic": "a", "conflate_ms": "1"},
        {"topic": "a", "conflate_ms": 1.5},
        {"topic": "a", "conflate_ms": 100, "guaranteed": True},
        {"topic": "a", "conflate_ms": 100, "conflate_by": 7},
        {"topic": "a", "filter": "x"},
        {"topic": "a", "filter": []},
    ],
    ids=str,
)
def test_bad_data_is_invalid_data(publisher, data):
    assert publisher.error("print", "subscribe", data) == "application.invalid_data"


def test_an_event_has_the_publishers_data(server, publisher, name):
    with server.client("alice") as client:
        client.subscribe("weather", name)
        published = publisher.publish("weather", name, {"n": 1, "nested": {"a": [1, 2]}})
        event = client.event()
        assert event["id"] == published["event"]
        assert (event["type"], event["channel"], event["action"]) == ("event", "weather", name)
        assert event["data"] == {"n": 1, "nested": {"a": [1, 2]}}
        assert "priority" not in event and "offset" not in event and "retained" not in event


def test_the_same_again_gives_the_same_id(server, publisher, name):
    with server.client("alice") as client:
        first = client.subscribe("weather", name)
        assert isinstance(first, str) and first
        assert client.subscribe("weather", name) == first
        assert client.subscribe("stocks", name) != first
        assert client.subscribe("weather", f"{name}.*") != first
        assert client.subscribe("weather", name, filter={"a": 1}) != first
        publisher.publish("weather", name, {"a": 1})
        publisher.publish("weather", f"{name}.mark")
        assert len(client.events_before(f"{name}.mark")) == 1, "an event comes once, however many match"


def test_unsubscribe_by_id(server, publisher, name):
    with server.client("alice") as client:
        subscription = client.subscribe("weather", name)
        client.subscribe("weather", f"{name}.mark")
        assert client.ok("weather", "unsubscribe", {"subscription": subscription}) == {"removed": 1}
        assert client.ok("weather", "unsubscribe", {"subscription": subscription}) == {"removed": 0}
        publisher.publish("weather", name)
        publisher.publish("weather", f"{name}.mark")
        assert client.events_before(f"{name}.mark") == []


def test_unsubscribe_by_topic(server, name):
    with server.client("alice") as client:
        client.subscribe("weather", name)
        client.subscribe("weather", name, filter={"a": 1})
        client.subscribe("weather", f"{name}.*")
        client.subscribe("stocks", name)
        assert client.ok("weather", "unsubscribe", {"topic": name}) == {"removed": 2}
        assert client.ok("weather", "unsubscribe", {"topic": name}) == {"removed": 0}
        assert client.ok("stocks", "unsubscribe", {"topic": name}) == {"removed": 1}


def test_unsubscribe_of_another_session_removes_nothing(server, name):
    with server.client("alice") as client, server.client("alice") as other:
        subscription = client.subscribe("weather", name)
        assert other.ok("weather", "unsubscribe", {"subscription": subscription}) == {"removed": 0}
        assert client.ok("weather", "unsubscribe", {"subscription": subscription}) == {"removed": 1}


@pytest.mark.parametrize("data", [{}, {"subscription": 7}, {"topic": 7}])
def test_unsubscribe_of_nothing_is_invalid_data(publisher, data):
    assert publisher.error("weather", "unsubscribe", data) == "application.invalid_data"


def test_the_number_of_subscriptions_is_bounded(start_server):
    server = start_server(configuration(Session={"MaxSubscriptions": 3}))
    with server.client() as client:
        for number in range(3):
            client.subscribe("print", f"topic{number}")
        assert client.error("print", "subscribe", {"topic": "topic3"}) == "application.conflict"
        client.subscribe("print", "topic0")
        client.ok("print", "unsubscribe", {"topic": "topic0"})
        client.subscribe("print", "topic3")
    with server.client() as client:
        client.subscribe("print", "topic3")


def test_subscriptions_are_counted_and_end_with_the_session(start_server):
    server = start_server()
    with server.client() as client:
        client.subscribe("print", "a")
        client.subscribe("print", "b")
        client.subscribe("network", "a")
        server.wait_metric(lambda metrics: metrics.value("subscriptions", channel="print") == 2, "two on print")
        assert server.metrics().value("subscriptions", channel="network") == 1
    server.wait_metric(
        lambda metrics: metrics.value("subscriptions", channel="print") == 0
        and metrics.value("subscriptions", channel="network") == 0
        and metrics.value("sessions", state="live") == 0,
        "none left",
    )


def test_a_subscription_has_its_own_priority(server, publisher, name):
    with server.client("alice") as client:
        client.subscribe("weather", name, priority="high")
        publisher.publish("weather", name, priority="low")
        assert client.event()["priority"] == "high"


def test_the_highest_priority_of_the_subscriptions_counts(server, publisher, name):
    with server.client("alice") as client:
        client.subscribe("weather", name, priority="low")
        client.subscribe("weather", f"{name}.**", priority="low")
        client.subscribe("weather", f"{name}.*", priority="critical")
        publisher.publish("weather", f"{name}.x")
        assert client.event()["priority"] == "critical"
