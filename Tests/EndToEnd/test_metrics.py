"""The HTTP side (section 11): every name and label, both formats, and the laws under load."""

import gzip
import shutil
import subprocess
import threading

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from websockets.exceptions import ConnectionClosed

from harness.client import CODES
from harness.configuration import configuration
from harness.metrics import OPENMETRICS, STATES, Metrics
from harness.patience import PROMPTLY, wait_until
from harness.raw import RawClient
from harness.server import HTTP_LISTENING, LISTENING

CLOSE_CODES = "1000 1001 1002 1003 1005 1006 1007 1008 1009 1011 4401 4403 4408 4409 4413 4429 4503".split()
CHANNELS = ["system", "print", "network", "file", "weather", "stocks"]
ERRORS = [(category, code) for category, codes in CODES.items() for code in codes.split()]

#: name (without prefix), type, the sets of labels that are there from the start.
FAMILIES = [
    ("connections", "gauge", [{"state": state} for state in STATES]),
    ("connections_accepted", "counter", [{}]),
    ("connections_closed", "counter", [{"code": code} for code in CLOSE_CODES]),
    ("errors", "counter", [{"category": category, "code": code} for category, code in ERRORS]),
    ("messages_received", "counter", [{"type": kind} for kind in ("command", "ack", "invalid")]),
    ("messages_sent", "counter", [{"type": kind} for kind in ("event", "response")]),
    ("received_bytes", "counter", [{}]),
    ("sent_bytes", "counter", [{}]),
    (
        "rate_limited",
        "counter",
        [
            {"limit": limit}
            for limit in (
                "connections_per_address", "messages_per_connection", "bytes_per_connection", "messages_per_identity",
            )
        ],
    ),
    ("commands", "counter", [{"channel": channel, "status": status} for channel in [*CHANNELS, "other"] for status in ("ok", "error")]),
    ("command_duration_seconds", "histogram", [{"channel": channel} for channel in ("system", "file")]),
    ("heartbeat_rtt_seconds", "histogram", [{}]),
    ("heartbeats_sent", "counter", [{}]),
    ("heartbeats_missed", "counter", [{}]),
    ("connections_revived", "counter", [{}]),
    ("sessions", "gauge", [{"state": "live"}, {"state": "detached"}]),
    ("sessions_resumed", "counter", [{"outcome": outcome} for outcome in ("resumed", "taken_over", "refused")]),
    ("subscriptions", "gauge", [{"channel": channel} for channel in CHANNELS]),
    ("events_published", "counter", [{"channel": channel} for channel in CHANNELS]),
    ("deliveries", "counter", [{"outcome": o} for o in ("sent", "retried", "acked", "dropped", "dead", "expired")]),
    ("outbox_enqueued", "counter", [{}]),
    ("outbox_events", "gauge", [{}]),
    ("delivery_latency_seconds", "histogram", [{}]),
    ("send_queue_bytes", "gauge", [{}]),
    ("contexts", "gauge", [{"phase": p} for p in ("allocated", "in_use", "marked_for_deletion", "zombie")]),
    ("contexts_freed", "counter", [{}]),
    ("orphans_collected", "counter", [{}]),
    ("stale_references", "counter", [{}]),
    ("loop_iteration_seconds", "histogram", [{"loop": "0"}, {"loop": "1"}]),
    ("loop_mailbox_messages", "gauge", [{"loop": "0"}, {"loop": "1"}]),
    ("store_commit_seconds", "histogram", [{}]),
    ("store_failures", "counter", [{}]),
    ("config_last_reload_successful", "gauge", [{}]),
    ("config_last_reload_success_timestamp_seconds", "gauge", [{}]),
]  # fmt: skip


@pytest.fixture(scope="module")
def fresh(start_shared):
    """A server on which nothing has happened yet."""
    settings = configuration(Channels=["weather", "stocks"], Services={"File": {"Root": "files"}})
    server = start_shared(settings, folders=["files"])
    return server, server.metrics()


@pytest.mark.parametrize(("name", "kind", "labels"), FAMILIES, ids=[row[0] for row in FAMILIES])
def test_family(fresh, name, kind, labels):
    _, metrics = fresh
    family = metrics.families[f"hydrogen_{name}"]
    assert family.type == kind
    assert family.documentation
    suffix = {"counter": "_total", "histogram": "_count", "gauge": ""}[kind]
    for wanted in labels:
        value = metrics.value(f"{name}{suffix}", **wanted)
        if not name.startswith(("config_", "loop_")):
            assert value == 0, wanted
    found = [set(entry) for entry in metrics.labels(f"{name}{suffix}")]
    assert all(entry == set(labels[0]) for entry in found), found
    if kind == "histogram":
        bounds = [entry["le"] for entry in metrics.labels(f"{name}_bucket")]
        assert "+Inf" in bounds and len(set(bounds)) >= 5


def test_labels_are_no_more_than_the_contract_says(fresh):
    _, metrics = fresh
    assert {entry["state"] for entry in metrics.labels("connections")} == set(STATES)
    assert {entry["code"] for entry in metrics.labels("connections_closed_total")} == set(CLOSE_CODES)
    assert {(entry["category"], entry["code"]) for entry in metrics.labels("errors_total")} == set(ERRORS)


def test_handshakes_rejected_names_every_reason(fresh):
    _, metrics = fresh
    codes = {entry["code"] for entry in metrics.labels("handshakes_rejected_total")}
    assert codes >= {
        "protocol.handshake", "protocol.path", "protocol.upgrade_required", "protocol.subprotocol",
        "connection.draining", "connection.blocked", "connection.rate_limited", "connection.capacity",
        "authentication.origin", "authentication.missing", "authentication.invalid", "authentication.expired",
        "authentication.revoked",
    }  # fmt: skip
    assert all(metrics.value("handshakes_rejected_total", code=code) == 0 for code in codes)


def test_blocks(fresh):
    _, metrics = fresh
    for kind in ("address", "identity"):
        assert metrics.total("blocked", kind=kind) == 0
        assert any(entry.get("kind") == kind for entry in metrics.labels("blocked"))
    assert metrics.families["hydrogen_blocked"].type == "gauge"
    assert metrics.families["hydrogen_blocks"].type == "counter"
    reasons = {entry["reason"] for entry in metrics.labels("blocks_total")}
    assert reasons == {"authentication", "protocol", "rate"}


def test_transitions_are_the_legal_pairs(fresh):
    _, metrics = fresh
    pairs = {(entry["from"], entry["to"]) for entry in metrics.labels("state_transitions_total")}
    assert all(metrics.value("state_transitions_total", **{"from": a, "to": b}) == 0 for a, b in pairs)
    legal = {
        ("connecting", "verifying"), ("connecting", "failed"), ("verifying", "established"), ("verifying", "rejected"),
        ("verifying", "failed"), ("established", "connected"), ("connected", "heartbeat"), ("heartbeat", "connected"),
        ("heartbeat", "inactive"), ("inactive", "connected"), ("closing", "closed"), ("closed", "zombie"),
        ("closed", "freed"), ("zombie", "freed"), ("failed", "freed"), ("rejected", "freed"),
        *((state, "closing") for state in ("established", "connected", "heartbeat", "inactive")),
        *((state, "closed") for state in ("established", "connected", "heartbeat", "inactive")),
    }  # fmt: skip
    assert legal <= pairs, legal - pairs
    assert pairs <= legal | {("failed", "zombie"), ("rejected", "zombie")}, pairs - legal


def test_build_info(fresh):
    _, metrics = fresh
    (labels,) = metrics.labels("build_info")
    assert set(labels) == {"version", "lws_version", "swift_version"} and all(labels.values())
    assert metrics.value("build_info", **labels) == 1


def test_reload_starts_successful(fresh):
    _, metrics = fresh
    assert metrics.value("config_last_reload_successful") == 1
    assert metrics.value("config_last_reload_success_timestamp_seconds") > 1.6e9


def test_no_certificate_without_tls(fresh):
    _, metrics = fresh
    assert not metrics.labels("tls_certificate_not_after_timestamp_seconds")


def test_standard_process_metrics(fresh):
    _, metrics = fresh
    for name in ("process_cpu_seconds", "process_resident_memory_bytes", "process_virtual_memory_bytes",
                 "process_start_time_seconds", "process_open_fds", "process_max_fds"):  # fmt: skip
        assert name in metrics.families, name
    assert metrics.samples[("process_resident_memory_bytes", frozenset())] > 1_000_000


# Formats


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool here")
def test_promtool_finds_nothing_to_say(server):
    server.client().close()
    text = server.get("/metrics").body
    result = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    assert result.returncode == 0, result.stdout.decode() + result.stderr.decode()
    assert result.stdout + result.stderr == b""


def test_the_text_format(server):
    response = server.get("/metrics")
    assert response.headers["Content-Type"].replace(" ", "") == "text/plain;version=0.0.4;charset=utf-8"
    assert response.body.endswith(b"\n")
    assert b"# EOF" not in response.body


@pytest.mark.parametrize(
    "accept",
    [
        OPENMETRICS,
        "application/openmetrics-text",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    ],
)
def test_openmetrics_in_the_strict_parser(server, accept):
    with server.client() as client:
        client.ok("system", "ping")
    response = server.get("/metrics", headers={"Accept": accept})
    assert response.headers["Content-Type"].replace(" ", "") == (
        "application/openmetrics-text;version=1.0.0;charset=utf-8"
    )
    text = response.body.decode()
    assert text.endswith("# EOF\n")
    metrics = Metrics(text, parse_openmetrics)
    assert "hydrogen_connections" in metrics.families
    metrics.check_laws()


@pytest.mark.parametrize(
    "accept",
    [None, "*/*", "text/plain", "text/html", "application/openmetrics-text;q=0.1,text/plain;q=0.9", "application/openmetrics-text;q=0"],
)
def test_otherwise_it_is_text(server, accept):
    response = server.get("/metrics", headers={"Accept": accept} if accept else {})
    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("encoding", ["gzip", "deflate, gzip;q=0.8", "gzip, br"])
def test_gzip_when_asked(server, encoding):
    response = server.get("/metrics", headers={"Accept-Encoding": encoding})
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in ", ".join(response.headers.get_all("Vary"))
    Metrics(gzip.decompress(response.body).decode()).check_laws()


@pytest.mark.parametrize("encoding", [None, "identity", "br", "gzip;q=0"])
def test_no_gzip_when_not(server, encoding):
    response = server.get("/metrics", headers={"Accept-Encoding": encoding} if encoding else {})
    assert response.headers.get("Content-Encoding") is None
    assert b"hydrogen_connections" in response.body


# Pages


@pytest.mark.parametrize("path", ["/metrics", "/-/healthy", "/-/ready", "/status", "/"])
def test_get_and_head(server, path):
    response = server.get(path)
    assert response.status == 200 and response.body
    head = server.get(path, method="HEAD")
    assert head.status == 200 and head.body == b""
    assert head.headers["Content-Type"] == response.headers["Content-Type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", ["/metrics", "/-/healthy", "/-/ready", "/status", "/"])
def test_another_method_is_405(server, method, path):
    response = server.get(path, method=method)
    assert response.status == 405
    assert {name.strip() for name in response.headers["Allow"].split(",")} == {"GET", "HEAD"}


@pytest.mark.parametrize("path", ["/other", "/metrics/", "/-/", "/-/healthy/x", "/Metrics", "/api/v2/publish", "/api/v1"])
def test_another_path_is_404(server, path):
    assert server.get(path).status == 404


def test_a_query_is_no_other_path(server):
    assert server.get("/metrics?name=x").status == 200


def test_the_index_links_the_pages(server):
    text = server.get("/").body.decode()
    for path in ("/metrics", "/-/healthy", "/-/ready", "/status"):
        assert f'href="{path}"' in text


def test_status_is_json(server):
    response = server.get("/status")
    assert response.headers["Content-Type"].startswith("application/json")
    document = server.status()
    assert document["server_running"] is True
    assert set(document["connections"]["by_state"]) >= set(STATES) - {"freed"}


def test_curl_reads_it(server):
    host, port = server.http_address
    result = subprocess.run(
        ["curl", "--silent", "--show-error", "--fail", "--compressed", f"http://{host}:{port}/metrics"],
        capture_output=True, timeout=PROMPTLY, check=True,
    )  # fmt: skip
    assert b"hydrogen_build_info" in result.stdout


def test_a_request_that_is_no_http_does_no_harm(server):
    for garbage in (b"\x16\x03\x01\x00\x05hello", b"GET\r\n\r\n", b"\x00" * 1000, b"GET /metrics HTTP/9.9\r\n\r\n"):
        with RawClient(server.http_address, timeout=2) as client:
            client.send(garbage)
            client.at_end()
    assert server.get("/-/healthy").status == 200


def test_metrics_can_be_off(start_server):
    server = start_server(configuration(Metrics={"Enabled": False}), ready=False)
    server.check_laws = False
    server.launch()
    wait_until(lambda: server.log_records(LISTENING), "listening")
    server.address = server.address_of(server.log_records(LISTENING)[0])
    with server.client() as client:
        client.ok("system", "ping")
    assert not server.log_records(HTTP_LISTENING)


# Counting


def test_bytes_and_messages_are_counted(start_server):
    server = start_server()
    with server.client() as client:
        before = server.metrics()
        message = '{"type":"command","id":"exact","channel":"system","action":"ping","auth":{"token":"%s"}}'
        message %= client.session["token"]
        client.send(message)
        answer = client.socket.recv(PROMPTLY)
        after = server.metrics()

    def rise(name, **labels):
        return after.value(name, **labels) - before.value(name, **labels)

    assert rise("received_bytes_total") == len(message)
    assert rise("sent_bytes_total") == len(answer)
    assert rise("messages_received_total", type="command") == 1
    assert rise("messages_sent_total", type="response") == 1
    assert rise("commands_total", channel="system", status="ok") == 1


def test_unknown_channels_are_counted_as_other(start_server):
    server = start_server()
    with server.client() as client:
        for channel in ("nowhere", "elsewhere"):
            client.error(channel, "ping")
        assert server.metrics().value("commands_total", channel="other", status="error") == 2
        assert not [labels for labels in server.metrics().labels("commands_total") if labels["channel"] == "nowhere"]


def test_the_laws_hold_in_every_scrape_under_load(start_server):
    server = start_server(configuration(Services={"File": {"Root": "files"}}), folders=["files"])
    stop = threading.Event()
    faults = []

    def churn(number):
        try:
            while not stop.is_set():
                with server.client() as client:
                    client.subscribe("print", "**")
                    for _ in range(5):
                        client.post("print", "publish", {"action": "a", "data": {"n": number}})
                    client.post("file", "list", {"path": ""})
                    client.ok("system", "ping")
                with server.raw() as raw:
                    raw.upgrade("hk_wrong")
                server.raw().reset()
        except (OSError, EOFError, ConnectionClosed, AssertionError) as error:
            faults.append(error)

    threads = [threading.Thread(target=churn, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(150):
            server.metrics()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not faults, faults
    server.wait_metric(
        lambda metrics: metrics.value("contexts_freed_total") == metrics.value("connections_accepted_total"),
        "every context is freed",
    )
    metrics = server.metrics()
    assert metrics.total("sessions") == metrics.total("subscriptions") == metrics.value("send_queue_bytes") == 0
    assert metrics.value("connections_accepted_total") > 50
