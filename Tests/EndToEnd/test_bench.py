"""`hydrogen bench`: against this server, over TLS, and against a server that somebody else wrote."""

import contextlib
import http.server
import json
import subprocess
import threading

import pytest
from websockets.sync.server import serve

from harness import binary
from harness.certificates import make_certificate
from harness.configuration import configuration
from harness.patience import PATIENCE


def bench(*arguments, env=None, status=0):
    result = subprocess.run(
        [str(binary.BINARY), "bench", "--warm-up", "0", *map(str, arguments)],
        capture_output=True, text=True, timeout=60 * PATIENCE, check=False, env=binary.environment(**(env or {})),
    )  # fmt: skip
    assert result.returncode == status, f"{result.returncode}\n{result.stdout}{result.stderr}"
    return result


def figures(*arguments, **options):
    return json.loads(bench("--json", *arguments, **options).stdout)


@pytest.fixture
def key(server, tmp_path):
    file = tmp_path / "key"
    file.write_text(server.admin.token + "\n")
    return ("--key-file", file)


@pytest.mark.parametrize("depth", [1, 8])
def test_commands_in_a_closed_loop(server, key, depth):
    before = server.metrics().value("commands_total", channel="system", status="ok")
    seen = figures(server.url(), *key, "--connections", 10, "--depth", depth, "--messages", 2000)
    after = server.metrics().value("commands_total", channel="system", status="ok")
    assert seen["errors"] == 0
    assert 2000 <= seen["messages"] <= after - before
    latency = seen["latency_us"]
    assert 0 < latency["p50"] <= latency["p99"] <= latency["max"]


def test_commands_in_an_open_loop_leave_at_their_rate(server, key):
    seen = figures(server.url(), *key, "--connections", 5, "--rate", 500, "--messages", 300)
    assert (seen["errors"], seen["skipped"], seen["rate"]) == (0, 0, 500)
    # Neither faster than asked for, nor given up when the machine is busy.
    assert seen["messages"] >= 300
    assert seen["seconds"] > 0.5


def test_fan_out_reaches_every_subscriber(server, key):
    seen = figures(server.url(), *key, "--mode", "fanout", "--connections", 20, "--depth", 4, "--messages", 2000)
    assert seen["errors"] == 0
    assert seen["messages"] >= 2000


def test_two_threads_share_the_connections(server, key):
    seen = figures(server.url(), *key, "--mode", "fanout", "--threads", 2, "--connections", 9, "--messages", 300)
    assert (seen["errors"], seen["connections"]) == (0, 9)
    assert seen["messages"] >= 300


def test_connections_are_opened_and_closed(server, key):
    before = server.metrics().value("connections_closed_total", code="1000")
    seen = figures(server.url(), *key, "--mode", "churn", "--connections", 5, "--messages", 100)
    assert seen["errors"] == 0
    assert server.metrics().value("connections_closed_total", code="1000") - before >= 100


def test_idle_connections_are_held_and_answer_pings(start_server):
    server = start_server(configuration(HeartbeatInterval=0.2))
    seen = figures(
        server.url(), "--mode", "idle", "--connections", 20, "--duration", 1, env={"HYDROGEN_KEY": server.admin.token}
    )
    assert (seen["messages"], seen["errors"]) == (20, 0)
    assert seen["pings"] >= 20
    assert server.metrics().value("heartbeats_missed_total") == 0


def test_the_servers_cpu_time_is_told(server, key):
    seen = figures(server.url(), *key, "--messages", 2000, "--server-pid", server.process.pid)
    assert seen["server_cpu_s"] > 0
    assert seen["client_cpu_s"] > 0


def test_over_tls(start_server, tmp_path):
    certificate = make_certificate(tmp_path, "server")
    server = start_server(
        configuration(
            SecureMode="tls", CertificatePath=str(certificate.certificate), KeyPath=str(certificate.key)
        )
    )
    arguments = (server.url(), "--key", server.admin.token, "--messages", 500, "--connections", 5)
    assert figures(*arguments, "--ca", certificate.certificate)["errors"] == 0
    other = make_certificate(tmp_path, "other")
    refused = bench(*arguments, "--ca", other.certificate, status=1)
    assert "certificate verify failed" in refused.stderr


def test_a_table_for_people(server, key):
    text = bench(server.url(), *key, "--messages", 100).stdout
    for word in ("answers", "errors", "client CPU", "p99.99", "corrected"):
        assert word in text


def test_a_wrong_key_ends_with_1_and_the_servers_words(server):
    result = bench(server.url(), "--key", "hk_wrong", status=1)
    assert "401" in result.stderr
    assert "authentication" in result.stderr
    assert "hk_wrong" not in result.stderr


def test_an_answer_that_is_an_error_ends_with_1(server, key):
    result = bench(server.url(), *key, "--json", "--action", "nothing", "--messages", 10, status=1)
    assert json.loads(result.stdout)["errors"] >= 10


def test_nobody_there_ends_with_1(server):
    assert "refused" in bench("ws://127.0.0.1:1", status=1).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("http://127.0.0.1",),
        ("ws://127.0.0.1", "--connections", "0"),
        ("ws://127.0.0.1", "--depth", "1025"),
        ("ws://127.0.0.1", "--duration", "1", "--messages", "1"),
        ("ws://127.0.0.1", "--key", "a", "--key-file", "b"),
        ("ws://127.0.0.1", "--mode", "idle", "--rate", "5"),
    ],
)
def test_wrong_usage_ends_with_64(arguments):
    bench(*arguments, status=64)


@contextlib.contextmanager
def foreign_server(handler, **options):
    with serve(handler, "127.0.0.1", 0, **options) as foreign:
        thread = threading.Thread(target=foreign.serve_forever)
        thread.start()
        try:
            yield "ws://{}:{}/".format(*foreign.socket.getsockname())
        finally:
            foreign.shutdown()
            thread.join()


def test_another_server_is_measured_too():
    seen_headers = []

    def echo(connection):
        seen_headers.append((connection.subprotocol, connection.request.headers.get("X-Test")))
        for message in connection:
            assert message == "hello"
            connection.send(message)

    with foreign_server(echo, subprotocols=["chat"]) as url:
        seen = figures(
            url, "--protocol", "chat", "--header", "X-Test: yes", "--payload", "hello", "--connections", 3, "--messages", 60
        )
    assert (seen["errors"], seen["messages"] >= 60) == (0, True)
    assert seen_headers == [("chat", "yes")] * 3


def test_a_server_that_is_none(tmp_path):
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            result = bench("ws://{}:{}/nothing".format(*other.server_address), "--protocol", "none", status=1)
        finally:
            other.shutdown()
            thread.join()
    assert "refused a connection: HTTP/1.0 404" in result.stderr
