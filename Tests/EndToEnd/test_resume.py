"""Sessions that outlive their connection (section 3): resume, takeover, refresh, over both loops."""

import json

import pytest

from harness.client import code_of
from harness.configuration import configuration
from harness.patience import wait_until
from harness.receiver import Receiver

#: So many attempts that a client has been on each of two loops with all but certainty.
TRIES = 8


@pytest.fixture
def server(start_server):
    return start_server(
        configuration(Channels=["weather"], Session={"ResumeWindow": 30}),
        keys=[("alice", "*:publish", "*:subscribe"), ("bob", "*:publish", "*:subscribe")],
    )


def test_a_session_goes_on_on_either_loop(server):
    receiver = Receiver(server)
    receiver.client.subscribe("weather", "**")
    with server.client() as publisher:
        for number in range(1, TRIES + 1):
            receiver.lose()
            publisher.publish("weather", "x", {"n": number}, guaranteed=True)
            data = receiver.resume()
            assert data["session"] == receiver.session["session"] and data["resumed"] is True
            assert receiver.client.ok("system", "whoami")["session"] == receiver.session["session"]
            receiver.read(number)
            receiver.ack()
    assert receiver.seen == list(range(1, TRIES + 1))
    server.wait_metric(lambda metrics: metrics.value("deliveries_total", outcome="acked") == TRIES, "all are acked")
    receiver.client.close()


def test_nothing_is_missing_nor_out_of_order_while_events_arrive(server):
    receiver = Receiver(server)
    receiver.client.subscribe("weather", "**")
    count = 400
    with server.client() as publisher:
        for number in range(1, count + 1):
            publisher.post("weather", "publish", {"action": "x", "data": {"n": number}, "guaranteed": True})
            if number % 40 == 0:
                receiver.read(number // 2)
                receiver.ack()
                if number % 80 == 0:
                    receiver.lose()
                receiver.resume()
        while len(receiver.seen) < count:
            receiver.read(min(count, len(receiver.seen) + 20))
            receiver.ack()
    assert receiver.seen == list(range(1, count + 1)) and receiver.gaps == []
    server.wait_metric(lambda metrics: metrics.value("outbox_events") == 0, "nothing waits")
    receiver.client.close()


def test_a_live_session_is_taken_over_with_4409(server):
    receiver = Receiver(server)
    for _ in range(TRIES):
        old = receiver.client
        receiver.resume()
        assert old.closed() == (4409, "")
    metrics = server.metrics()
    assert metrics.value("sessions_resumed_total", outcome="taken_over") == TRIES
    assert metrics.value("sessions", state="live") == 1
    receiver.client.close()


def test_a_close_with_1000_ends_the_session(server):
    for _ in range(TRIES):
        receiver = Receiver(server)
        receiver.resume()
        receiver.client.close()
        server.wait_metric(lambda metrics: metrics.total("sessions") == 0, "the session has ended")
        with server.client() as client:
            request = receiver.request(0)
            assert client.error("system", "resume", request) == "authentication.session"


def test_what_is_refused(server):
    receiver = Receiver(server, "alice")
    request = receiver.request(0)
    with server.client("bob") as bob:
        assert bob.error("system", "resume", request) == "authentication.session"
    for _ in range(TRIES // 2):
        with server.client("alice") as alice:
            assert alice.error("system", "resume", request | {"token": "hs_wrong"}) == "authentication.session"
            assert alice.error("system", "resume", request | {"session": "s1-unknown"}) == "authentication.session"
            assert alice.error("system", "resume", request | {"offset": 1}) == "application.invalid_data"
            assert alice.error("system", "resume", request | {"offset": -1}) == "application.invalid_data"
            alice.subscribe("weather", "x")
            assert alice.error("system", "resume", request) == "application.conflict"
    receiver.client.close()


def test_the_old_token_stays_good_until_the_new_one_arrives(server):
    receiver = Receiver(server)
    first = receiver.session["token"]
    for _ in range(3):
        # The answer is lost.
        receiver.lose()
        receiver.client = server.client()
        receiver.client.post("system", "resume", receiver.request(0))
        receiver.client.receive()
    receiver.lose()
    receiver.resume()
    receiver.client.ok("system", "ping")
    with server.client() as client:
        assert client.error("system", "resume", receiver.request(0) | {"token": first}) == "authentication.session"
    receiver.client.close()


def test_a_session_expires_after_its_window(start_server):
    server = start_server(configuration(Session={"ResumeWindow": 0.5}))
    receiver = Receiver(server)
    receiver.client.subscribe("print", "**")
    receiver.lose()
    server.wait_metric(lambda metrics: metrics.value("sessions", state="detached") == 1, "it waits")
    metrics = server.wait_metric(lambda metrics: metrics.value("sessions", state="detached") == 0, "it has expired")
    assert metrics.total("subscriptions") == 0
    with server.client() as client:
        assert client.error("system", "resume", receiver.request(0)) == "authentication.session"


def test_the_longest_detached_goes_first(start_server):
    server = start_server(configuration(Session={"MaxDetached": 2}, ThreadPoolSize=4))
    receivers = [Receiver(server) for _ in range(5)]
    for number, receiver in enumerate(receivers, start=1):
        receiver.lose()
        expected = min(number, 2)
        server.wait_metric(
            lambda metrics, expected=expected, number=number: metrics.value("sessions", state="detached") == expected
            and metrics.value("sessions", state="live") == 5 - number,
            f"{expected} wait",
        )
    for receiver in receivers[:3]:
        with server.client() as client:
            assert client.error("system", "resume", receiver.request(0)) == "authentication.session"
    for receiver in receivers[3:]:
        receiver.resume()
        receiver.client.close()


def test_refresh_gives_a_token_on_either_loop(server):
    receiver = Receiver(server)
    for _ in range(TRIES):
        receiver.resume()
        token = receiver.client.ok("system", "refresh")["token"]
        server.secrets.add(token)
        receiver.session["token"] = receiver.client.session["token"] = token
        receiver.client.ok("system", "ping")
    assert receiver.client.error("system", "refresh", {"key": "hk_wrong"}) == "authentication.invalid"
    assert receiver.client.error("system", "refresh", {"key": server.keys["bob"].token}) == "authentication.invalid"
    receiver.client.close()


def test_subscriptions_are_changed_from_either_loop(server):
    receiver = Receiver(server)
    with server.client() as publisher:
        for number in range(TRIES):
            receiver.resume()
            assert receiver.client.subscribe("weather", f"a{number}") == f"sub-{number + 1}"
            assert publisher.publish("weather", f"a{number}", count=True)["receivers"] == 1
            assert receiver.client.event()["action"] == f"a{number}"
            assert receiver.client.ok("weather", "unsubscribe", {"topic": f"a{number}"}) == {"removed": 1}
            assert publisher.publish("weather", f"a{number}", count=True)["receivers"] == 0
    receiver.client.close()


def test_an_ack_needs_a_token_and_one_name(server):
    receiver = Receiver(server)
    receiver.client.send({"type": "ack", "offset": 1})
    answer = receiver.client.receive()
    assert code_of(answer) == "authentication.missing"
    auth = {"token": receiver.session["token"]}
    receiver.client.send({"type": "ack", "offset": 1, "id": "e1-0-1", "auth": auth})
    assert code_of(receiver.client.receive()) == "protocol.invalid_field"
    before = server.metrics().value("stale_references_total")
    receiver.client.send(json.dumps({"type": "ack", "id": "e1-0-1", "auth": auth}))
    receiver.client.ok("system", "ping")
    wait_until(lambda: server.metrics().value("stale_references_total") == before + 1, "it is counted")
    receiver.client.close()
