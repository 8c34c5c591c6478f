"""Signals: drain on SIGTERM and SIGINT, reload on SIGHUP (sections 11 to 13)."""

import contextlib
import json
import signal
import time

import pytest

from harness.configuration import configuration
from harness.keys import create_key, revoke_key
from harness.patience import PATIENCE, PROMPTLY, wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_everybody_is_told_1001_and_the_server_ends_with_0(start_server, number):
    server = start_server(configuration(DrainTimeout=2))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.client()) for _ in range(40)]
        started = time.monotonic()
        server.signal(number)
        assert {client.closed() for client in clients} == {(1001, "connection.draining")}
        assert server.wait() == 0
        assert time.monotonic() - started < 2 + PROMPTLY


def test_the_closes_are_spread_over_half_of_the_drain(start_server):
    server = start_server(configuration(DrainTimeout=6))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.client()) for _ in range(20)]
        started = time.monotonic()
        server.signal(signal.SIGTERM)
        times = []

        def remaining():
            for client in list(clients):
                try:
                    client.socket.recv(0.001)
                except TimeoutError:
                    continue
                except Exception:  # noqa: BLE001 (the close, whatever it is)
                    times.append(time.monotonic() - started)
                    clients.remove(client)
            return not clients

        wait_until(remaining, "all are closed", 6 + PROMPTLY)
        assert max(times) - min(times) >= 1.5, times
        assert max(times) < 3 + PATIENCE, times
        assert server.wait() == 0


def test_a_response_that_is_due_is_sent_first(start_server):
    settings = configuration(DrainTimeout=20, Services={"File": {"Root": "files"}})
    server = start_server(settings, folders=["files/many"])
    for number in range(5000):
        (server.folder / "files" / "many" / f"{number:05}").touch()
    with server.client() as client:
        ids = [client.post("file", "list", {"path": "many", "limit": 1}) for _ in range(40)]
        server.wait_metric(lambda metrics: metrics.value("messages_received_total", type="command") == 40, "all there")
        server.signal(signal.SIGTERM)
        assert client.closed(20 + PROMPTLY) == (1001, "connection.draining")
        assert set(client.responses) == set(ids)
        assert server.wait(20 + PROMPTLY) == 0


def test_what_waits_for_a_service_does_not_hold_up_the_end(start_server):
    settings = configuration(MaxCommandsInFlight=10000, DrainTimeout=1, Services={"File": {"Root": "files"}})
    server = start_server(settings, folders=["files/many"])
    for number in range(40_000):
        (server.folder / "files" / "many" / f"{number:05}").touch()
    with server.client() as client:
        for _ in range(1000):
            client.post("file", "list", {"path": "many", "limit": 1})
        client.ok("system", "ping")
        started = time.monotonic()
        server.signal(signal.SIGTERM)
        assert server.wait(1 + PROMPTLY) == 0
        assert time.monotonic() - started < 1 + PROMPTLY


def test_ready_is_not_while_healthy_is_and_metrics_outlive_the_sockets(start_server):
    server = start_server(configuration(DrainTimeout=3, CloseTimeout=3))
    with server.raw_client() as holder:
        server.signal(signal.SIGTERM)
        response = wait_until(
            lambda: (answer := server.get("/-/ready")).status == 503 and answer, "not ready"
        )
        assert b"drain" in response.body.lower()
        assert server.get("/-/healthy").status == 200
        assert server.get("/metrics").status == 200
        assert holder.read_close()[0] == 1001
    assert server.wait() == 0


def test_who_does_not_answer_does_not_hold_up_the_end(start_server):
    server = start_server(configuration(DrainTimeout=1, CloseTimeout=60))
    with server.raw_client() as _, server.raw() as _:
        started = time.monotonic()
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
        assert time.monotonic() - started < 1 + PROMPTLY


def test_a_second_signal_ends_it_at_once_with_1(start_server):
    server = start_server(configuration(DrainTimeout=60, CloseTimeout=60))
    with server.raw_client() as _:
        server.signal(signal.SIGTERM)
        wait_until(lambda: server.get("/-/ready").status == 503, "draining")
        started = time.monotonic()
        server.signal(signal.SIGTERM)
        server.expected_exit = 1
        assert server.wait() == 1
        assert time.monotonic() - started < PROMPTLY


def test_without_connections_the_end_is_quick(start_server):
    server = start_server(configuration(DrainTimeout=60))
    started = time.monotonic()
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert time.monotonic() - started < PROMPTLY


# Reload


def reload(server, settings=None):
    """Writes settings, sends SIGHUP, and waits until the reload has succeeded or failed; the records of the log since."""
    if settings is not None:
        server.write_configuration(settings)
    count = len(server.log_records())
    server.signal(signal.SIGHUP)

    def outcomes():
        return [record for record in server.log_records()[count:] if "reload" in record["message"]]

    wait_until(outcomes, "a line about the reload in the log")
    metrics = server.metrics()
    return metrics.value("config_last_reload_successful") == 1, server.log_records()[count:]


def test_a_reload_changes_what_can_be_reloaded(start_server):
    settings = configuration(MaxProtocolErrors=100, MessageAuth="required")
    server = start_server(settings)
    with server.client() as client:
        assert client.error("system", "ping", auth=None) == "authentication.missing"
        succeeded, _ = reload(server, configuration(MaxProtocolErrors=2, MessageAuth="connection"))
        assert succeeded

        def changed():
            return client.request("system", "ping", auth=None)["status"] == "ok"

        wait_until(changed, "no token is needed any more")
        for _ in range(2):
            client.send("[]")
        assert client.closed()[0] == 1008


def test_allowed_origins_are_reloaded(start_server):
    server = start_server(configuration(AllowedOrigins=["https://a.example"]))

    def status():
        with server.raw() as raw:
            return raw.upgrade(server.admin.token, Origin="https://b.example").status

    assert status() == 403
    assert reload(server, configuration(AllowedOrigins=["https://b.example"]))[0]
    wait_until(lambda: status() == 101, "the new origin")


@pytest.mark.parametrize("content", ["{", '{"WebSocketServer": {"Port": -1}}', None], ids=["no JSON", "faults", "no file"])
def test_a_bad_file_is_refused_whole_and_the_old_one_stays(start_server, content):
    server = start_server(configuration(MessageAuth="connection"))
    with server.client() as client:
        if content is None:
            server.configuration_file.unlink()
        else:
            server.configuration_file.write_text(content)
        server.signal(signal.SIGHUP)
        server.wait_metric(lambda metrics: metrics.value("config_last_reload_successful") == 0, "refused")
        client.ok("system", "ping", auth=None)
        assert reload(server, server.settings)[0], "the next good one counts"


def test_one_bad_key_spoils_the_good_ones(start_server):
    server = start_server(configuration(MessageAuth="required"))
    with server.client() as client:
        succeeded, _ = reload(server, configuration(MessageAuth="connection", StatusInterval=0))
        assert not succeeded
        assert client.error("system", "ping", auth=None) == "authentication.missing"


def test_a_key_that_cannot_be_reloaded_is_named(start_server):
    server = start_server()
    succeeded, records = reload(server, configuration(MaxMessageBytes=1000, Path="/other"))
    assert succeeded
    text = json.dumps([record for record in records if record["level"] == "warning"])
    assert "MaxMessageBytes" in text and "Path" in text
    with server.client() as client:
        assert client.session["max_message_bytes"] == 65536


def test_revoked_keys_close_their_connections(start_server):
    server = start_server(keys=[("leaver", "*:*"), ("stayer", "*:*")])
    with server.client("stayer") as stayer, contextlib.ExitStack() as stack:
        leavers = [stack.enter_context(server.client("leaver")) for _ in range(4)]
        revoke_key(server.keys_file, "leaver")
        assert reload(server)[0]
        assert {client.closed() for client in leavers} == {(4401, "authentication.revoked")}
        stayer.ok("system", "ping")
    with server.raw() as raw:
        response = raw.upgrade(server.keys["leaver"].token)
        assert (response.status, response.error()) == (401, "authentication.revoked")
    assert server.metrics().value("connections_closed_total", code="4401") == 4


def test_a_removed_key_closes_its_connections(start_server):
    server = start_server(keys=[("leaver", "*:*")])
    with server.client("leaver") as leaver:
        document = json.loads(server.keys_file.read_text())
        entries = document if isinstance(document, list) else next(v for v in document.values() if isinstance(v, list))
        entries[:] = [entry for entry in entries if entry["identity"] != "leaver"]
        server.keys_file.write_text(json.dumps(document))
        assert reload(server)[0]
        assert leaver.closed()[0] == 4401


def test_new_keys_are_taken(start_server):
    server = start_server()
    key = create_key(server.keys_file, "newcomer", "*:*")
    server.secrets.add(key.token)
    server.keys["newcomer"] = key
    with server.raw() as raw:
        assert raw.upgrade(key.token).status == 401
    assert reload(server)[0]

    def accepted():
        with server.raw() as raw:
            return raw.upgrade(key.token).status == 101

    wait_until(accepted, "the new key")


def test_a_key_file_that_cannot_be_read_is_refused(start_server):
    server = start_server()
    server.keys_file.write_text("nonsense")
    server.signal(signal.SIGHUP)
    server.wait_metric(lambda metrics: metrics.value("config_last_reload_successful") == 0, "refused")
    server.client().close()
