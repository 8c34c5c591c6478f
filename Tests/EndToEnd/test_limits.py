"""Rate limits (section 10): connections of an address, messages and bytes of a connection, messages of an identity.

Rates are so slow here that no test depends on how fast the machine is: what a bucket holds is all there is."""

import contextlib
import signal
import threading

import pytest
from websockets.exceptions import InvalidStatus

from harness.client import code_of
from harness.configuration import configuration
from harness.patience import wait_until

SLOW = 0.001


def limits(**changes):
    return configuration(RateLimits=changes)


def limited(response):
    """The time to wait that an answer names, in milliseconds."""
    assert code_of(response) == "connection.rate_limited", response
    assert response["error"]["retryable"] is True
    assert isinstance(response["error"]["retry_after_ms"], int)
    return response["error"]["retry_after_ms"]


def outcome(server, source, token=None, **changes):
    """What becomes of a handshake from an address: the response, or None if the socket was closed without one."""
    with server.raw(source=source) as raw:
        try:
            return raw.upgrade(token or server.admin.token, **changes)
        except (EOFError, ConnectionError):
            return None


# Messages of a connection


def test_the_burst_passes_and_what_is_over_it_is_answered(start_server):
    server = start_server(limits(MessagesPerConnection={"Rate": SLOW, "Burst": 5}))
    with server.client() as client, server.client() as other:
        for _ in range(5):
            client.ok("system", "ping")
        for _ in range(3):
            response = client.request("print", "subscribe", {"topic": "**"})
            assert 900_000 < limited(response) <= 1_000_000
        other.ok("system", "ping")
        metrics = server.metrics()
        assert metrics.value("rate_limited_total", limit="messages_per_connection") == 3
        assert metrics.value("errors_total", category="connection", code="rate_limited") == 3
        assert metrics.value("subscriptions", channel="print") == 0, "it was not processed"


def test_who_waits_as_told_gets_through(start_server):
    server = start_server(limits(MessagesPerConnection={"Rate": 4, "Burst": 1}))
    with server.client() as client:
        client.ok("system", "ping")
        refused = client.request("system", "ping")
        while refused["status"] == "ok":
            # The machine was slow, and a token has come meanwhile.
            refused = client.request("system", "ping")
        assert 0 < limited(refused) <= 250
        with pytest.raises(TimeoutError):
            client.socket.recv(limited(refused) / 1000)
        client.ok("system", "ping")


@pytest.mark.parametrize(
    "text, id, channel, action",
    [
        ("{", None, "system", "error"),
        ('{"id":"x","type":"event"}', "x", "system", "error"),
        ('{"type":"ack","id":"e1-0-1"}', "e1-0-1", "system", "error"),
        ('{"type":"command","id":"y","channel":"print","action":"job.start"}', "y", "print", "job.start"),
    ],
)
def test_it_is_answered_as_far_as_it_can_be_read(start_server, text, id, channel, action):
    server = start_server(limits(MessagesPerConnection={"Rate": SLOW, "Burst": 1}))
    with server.client() as client:
        client.ok("system", "ping")
        client.send(text)
        response = client.receive()
        limited(response)
        assert (response["id"], response["channel"], response["action"]) == (id, channel, action)


@pytest.mark.parametrize("maximum", [1, 7])
def test_too_many_violations_close_with_4429(start_server, maximum):
    server = start_server(limits(MessagesPerConnection={"Rate": SLOW, "Burst": 2}, MaxRateViolations=maximum))
    with server.client() as client:
        ids = [client.post("system", "ping") for _ in range(2 + maximum)]
        assert client.closed() == (4429, "connection.rate_limited")
        assert [client.responses[id]["status"] for id in ids] == ["ok"] * 2 + ["error"] * maximum
    metrics = server.wait_metric(lambda metrics: metrics.value("connections_closed_total", code="4429") == 1, "it ended")
    assert metrics.value("errors_total", category="connection", code="rate_limited") == maximum
    with server.client() as client:
        client.ok("system", "ping")


def test_bytes_of_a_connection(start_server):
    settings = limits(BytesPerConnection={"Rate": SLOW, "Burst": 1500})
    settings["MaxMessageBytes"] = 1000
    server = start_server(settings)
    with server.client() as client:
        client.ok("system", "ping", {"x": "x" * 700})
        assert limited(client.request("system", "ping", {"x": "x" * 700})) > 1_000_000
        client.ok("system", "ping", {"x": "x" * 100})
    assert server.metrics().value("rate_limited_total", limit="bytes_per_connection") == 1


def test_echo_has_no_errors_and_is_closed(start_server):
    settings = limits(MessagesPerConnection={"Rate": SLOW, "Burst": 2})
    settings["DiagnosticEcho"] = True
    server = start_server(settings)
    with server.client(subprotocols=["echo"]) as client:
        for text in ("a", "b"):
            client.socket.send(text)
            assert client.socket.recv(10) == text
        client.socket.send("c")
        assert client.closed() == (4429, "connection.rate_limited")


# Messages of an identity


@pytest.mark.parametrize("loops", [1, 2])
def test_an_identity_shares_its_rate_exactly(start_server, loops):
    settings = limits(MessagesPerIdentity={"Rate": SLOW, "Burst": 100}, MaxRateViolations=1000)
    settings["ThreadPoolSize"] = loops
    server = start_server(settings, keys=[("alice", "*:*"), ("bob", "*:*")])
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.client("alice")) for _ in range(8)]
        bob = stack.enter_context(server.client("bob"))
        passed = []

        def flood(client):
            for id in [client.post("system", "ping") for _ in range(40)]:
                passed.append(client.response(id)["status"] == "ok")

        threads = [threading.Thread(target=flood, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (passed.count(True), len(passed)) == (100, 320)
        bob.ok("system", "ping")
        assert server.metrics().value("rate_limited_total", limit="messages_per_identity") == 220
    # To come back refills nothing.
    server.wait_metric(lambda metrics: metrics.value("connections", state="connected") == 0, "all have left")
    with server.client("alice") as client:
        limited(client.request("system", "ping"))


# Connections of an address


def test_connections_of_an_address(start_server):
    server = start_server(limits(ConnectionsPerAddress={"Rate": SLOW, "Burst": 3}))
    assert [outcome(server, "127.0.0.2").status for _ in range(3)] == [101, 101, 101]
    for _ in range(2):
        refused = outcome(server, "127.0.0.2")
        assert (refused.status, refused.error()) == (429, "connection.rate_limited")
        assert 900 < int(refused.headers["retry-after"]) <= 1000
    assert outcome(server, "127.0.0.3").status == 101
    metrics = server.metrics()
    assert metrics.value("rate_limited_total", limit="connections_per_address") == 2
    assert metrics.value("handshakes_rejected_total", code="connection.rate_limited") == 2
    assert not server.log_records("connection refused")


def test_a_client_library_sees_the_429(start_server):
    server = start_server(limits(ConnectionsPerAddress={"Rate": SLOW, "Burst": 1}))
    with server.client(source_address=("127.0.0.2", 0)) as client:
        client.ok("system", "ping")
        with pytest.raises(InvalidStatus) as refused:
            server.client(source_address=("127.0.0.2", 0))
        assert refused.value.response.status_code == 429
        assert 900 < int(refused.value.response.headers["Retry-After"]) <= 1000
        client.ok("system", "ping")


def test_who_waits_as_told_may_connect(start_server):
    server = start_server(limits(ConnectionsPerAddress={"Rate": 1, "Burst": 1}))
    refused = None
    while refused is None or refused.status == 101:
        refused = outcome(server, "127.0.0.2")
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    wait_until(lambda: outcome(server, "127.0.0.2").status == 101, "a token comes", interval=1)


@pytest.mark.parametrize("loops", [1, 2])
def test_the_rate_of_an_address_is_exact_over_loops(start_server, loops):
    settings = limits(ConnectionsPerAddress={"Rate": SLOW, "Burst": 10})
    settings["ThreadPoolSize"] = loops
    server = start_server(settings)
    start = threading.Barrier(30)
    answers = []

    def attempt():
        start.wait()
        answers.append(outcome(server, "127.0.0.7"))

    threads = [threading.Thread(target=attempt) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer is not None and answer.status == 101 for answer in answers) == 10
    assert all(answer.status == 429 for answer in answers if answer is not None and answer.status != 101)
    assert server.metrics().value("rate_limited_total", limit="connections_per_address") == 20


def test_checks_before_and_after_the_rate(start_server):
    server = start_server(limits(ConnectionsPerAddress={"Rate": SLOW, "Burst": 1}))
    assert outcome(server, "127.0.0.2").status == 101
    assert outcome(server, "127.0.0.2", target="/elsewhere").status == 404
    assert outcome(server, "127.0.0.2", Sec_WebSocket_Version="8").status == 426
    assert outcome(server, "127.0.0.2", subprotocols=("other",)).status == 429
    assert outcome(server, "127.0.0.2", token="hk_wrong").status == 429


# Behind a proxy


def test_a_trusted_proxy_names_its_client(start_server):
    settings = limits(ConnectionsPerAddress={"Rate": SLOW, "Burst": 2})
    settings["TrustedProxies"] = ["127.0.0.8/29", "192.0.2.0/24"]
    server = start_server(settings)

    def through_proxy(forwarded):
        return outcome(server, "127.0.0.9", X_Forwarded_For=forwarded).status

    assert [through_proxy("203.0.113.7") for _ in range(3)] == [101, 101, 429]
    assert through_proxy("203.0.113.8") == 101
    # What the client wrote itself stands left, and counts for nothing; a second trusted proxy is passed over.
    assert through_proxy("203.0.113.99, 203.0.113.7") == 429
    assert through_proxy("203.0.113.7, 192.0.2.55") == 429
    # All addresses of a /64 are one.
    assert [through_proxy(f"2001:db8::{host}") for host in ("1", "ffff", "1:2:3:4")] == [101, 101, 429]
    assert through_proxy("2001:db8:0:1::1") == 101
    # Who is not trusted cannot say who it is.
    assert [outcome(server, "127.0.0.2", X_Forwarded_For=f"203.0.113.{n}").status for n in range(20, 23)] == [101, 101, 429]
    # The log names the client.
    assert any(record["address"] == "203.0.113.8" for record in server.log_records("connection opened"))


def test_the_share_of_handshakes_is_that_of_the_client(start_server):
    settings = configuration(MaxHandshakes=30, ThreadPoolSize=1, TrustedProxies=["127.0.0.9"])
    server = start_server(settings)
    with contextlib.ExitStack() as stack:
        # A proxy's connections are not bounded by its own share: ten wait here at once, of three that an address gets.
        raws = [stack.enter_context(server.raw(source="127.0.0.9")) for _ in range(10)]
        server.wait_metric(lambda metrics: metrics.value("connections", state="connecting") == 10, "ten wait")
        for number, raw in enumerate(raws):
            assert raw.upgrade(server.admin.token, X_Forwarded_For=f"203.0.113.{number}").status == 101


# On trial, and reload


def test_a_limit_on_trial_counts_and_refuses_nothing(start_server):
    trial = {"Rate": SLOW, "Burst": 2, "DryRun": True}
    server = start_server(
        configuration(
            RateLimits={
                "ConnectionsPerAddress": trial,
                "MessagesPerConnection": trial,
                "MessagesPerIdentity": trial,
                "MaxRateViolations": 1,
            },
            Blocking={"After": 1},
            ThreadPoolSize=1,
        )
    )
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.client(source_address=("127.0.0.2", 0))) for _ in range(4)]
        for _ in range(5):
            clients[0].ok("system", "ping")
    metrics = server.metrics()
    assert metrics.value("rate_limited_total", limit="connections_per_address") == 2
    assert metrics.value("rate_limited_total", limit="messages_per_connection") == 3
    assert metrics.value("rate_limited_total", limit="messages_per_identity") == 3
    assert metrics.total("blocks_total") == 0
    told = {record["limit"]: record for record in server.log_records("over a limit (dry run)")}
    assert set(told) == {"connections_per_address", "messages_per_connection", "messages_per_identity"}
    assert len(server.log_records("over a limit (dry run)")) == 3, "one line a minute"
    assert told["connections_per_address"]["address"] == "127.0.0.2"
    assert told["messages_per_identity"]["identity"] == "admin"


def test_a_reload_changes_the_limits_of_connections_that_are(start_server):
    server = start_server(configuration())
    with server.client() as client:
        for _ in range(20):
            client.ok("system", "ping")
        settings = limits(MessagesPerConnection={"Rate": SLOW, "Burst": 3})
        server.write_configuration(settings)
        server.signal(signal.SIGHUP)
        wait_until(lambda: client.request("system", "ping")["status"] == "error", "the limit holds")
        server.write_configuration(configuration())
        server.signal(signal.SIGHUP)
        wait_until(lambda: client.request("system", "ping")["status"] == "ok", "it does not any more")
        for _ in range(20):
            client.ok("system", "ping")


def test_limits_are_no_longer_said_to_be_without_effect(start_server):
    server = start_server(
        configuration(RateLimits={"MessagesPerConnection": {"Rate": 5}}, Blocking={"After": 3}, TrustedProxies=["::1"])
    )
    assert not [record for record in server.log_records() if "no effect" in record.get("message", "")]
