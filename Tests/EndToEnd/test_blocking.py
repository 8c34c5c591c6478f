"""Blocking (section 10): offences of addresses, and of identities at addresses."""

import contextlib
import math
import signal
import socket
import time

import pytest
from websockets.exceptions import InvalidStatus

from harness.configuration import configuration
from harness.patience import wait_until
from test_limits import SLOW, outcome

LONG = {"After": 3, "Window": 3600, "Duration": 3600, "Maximum": 7200}


def blocking(**changes):
    return configuration(Blocking={**LONG, **changes})


def offend(server, source, count=3):
    """Wrong keys from an address."""
    for _ in range(count):
        refused = outcome(server, source, token="hk_wrong")
        assert (refused.status, refused.error()) == (401, "authentication.invalid")


def blocked_for(server, source, **options):
    """The seconds that a 403 names."""
    refused = outcome(server, source, **options)
    assert (refused.status, refused.error()) == (403, "connection.blocked"), refused
    return int(refused.headers["retry-after"])


def offend_in_service(client, count=3):
    """Malformed messages: each is answered."""
    for _ in range(count):
        client.send("{")
        assert client.receive()["error"]["code"] == "malformed_json"


# Addresses


def test_wrong_keys_block_their_address_alone(start_server):
    server = start_server(blocking())
    with server.client(source_address=("127.0.0.2", 0)) as before:
        offend(server, "127.0.0.2", 2)
        assert outcome(server, "127.0.0.2").status == 101, "two are not enough"
        offend(server, "127.0.0.2", 1)
        assert 3500 < blocked_for(server, "127.0.0.2") <= 3600
        assert 3500 < blocked_for(server, "127.0.0.2", token="hk_wrong") <= 3600
        before.ok("system", "ping")
    assert outcome(server, "127.0.0.3").status == 101
    metrics = server.metrics()
    assert metrics.value("blocked", kind="address", reason="authentication") == 1
    assert metrics.value("blocks_total", kind="address", reason="authentication") == 1
    assert metrics.total("blocked") == metrics.total("blocks_total") == 1
    assert metrics.value("handshakes_rejected_total", code="connection.blocked") == 2
    (record,) = server.log_records("blocked")
    assert (record["address"], record["reason"], record["duration_ms"]) == ("127.0.0.2", "authentication", "3600000")
    assert "identity" not in record
    refusals = server.log_records("connection refused")
    assert [refusal["error"] for refusal in refusals] == ["authentication.invalid"] * 3, "no line per blocked attempt"


def test_a_client_library_sees_the_403(start_server):
    server = start_server(blocking(After=1))
    offend(server, "127.0.0.2", 1)
    with pytest.raises(InvalidStatus) as refused:
        server.client(source_address=("127.0.0.2", 0))
    assert refused.value.response.status_code == 403
    assert 3500 < int(refused.value.response.headers["Retry-After"]) <= 3600


def test_a_block_ends_and_the_next_lasts_twice_as_long(start_server):
    server = start_server(blocking(After=1, Duration=2, Maximum=3600))
    offend(server, "127.0.0.2", 1)
    wait_until(lambda: server.log_records("block ended"), "the block ends")
    (record,) = server.log_records("block ended")
    assert (record["address"], record["cause"]) == ("127.0.0.2", "expired")
    assert server.metrics().total("blocked") == 0
    offend(server, "127.0.0.2", 1)
    durations = [record["duration_ms"] for record in server.log_records("blocked")]
    assert durations == ["2000", "4000"]
    wait_until(lambda: len(server.log_records("block ended")) == 2, "the second ends")
    assert outcome(server, "127.0.0.2").status == 101


def test_malformed_requests_block_and_probes_do_not(start_server):
    server = start_server(blocking())
    for _ in range(10):
        assert outcome(server, "127.0.0.2", target="/health").status == 404
        assert outcome(server, "127.0.0.2", Upgrade=None, Connection=None).status == 426
        assert outcome(server, "127.0.0.2", subprotocols=()).status == 400
    assert outcome(server, "127.0.0.2").status == 101
    for _ in range(3):
        assert outcome(server, "127.0.0.3", Sec_WebSocket_Key="short").status == 400
    blocked_for(server, "127.0.0.3")
    assert server.metrics().value("blocked", kind="address", reason="protocol") == 1


def test_connecting_too_often_blocks(start_server):
    settings = blocking()
    settings["RateLimits"]["ConnectionsPerAddress"] = {"Rate": SLOW, "Burst": 1}
    server = start_server(settings)
    assert outcome(server, "127.0.0.2").status == 101
    assert [outcome(server, "127.0.0.2").status for _ in range(4)] == [429, 429, 429, 403]
    assert server.metrics().value("blocked", kind="address", reason="rate") == 1


def test_ten_answers_a_second_and_then_the_socket_is_closed(start_server):
    server = start_server(blocking(After=1))
    offend(server, "127.0.0.2", 1)
    began = time.monotonic()
    answers = [outcome(server, "127.0.0.2") for _ in range(100)]
    elapsed = time.monotonic() - began
    answered = [answer for answer in answers if answer is not None]
    assert {answer.status for answer in answered} == {403}
    assert 10 <= len(answered) <= 10 * math.ceil(elapsed + 1)
    metrics = server.metrics()
    assert metrics.value("errors_total", category="connection", code="blocked") == 100
    assert metrics.value("handshakes_rejected_total", code="connection.blocked") == len(answered)


def test_who_is_blocked_before_its_request_is_read_gets_no_upgrade(start_server):
    server = start_server(blocking(After=1))
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(server.raw(source="127.0.0.2")) for _ in range(5)]
        server.wait_metric(lambda metrics: metrics.value("connections", state="connecting") == 5, "they wait")
        offend(server, "127.0.0.2", 1)
        assert [raw.upgrade(server.admin.token).status for raw in waiting] == [403] * 5


def has_ipv6():
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")
def test_ipv6(start_server):
    settings = blocking(After=2)
    settings["Interface"] = "::1"
    server = start_server(settings)
    offend(server, None, 2)
    blocked_for(server, None)
    (record,) = server.log_records("blocked")
    assert record["address"] == "::/64"


def test_a_network_of_ipv6_is_one_address(start_server):
    server = start_server(configuration(Blocking=LONG, TrustedProxies=["127.0.0.1"]))

    def attempt(client, token=None):
        return outcome(server, "127.0.0.1", token=token, X_Forwarded_For=client).status

    assert [attempt(f"2001:db8:0:7::{host}", "hk_wrong") for host in range(3)] == [401] * 3
    assert attempt("2001:db8:0:7:ffff::1") == 403
    assert attempt("2001:db8:0:8::1") == 101
    assert outcome(server, "127.0.0.1").status == 101, "the proxy itself"
    (record,) = server.log_records("blocked")
    assert record["address"] == "2001:db8:0:7::/64"


# Identities


def test_an_identity_is_blocked_where_it_offends(start_server):
    settings = blocking()
    settings["ThreadPoolSize"] = 2
    server = start_server(settings, keys=[("alice", "*:*"), ("bob", "*:*")])
    with contextlib.ExitStack() as stack:

        def enter(identity, source):
            return stack.enter_context(server.client(identity, source_address=(source, 0)))

        here = [enter("alice", "127.0.0.2") for _ in range(12)]
        elsewhere, other = enter("alice", "127.0.0.3"), enter("bob", "127.0.0.2")
        offend_in_service(here[0], 2)
        offend_in_service(here[1], 1)
        assert {client.closed() for client in here} == {(4429, "connection.blocked")}
        elsewhere.ok("system", "ping")
        other.ok("system", "ping")
        alice, bob = server.keys["alice"].token, server.keys["bob"].token
        assert 3500 < blocked_for(server, "127.0.0.2", token=alice) <= 3600
        assert outcome(server, "127.0.0.2", token=bob).status == 101
        assert outcome(server, "127.0.0.3", token=alice).status == 101
    metrics = server.metrics()
    assert metrics.value("blocked", kind="identity", reason="protocol") == metrics.total("blocked") == 1
    assert metrics.value("connections_closed_total", code="4429") == 12
    (record,) = server.log_records("blocked")
    assert (record["address"], record["identity"], record["reason"]) == ("127.0.0.2", "alice", "protocol")


@pytest.mark.parametrize("text, code", [("x" * 2000, 1009), (b"binary", 1003)])
def test_what_closes_is_an_offence_too(start_server, text, code):
    settings = blocking(After=2)
    settings["MaxMessageBytes"] = 1000
    server = start_server(settings)
    for _ in range(2):
        with server.client(source_address=("127.0.0.2", 0)) as client:
            client.socket.send(text)
            assert client.closed()[0] == code
    blocked_for(server, "127.0.0.2")


def test_a_wrong_token_in_a_message_is_an_offence(start_server):
    server = start_server(blocking())
    with server.client(source_address=("127.0.0.2", 0)) as client:
        for _ in range(3):
            assert client.error("system", "ping", auth={"token": "wrong"}) == "authentication.invalid"
        assert client.closed() == (4429, "connection.blocked")
    assert server.metrics().value("blocked", kind="identity", reason="authentication") == 1


def test_message_rates_are_offences(start_server):
    settings = blocking()
    settings["RateLimits"]["MessagesPerConnection"] = {"Rate": SLOW, "Burst": 1}
    server = start_server(settings)
    with server.client(source_address=("127.0.0.2", 0)) as client:
        client.ok("system", "ping")
        for _ in range(3):
            assert client.error("system", "ping") == "connection.rate_limited"
        assert client.closed() == (4429, "connection.blocked")
    assert server.metrics().value("blocked", kind="identity", reason="rate") == 1


def test_what_is_forbidden_is_no_offence(start_server):
    server = start_server(blocking(), keys=[("nobody", "weather:subscribe")])
    with server.client("nobody") as client:
        for _ in range(10):
            assert client.error("print", "publish", {"action": "a"}) == "authentication.forbidden"
            assert client.error("system", "ping", auth=None) == "authentication.missing"
    assert server.metrics().total("blocks_total") == 0


# On trial, and reload


def test_blocking_on_trial(start_server):
    server = start_server(blocking(DryRun=True))
    offend(server, "127.0.0.2", 5)
    assert outcome(server, "127.0.0.2").status == 101
    metrics = server.metrics()
    assert (metrics.total("blocked"), metrics.total("blocks_total")) == (0, 1)
    (record,) = server.log_records("would be blocked (dry run)")
    assert record["address"] == "127.0.0.2"


def test_a_reload_without_blocking_ends_all_blocks(start_server):
    server = start_server(blocking())
    offend(server, "127.0.0.2")
    blocked_for(server, "127.0.0.2")
    server.write_configuration(configuration(Blocking=None))
    server.signal(signal.SIGHUP)
    wait_until(lambda: server.log_records("block ended"), "it ends")
    assert outcome(server, "127.0.0.2").status == 101
    assert server.metrics().total("blocked") == 0
    server.write_configuration(blocking())
    server.signal(signal.SIGHUP)
    wait_until(lambda: len(server.log_records("configuration reloaded")) == 2, "blocking is on again")
    offend(server, "127.0.0.2")
    blocked_for(server, "127.0.0.2")
