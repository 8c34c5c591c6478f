"""`Clients/JavaScript`: its own tests, its types, and conversations with a server in Node and in a browser."""

import contextlib
import functools
import http.server
import json
import os
import shutil
import signal
import subprocess
import threading

import pytest

from harness import binary
from harness.client import Client
from harness.configuration import configuration
from harness.node import node_command
from harness.patience import PATIENCE, PROMPTLY, wait_until
from harness.relay import Relay

FOLDER = binary.REPOSITORY / "Clients" / "JavaScript"

needs_node = pytest.mark.skipif(node_command() is None, reason="no Node with a WebSocket client (20 or later) here")
needs_browser = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
needs_compiler = pytest.mark.skipif(shutil.which("tsc") is None, reason="no tsc here")


def run(command, env=None):
    result = subprocess.run(
        list(map(str, command)), cwd=FOLDER, capture_output=True, text=True, timeout=60 * PATIENCE, check=False,
        env=binary.environment(**(env or {})),
    )  # fmt: skip
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    return result.stdout


@needs_node
def test_its_own_tests():
    run([*node_command(), "--test", *sorted((FOLDER / "test").glob("*.test.js"))])


@needs_compiler
def test_its_types():
    run(["tsc", "--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "test/types.ts"])


def judge(seen, server):
    """What a conversation must have seen."""
    assert "failure" not in seen, seen["failure"]
    assert seen["states"] == ["connecting", "connected", "closing", "stopped"]
    assert (seen["whoami"]["identity"], seen["whoami"]["session"]) == ("admin", seen["session"])
    assert seen["echo"] == {"text": "grüße 日本 🚀", "list": [1.5, None, True]}
    assert seen["inOrder"] is True
    assert seen["error"] == "application.unknown_action"
    # Two subscriptions of one session: it gets each event once.
    assert (seen["receivers"], seen["afterwards"]) == ([1, 1, 1, 1], 0)
    assert (seen["handled"], seen["filtered"]) == ([1, 2, 3, 4], [3, 4])
    first, again, other = seen["once"]
    assert first == again != other
    assert (seen["closed"], seen["refused"]) == ("client.closed", "client.unreachable")
    assert server.metrics().value("connections_closed_total", code="1000") >= 1


@needs_node
def test_a_conversation_in_node(server, name):
    env = {"HYDROGEN_URL": server.url(), "HYDROGEN_KEY": server.admin.token, "HYDROGEN_NAME": name}
    judge(json.loads(run([*node_command(), "test/node-conversation.js"], env)), server)


class Page(http.server.SimpleHTTPRequestHandler):
    """Serves the client's folder, and takes the result of a page."""

    def __init__(self, *arguments, settings, results, **options):
        self.settings, self.results = settings, results
        super().__init__(*arguments, **options)

    def do_GET(self):
        if self.path == "/settings":
            body = json.dumps(self.settings).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def do_POST(self):
        self.results.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serve_page(settings):
    results = []
    handler = functools.partial(Page, settings=settings, results=results, directory=str(FOLDER))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        try:
            yield "http://127.0.0.1:{}/test/page.html".format(site.server_address[1]), results
        finally:
            site.shutdown()
            thread.join()


@needs_browser
def test_a_conversation_in_a_browser(server, name, tmp_path):
    settings = {"url": server.url(), "key": server.admin.token, "name": name}
    with serve_page(settings) as (url, results):
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        log = (tmp_path / "chromium.log").open("wb")
        browser = subprocess.Popen(
            ["chromium", *flags, f"--user-data-dir={tmp_path / 'profile'}", url], stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        try:
            wait_until(lambda: results, "the result of the page", 6 * PROMPTLY, interval=0.1)
        finally:
            # It has processes of its own.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            log.close()
    judge(results[0], server)


class Listener:
    """`node-listener.js`, and what it says."""

    def __init__(self, url, key, tmp_path, **options):
        self.output = tmp_path / "listener.out"
        env = binary.environment(
            HYDROGEN_URL=url, HYDROGEN_KEY=key.token, HYDROGEN_OPTIONS=json.dumps(options)
        )
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*node_command(), "test/node-listener.js"], cwd=FOLDER, stdout=output, stderr=output, env=env
            )

    def said(self):
        return [json.loads(line) for line in self.output.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def wait_for(self, what, condition, count=1):
        def found():
            assert self.process.poll() is None, self.output.read_text()
            seen = [line[what] for line in self.said() if what in line and condition(line[what])]
            return seen if len(seen) >= count else None

        return wait_until(found, f"{count} {what} in {self.output}", 3 * PROMPTLY)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


@needs_node
def test_it_comes_back_to_a_server_that_was_killed(start_server, tmp_path):
    server = start_server()
    settings = {**server.settings, "Port": server.address[1]}
    with Listener(server.url(), server.admin, tmp_path) as listener:
        listener.wait_for("subscribed", lambda _: True)
        server.process.kill()
        server.process.wait()
        server.settings = settings
        server.start()
        listener.wait_for("state", lambda state: state["state"] == "connected", 2)

        def received():
            with Client(server, server.admin) as client:
                return client.publish("print", "done", {"n": 1}, count=True)["receivers"]

        wait_until(received, "the listener back with its subscription", 3 * PROMPTLY, interval=0.1)
        listener.wait_for("event", lambda event: event["data"] == {"n": 1})
        listener.process.terminate()
        assert listener.process.wait(PROMPTLY) == 0


@needs_node
def test_guaranteed_events_come_once_over_a_network_that_is_cut(start_server, tmp_path):
    server = start_server(configuration(Delivery={"AckTimeout": 1, "Window": 16}))
    with Relay(server.address) as relay, server.client() as publisher:
        with Listener(relay.url(), server.admin, tmp_path, guaranteed=True) as listener:
            listener.wait_for("subscribed", lambda _: True)
            for number in range(200):
                publisher.publish("print", "step", {"n": number}, guaranteed=True)
                if number % 25 == 10:
                    relay.cut()
            events = listener.wait_for("event", lambda _: True, 200)
            assert [event["data"]["n"] for event in events] == list(range(200))
            assert [event["offset"] for event in events] == list(range(1, 201))
            states = [line["state"] for line in listener.said() if "state" in line]
            sessions = {state["session"] for state in states if state["state"] == "connected"}
            assert len(sessions) == 1
            server.wait_metric(lambda metrics: metrics.value("outbox_events") == 0, "every event acknowledged")


@needs_node
def test_what_is_lost_while_away_is_told(start_server, tmp_path):
    server = start_server(configuration(Delivery={"MaxOutboxEvents": 5}))
    with Relay(server.address) as relay, server.client() as publisher:
        with Listener(relay.url(), server.admin, tmp_path, guaranteed=True) as listener:
            listener.wait_for("subscribed", lambda _: True)
            relay.close()
            listener.wait_for("state", lambda state: state["state"] == "waiting")
            for number in range(1, 21):
                publisher.publish("print", "step", {"n": number}, guaranteed=True)
            relay.open()
            events = listener.wait_for("event", lambda _: True, 5)
            assert [event["offset"] for event in events] == [16, 17, 18, 19, 20]
            gaps = [line["gap"] for line in listener.said() if "gap" in line]
            assert sorted(offset for gap in gaps for offset in range(gap["from"], gap["to"] + 1)) == list(range(1, 16))
            assert all(gap["announced"] for gap in gaps)


@needs_node
def test_a_session_that_is_taken_over_is_left_to_the_other(start_server, tmp_path):
    server = start_server()
    with Relay(server.address) as relay, Listener(relay.url(), server.admin, tmp_path) as listener:
        listener.wait_for("subscribed", lambda _: True)
        ((session, token),) = relay.greetings
        with server.client() as other:
            other.ok("system", "resume", {"session": session, "token": token, "offset": 0})
            (stopped,) = listener.wait_for("state", lambda state: state["state"] == "stopped")
        assert (stopped["reason"], stopped["closeCode"]) == ("closed_by_server", 4409)
