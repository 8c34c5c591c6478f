"""`publish` (section 3): receivers, `to`, `retain`, `key`, over both loops."""

import contextlib

import pytest

from harness.configuration import configuration


@pytest.fixture
def publisher(server):
    with server.client() as client:
        yield client


@contextlib.contextmanager
def clients(server, count, identity="alice"):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.client(identity)) for _ in range(count)]


def test_the_response_names_the_event(publisher, name):
    first = publisher.publish("weather", name)
    assert set(first) == {"event"}
    assert publisher.publish("weather", name)["event"] != first["event"]


def test_the_publisher_gets_its_own_event(publisher, name):
    publisher.subscribe("weather", name)
    id = publisher.publish("weather", name)["event"]
    assert publisher.event()["id"] == id


@pytest.mark.parametrize("channel", ["print", "network", "file", "weather", "stocks"])
def test_channels_to_publish_on(publisher, channel, name):
    publisher.subscribe(channel, name)
    publisher.publish(channel, name, {"a": 1})
    event = publisher.event()
    assert (event["channel"], event["data"]) == (channel, {"a": 1})


def test_nobody_publishes_on_system(publisher):
    assert publisher.error("system", "publish", {"action": "status_update"}) == "authentication.forbidden"


def test_an_event_without_data_has_an_empty_object(publisher, name):
    publisher.subscribe("weather", name)
    publisher.ok("weather", "publish", {"action": name})
    assert publisher.event()["data"] == {}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"action": ""},
        {"action": "A"},
        {"action": "a.*"},
        {"action": "a" * 129},
        {"action": 7},
        {"action": "a", "data": []},
        {"action": "a", "data": "text"},
        {"action": "a", "priority": "urgent"},
        {"action": "a", "priority": 1},
        {"action": "a", "retain": "yes"},
        {"action": "a", "count": 1},
        {"action": "a", "guaranteed": "no"},
        {"action": "a", "key": ""},
        {"action": "a", "key": "x" * 129},
        {"action": "a", "key": 7},
        {"action": "a", "to": "alice"},
        {"action": "a", "to": {"identity": 7}},
        {"action": "a", "to": {"session": []}},
        {"action": "a", "to": {"all": "yes"}},
    ],
    ids=lambda data: str(data)[:40],
)
def test_bad_data_is_invalid_data(publisher, data):
    assert publisher.error("weather", "publish", data) == "application.invalid_data"


@pytest.mark.parametrize("priority", ["critical", "high", "normal", "low"])
def test_priority_is_told_unless_normal(publisher, name, priority):
    publisher.subscribe("weather", name)
    publisher.publish("weather", name, priority=priority)
    assert publisher.event().get("priority") == (None if priority == "normal" else priority)


def test_data_is_passed_on_as_it_was_sent(publisher, name):
    publisher.subscribe("weather", name)
    data = '{"n":1e400,"m":1.10,"s":"\\u0041\\/","a":[ 1 ]}'
    publisher.send(
        '{"type":"command","id":"exact","channel":"weather","action":"publish","auth":{"token":"%s"},'
        '"data":{"action":"%s","data":%s}}' % (publisher.session["token"], name, data)
    )
    texts = [publisher.socket.recv(10) for _ in range(2)]
    assert any(f'"data":{data}' in text for text in texts), texts


def test_events_of_one_publisher_arrive_in_order(server, publisher, name):
    with clients(server, 4) as subscribers:
        for client in subscribers:
            client.subscribe("weather", name)
        ids = [publisher.post("weather", "publish", {"action": name, "data": {"n": n}}) for n in range(300)]
        for id in ids:
            assert publisher.response(id)["status"] == "ok"
        for client in subscribers:
            assert [client.event()["data"]["n"] for _ in range(300)] == list(range(300))


# Counting


def test_receivers_are_counted_exactly_over_both_loops(server, publisher, name):
    with clients(server, 50) as subscribers:
        assert publisher.publish("weather", name, count=True)["receivers"] == 0
        for number, client in enumerate(subscribers, start=1):
            client.subscribe("weather", name)
            client.subscribe("weather", f"{name}.**")
            if number % 7 == 0:
                assert publisher.publish("weather", name, {"n": number}, count=True)["receivers"] == number
        assert publisher.publish("weather", f"{name}.last", {"n": 50}, count=True)["receivers"] == 50
        for number, client in enumerate(subscribers, start=1):
            expected = [n for n in range(7, 50, 7) if n >= number]
            events = client.events_before(f"{name}.last")
            assert [event["data"]["n"] for event in events] == expected


def test_a_session_counts_once(publisher, name):
    publisher.subscribe("weather", name)
    publisher.subscribe("weather", "*")
    publisher.subscribe("weather", "**")
    assert publisher.publish("weather", name, count=True)["receivers"] == 1


def test_a_filter_counts(publisher, name):
    publisher.subscribe("weather", name, filter={"v": 1})
    assert publisher.publish("weather", name, {"v": 1}, count=True)["receivers"] == 1
    assert publisher.publish("weather", name, {"v": 2}, count=True)["receivers"] == 0


def test_a_closed_connection_does_not_count(server, publisher, name):
    with clients(server, 2) as subscribers:
        for client in subscribers:
            client.subscribe("weather", name)
        before = server.metrics().value("subscriptions", channel="weather")
        subscribers[0].close()
        server.wait_metric(lambda metrics: metrics.value("subscriptions", channel="weather") == before - 1, "gone")
        assert publisher.publish("weather", name, count=True)["receivers"] == 1


# To


def test_to_an_identity(server, publisher, name):
    with clients(server, 3, "alice") as alices, clients(server, 3, "bob") as bobs:
        for client in (*alices, *bobs):
            client.subscribe("weather", f"{name}.**")
        answer = publisher.publish("weather", f"{name}.x", {"n": 1}, count=True, to={"identity": "alice"})
        assert answer["receivers"] == 3
        publisher.publish("weather", f"{name}.mark")
        for client in alices:
            assert len(client.events_before(f"{name}.mark")) == 1
        for client in bobs:
            assert client.events_before(f"{name}.mark") == []


def test_to_a_session(server, publisher, name):
    with clients(server, 4) as subscribers:
        for client in subscribers:
            client.subscribe("weather", f"{name}.**")
        for chosen in subscribers:
            target = {"session": chosen.session["session"]}
            assert publisher.publish("weather", f"{name}.x", count=True, to=target)["receivers"] == 1
        publisher.publish("weather", f"{name}.mark")
        for client in subscribers:
            assert len(client.events_before(f"{name}.mark")) == 1


def test_to_narrows_the_subscribers(server, publisher, name):
    with clients(server, 1) as (client,):
        target = {"session": client.session["session"]}
        assert publisher.publish("weather", name, count=True, to=target)["receivers"] == 0
        client.subscribe("weather", name)
        both = target | {"identity": "alice"}
        assert publisher.publish("weather", name, count=True, to=both)["receivers"] == 1
        assert publisher.publish("weather", name, count=True, to=target | {"identity": "bob"})["receivers"] == 0
        assert publisher.publish("weather", name, count=True, to={"identity": "nobody-here"})["receivers"] == 0
        assert publisher.publish("weather", name, count=True, to={"session": "none"})["receivers"] == 0


def test_to_all_reaches_every_session(start_server, name):
    server = start_server(keys=[("alice", "*:publish", "*:subscribe")])
    with server.client() as admin, clients(server, 6) as others:
        others[0].subscribe("print", "**")
        answer = admin.publish("print", name, {"n": 1}, count=True, to={"all": True})
        assert answer["receivers"] == 7
        for client in (admin, *others):
            assert (client.event()["action"], client.events) == (name, [])


def test_to_all_needs_the_administrator(server):
    with server.client("alice") as client:
        request = {"action": "a", "to": {"all": True}}
        assert client.error("weather", "publish", request) == "authentication.forbidden"


# Retained events: on a server of their own, since they reach every later subscriber


@pytest.fixture(scope="module")
def retaining(start_shared):
    return start_shared(configuration(Channels=["weather", "stocks"]), keys=[("alice", "*:publish", "*:subscribe")])


@pytest.fixture
def retainer(retaining):
    with retaining.client() as client:
        yield client


def test_a_new_subscriber_gets_the_retained_event_at_once(retaining, retainer, name):
    retainer.publish("weather", f"{name}.a", {"n": 1}, retain=True)
    retainer.publish("weather", f"{name}.a", {"n": 2}, retain=True)
    retainer.publish("weather", f"{name}.a", {"n": 3})
    retainer.publish("weather", f"{name}.b", {"n": 4}, retain=True)
    retainer.publish("stocks", f"{name}.a", {"n": 5}, retain=True)
    # On either loop.
    with clients(retaining, 4) as subscribers:
        for client in subscribers:
            client.subscribe("weather", f"{name}.*")
            events = [client.event(), client.event()]
            assert all(event["retained"] is True for event in events)
            assert {event["action"]: event["data"]["n"] for event in events} == {f"{name}.a": 2, f"{name}.b": 4}
            retainer.publish("weather", f"{name}.live")
            live = client.event()
            assert live["action"] == f"{name}.live" and "retained" not in live


def test_a_retained_event_keeps_its_id(retaining, retainer, name):
    id = retainer.publish("weather", name, {"n": 1}, retain=True)["event"]
    with retaining.client("alice") as client:
        client.subscribe("weather", name)
        assert client.event()["id"] == id


def test_a_live_subscriber_gets_it_unmarked(retaining, retainer, name):
    with retaining.client("alice") as client:
        client.subscribe("weather", name)
        retainer.publish("weather", name, retain=True)
        assert "retained" not in client.event()


def test_a_filter_holds_for_retained_events(retaining, retainer, name):
    retainer.publish("weather", f"{name}.a", {"v": 1}, retain=True)
    retainer.publish("weather", f"{name}.b", {"v": 2}, retain=True)
    with retaining.client("alice") as client:
        client.subscribe("weather", f"{name}.*", filter={"v": 2})
        assert client.event()["action"] == f"{name}.b"
        retainer.publish("weather", f"{name}.mark", {"v": 2})
        assert client.events_before(f"{name}.mark") == []


def test_the_least_recently_set_goes_first(start_server):
    server = start_server(configuration(MaxRetained=2, ThreadPoolSize=1))
    with server.client() as client:
        for action, number in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
            client.publish("print", action, {"n": number}, retain=True)
        client.subscribe("print", "*")
        client.publish("print", "mark")
        events = client.events_before("mark")
        assert {event["action"]: event["data"]["n"] for event in events} == {"a": 3, "c": 4}


def test_nothing_is_retained_with_a_maximum_of_zero(start_server):
    server = start_server(configuration(MaxRetained=0))
    with server.client() as client:
        client.publish("print", "a", retain=True)
        client.subscribe("print", "*")
        client.publish("print", "mark")
        assert client.events_before("mark") == []


# Idempotent publishing


def test_the_same_key_publishes_once(server, name):
    with server.client("alice") as subscriber, clients(server, 6, "bob") as bobs:
        subscriber.subscribe("weather", f"{name}.**")
        ids = {bob.publish("weather", f"{name}.x", {"n": n}, key=f"{name}-key")["event"] for n, bob in enumerate(bobs)}
        assert len(ids) == 1, "over two loops, one event"
        bobs[0].publish("weather", f"{name}.mark")
        (event,) = subscriber.events_before(f"{name}.mark")
        assert (event["id"], event["data"]) == (ids.pop(), {"n": 0})


def test_a_key_belongs_to_identity_and_channel(server, name):
    with server.client("alice") as alice, server.client("bob") as bob:
        events = {
            alice.publish("weather", name, key=name)["event"],
            alice.publish("stocks", name, key=name)["event"],
            alice.publish("weather", name, key=f"{name}2")["event"],
            bob.publish("weather", name, key=name)["event"],
        }
        assert len(events) == 4


def test_keys_at_their_bounds(publisher, name):
    for key in ("k", "k" * 128, "é" * 64, f"{name} with spaces/and:more"):
        first = publisher.publish("weather", name, key=key)["event"]
        assert publisher.publish("weather", name, key=key)["event"] == first


def test_published_events_are_counted(start_server, name):
    server = start_server()
    with server.client() as client:
        client.subscribe("print", "**")
        for _ in range(5):
            client.publish("print", name)
        client.publish("print", name, key="k")
        client.publish("print", name, key="k")
        client.publish("network", name)
        for _ in range(6):
            client.event()
        metrics = server.wait_metric(
            lambda metrics: metrics.value("deliveries_total", outcome="sent") == 6, "six first sendings"
        )
        assert metrics.value("events_published_total", channel="print") == 6
        assert metrics.value("events_published_total", channel="network") == 1
        assert metrics.value("messages_sent_total", type="event") == 7, "the session's event and six"
        assert metrics.value("delivery_latency_seconds_count") == 6
        assert metrics.value("commands_total", channel="print", status="ok") == 8
