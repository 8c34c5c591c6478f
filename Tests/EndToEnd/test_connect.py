"""`hydrogen connect`: from a pipe, as scripts use it, and at a terminal, as people do."""

import contextlib
import json
import re
import signal
import socket
import stat
import subprocess

import pexpect
import pytest

from harness import binary
from harness.certificates import make_certificate
from harness.client import Client
from harness.configuration import configuration
from harness.patience import PATIENCE, PROMPTLY, wait_until
from harness.relay import Relay


@pytest.fixture
def key(server, tmp_path):
    file = tmp_path / "key"
    file.write_text(server.admin.token + "\n")
    return ("--key-file", str(file))


def connect(*arguments, lines=(), env=None, status=0):
    """Runs it with these lines as its input; what it printed as JSON objects, and its standard error."""
    result = subprocess.run(
        [str(binary.BINARY), "connect", *map(str, arguments)], input="".join(f"{line}\n" for line in lines),
        capture_output=True, text=True, timeout=60 * PATIENCE, check=False, env=binary.environment(**(env or {})),
    )  # fmt: skip
    assert result.returncode == status, f"{result.returncode}\n{result.stdout}{result.stderr}"
    return [json.loads(line) for line in result.stdout.splitlines()], result.stderr


class Listening:
    """A console that goes on listening, with what it prints."""

    def __init__(self, server, tmp_path, *arguments, lines=()):
        """`server`: what has the URL."""
        self.output, self.errors = tmp_path / "console.out", tmp_path / "console.err"
        with self.output.open("wb") as output, self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [str(binary.BINARY), "connect", server.url(), "--listen", *map(str, arguments)],
                stdin=subprocess.PIPE, stdout=output, stderr=errors, env=binary.environment(),
            )  # fmt: skip
        for line in lines:
            self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.close()

    def objects(self):
        return [json.loads(line) for line in self.output.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def wait_for(self, what, count=1):
        def found():
            assert self.process.poll() is None, self.errors.read_text()
            seen = [message for message in self.objects() if what(message)]
            return seen if len(seen) >= count else None

        return wait_until(found, f"{count} of what is waited for, of {self.output}", 3 * PROMPTLY)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def has_ipv6():
    """Whether this machine has the address ::1."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


# From a pipe


def test_a_command_a_line_in_and_an_object_a_line_out(server, key, name):
    seen, errors = connect(
        server.url(), *key,
        lines=[
            "system whoami", f'print subscribe {{"topic":"{name}.*"}}', "",
            f'print publish {{"action":"{name}.done","data":{{"id":7}},"count":true}}',
            '{"channel":"system","action":"ping","data":{"a":1.50},"id":{"mine":true}}',
            f'print unsubscribe {{"topic":"{name}.*"}}',
        ],
    )  # fmt: skip
    responses = [message for message in seen if message["type"] == "response"]
    assert [message["status"] for message in responses] == ["ok"] * 5
    assert [message["id"] for message in responses] == ["1", "2", "4", {"mine": True}, "6"]
    assert responses[0]["data"]["identity"] == "admin"
    assert responses[2]["data"]["receivers"] == 1
    assert responses[4]["data"] == {"removed": 1}
    (event,) = [message for message in seen if message["type"] == "event"]
    assert (event["channel"], event["action"], event["data"]) == ("print", f"{name}.done", {"id": 7})
    assert event["id"] == responses[2]["data"]["event"]
    assert "connected, session s" in errors
    assert server.admin.token not in errors


def test_a_command_that_fails_ends_with_1(server, key):
    seen, _ = connect(server.url(), *key, lines=["print nothing", "nonsense", "system ping"], status=1)
    assert [message["status"] for message in seen] == ["error", "error", "ok"]
    assert seen[0]["error"]["category"] == "application"
    assert seen[0]["error"]["code"] == "unknown_action"
    assert seen[1]["error"]["code"] == "invalid_line"


def test_the_key_of_the_environment(server):
    seen, _ = connect(server.url(), lines=["system whoami"], env={"HYDROGEN_KEY": server.keys["bob"].token})
    assert seen[0]["data"]["identity"] == "bob"


def test_the_key_of_the_command_line(server):
    seen, _ = connect(server.url(), "--key", server.keys["alice"].token, lines=["system whoami"])
    assert seen[0]["data"]["identity"] == "alice"


def test_a_refusal_ends_with_1_and_the_servers_words(server, key):
    _, errors = connect(server.url(), "--key", "hk_wrong", status=1)
    assert "401" in errors
    assert "authentication.invalid" in errors
    assert "hk_wrong" not in errors
    _, errors = connect(server.url("/elsewhere"), *key, status=1)
    assert "404" in errors
    assert "protocol.path" in errors


def test_nobody_there_ends_with_1():
    _, errors = connect("ws://127.0.0.1:1", status=1)
    assert "no connection" in errors
    _, errors = connect("ws://nobody.invalid", status=1)
    assert "the host is not known" in errors or "the name of the host" in errors


@pytest.mark.parametrize(
    "arguments",
    [(), ("http://a",), ("ws://a@b",), ("ws://a", "--timeout", "0"), ("ws://a", "--key", "a", "--key-file", "b")],
)
def test_wrong_usage_ends_with_64(arguments):
    connect(*arguments, status=64)


def test_over_tls(start_server, tmp_path):
    certificate = make_certificate(tmp_path, "server")
    server = start_server(
        configuration(
            Interface="0.0.0.0", SecureMode="tls", CertificatePath=str(certificate.certificate), KeyPath=str(certificate.key)
        )
    )
    arguments = (server.url(), "--key", server.admin.token)
    large = json.dumps({"pad": "x" * 60_000})
    seen, _ = connect(*arguments, "--ca", certificate.certificate, lines=[f"system ping {large}"])
    assert seen[0]["data"] == json.loads(large)
    # By address: the certificate names these too.
    trusting = ("--key", server.admin.token, "--ca", certificate.certificate)
    for address in ("127.0.0.1", "[::1]") if has_ipv6() else ("127.0.0.1",):
        connect(server.url().replace("localhost", address), *trusting, lines=["system ping"])
    # Neither another authority nor the system's vouches for it, and it is for no other name.
    other = make_certificate(tmp_path, "other")
    for trust in (("--ca", other.certificate), ()):
        _, errors = connect(*arguments, *trust, status=1)
        assert "certificate" in errors
    _, errors = connect(server.url().replace("localhost", "127.0.0.2"), *trusting, status=1)
    assert "certificate: IP address mismatch" in errors
    _, errors = connect(*arguments, "--ca", tmp_path / "absent.pem", status=1)
    assert "absent.pem" in errors


def test_it_listens_until_it_is_told_to_end(server, key, name, tmp_path):
    with Listening(server, tmp_path, *key, lines=[f'print subscribe {{"topic":"{name}"}}']) as console:
        console.wait_for(lambda message: message["type"] == "response")
        with server.client() as client:
            for number in range(100):
                client.publish("print", name, {"n": number})
        events = console.wait_for(lambda message: message["type"] == "event", 100)
        assert [event["data"]["n"] for event in events] == list(range(100))
        console.process.send_signal(signal.SIGTERM)
        assert console.process.wait(PROMPTLY) == 0


def test_subscriptions_outlive_the_server(start_server, tmp_path):
    server = start_server()
    settings = {**server.settings, "Port": server.address[1]}
    with Listening(
        server, tmp_path, "--key", server.admin.token, lines=['print subscribe {"topic":"**"}']
    ) as console:
        console.wait_for(lambda message: message["type"] == "response")
        server.process.kill()
        server.process.wait()
        server.settings = settings
        server.start()
        for number in range(2):
            # Until it is there again nobody gets it.
            def received():
                with Client(server, server.admin) as client:
                    return client.publish("print", "done", {"n": number}, count=True)["receivers"]

            wait_until(received, "the console back with its subscription", 3 * PROMPTLY, interval=0.1)
            console.wait_for(lambda message: message.get("data") == {"n": number})
        errors = console.errors.read_text()
        assert "next attempt in" in errors
        assert "a new session" in errors
        assert console.process.poll() is None


def test_a_final_close_ends_with_1(start_server, tmp_path):
    server = start_server(keys=[("guest", "*:*")])
    with Listening(server, tmp_path, "--key", server.keys["guest"].token, lines=["system ping"]) as console:
        console.wait_for(lambda message: message["type"] == "response")
        binary.run("key", "revoke", "guest", "--keys", server.keys_file)
        server.signal(signal.SIGHUP)
        assert console.process.wait(PROMPTLY) == 1
        assert "4401" in console.errors.read_text()


def resume_count(server):
    """How often sessions were resumed."""
    metrics = server.metrics()
    return sum(metrics.value("sessions_resumed_total", outcome=outcome) for outcome in ("resumed", "taken_over"))


def test_guaranteed_events_come_once_over_a_network_that_is_cut(start_server, tmp_path):
    server = start_server(configuration(Delivery={"AckTimeout": 1, "Window": 16}))
    lines = ['print subscribe {"topic":"**","guaranteed":true}']
    with Relay(server.address) as relay, server.client() as publisher:
        with Listening(relay, tmp_path, "--key", server.admin.token, lines=lines) as console:
            console.wait_for(lambda message: message["type"] == "response")
            for number in range(200):
                publisher.publish("print", "step", {"n": number}, guaranteed=True)
                if number % 25 == 10:
                    relay.cut()
            events = console.wait_for(lambda message: message["type"] == "event", 200)
            assert [event["data"]["n"] for event in events] == list(range(200))
            assert "a new session" not in console.errors.read_text()
            server.wait_metric(lambda metrics: metrics.value("outbox_events") == 0, "every event acknowledged")
            assert resume_count(server) >= 1


def test_a_session_that_is_taken_over_is_left_to_the_other(start_server, tmp_path):
    server = start_server()
    with Relay(server.address) as relay:
        with Listening(relay, tmp_path, "--key", server.admin.token, lines=["system ping"]) as console:
            console.wait_for(lambda message: message["type"] == "response")
            ((session, token),) = relay.greetings
            with server.client() as other:
                other.ok("system", "resume", {"session": session, "token": token, "offset": 0})
                assert console.process.wait(PROMPTLY) == 1
            assert "4409" in console.errors.read_text()


# At a terminal

CTRL_C, CTRL_D, CTRL_U = "\x03", "\x04", "\x15"
UP, LEFT = "\x1b[A", "\x1b[D"


@pytest.fixture
def console(server, key, tmp_path):
    """A console at a terminal of 80 columns, in service, without colours."""
    with spawn(server, *key, "--history", tmp_path / "history", "--no-color") as terminal:
        terminal.expect("session s")
        yield terminal


def spawn(server, *arguments, env=None):
    terminal = pexpect.spawn(
        str(binary.BINARY), ["connect", server.url(), *map(str, arguments)], encoding="utf-8",
        timeout=PROMPTLY, dimensions=(24, 80), env=binary.environment(TERM="xterm", **(env or {})),
    )  # fmt: skip
    terminal.delaybeforesend = None
    return terminal


def end(terminal, status=0):
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == status


def test_a_conversation_at_a_terminal(server, console, name):
    console.send("system whoami\r")
    console.expect("ok system whoami")
    console.expect('"identity": "admin"')
    console.send(f'print subscribe {{"topic":"{name}"}}\r')
    console.expect('"subscription": "sub-1"')
    console.send(".help\r")
    console.expect("channel action \\[data\\]")
    console.send("print nothing\r")
    console.expect("error print nothing application.unknown_action")
    console.send("nonsense\r")
    console.expect("error channel action")
    # An event comes while a line is being typed: it is shown above, and the line is there again.
    console.send("system pi")
    console.expect("> system pi")
    with server.client() as client:
        client.publish("print", name, {"text": "a text that is long enough", "list": [1, 2, 3], "more": "and more of it"})
    console.expect(f"print {name} ")
    console.expect('"list": \\[1, 2, 3\\],\r\n')
    console.expect("> system pi")
    console.send("ng\r")
    console.expect("ok system ping")
    console.send(CTRL_D)
    end(console)


def test_lines_are_edited(console):
    console.send("system whmi" + LEFT + LEFT + "oa\x1b[D\x1b[3~a\r")
    console.expect("ok system whoami")
    console.send(UP + CTRL_U + 'system ping {"text":"grüße 日本 🦄"}\r')
    console.expect('"text": "grüße 日本 🦄"')
    console.send("\x01x\x7f" + UP + UP + "\r")
    console.expect("ok system whoami")
    console.send("half" + CTRL_C + "system ping\r")
    console.expect("ok system ping")
    console.send(CTRL_C)
    end(console)


def test_the_history_is_kept_for_its_owner_alone(server, key, tmp_path):
    history = tmp_path / "history"
    for line in ("system ping", "system whoami"):
        with spawn(server, *key, "--history", history) as terminal:
            terminal.expect("session s")
            terminal.send(line + "\r")
            terminal.expect("ok")
            terminal.send(CTRL_D)
            end(terminal)
    assert history.read_text() == "system ping\nsystem whoami\n"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    with spawn(server, *key, "--history", history, "--no-color") as terminal:
        terminal.expect("session s")
        terminal.send(UP + UP + "\r")
        terminal.expect("ok system ping")
        terminal.send(CTRL_D)
        end(terminal)


def test_colours_are_for_those_who_want_them(server, key):
    for env, expected in (({}, True), ({"NO_COLOR": "1"}, False)):
        with spawn(server, *key, "--no-history", env=env) as terminal:
            terminal.expect("session s")
            terminal.send("system ping\r")
            terminal.expect("system ping.*ok.*system ping")
            terminal.send(CTRL_D)
            seen = terminal.before + terminal.after
            end(terminal)
            assert ("\x1b[1;32mok" in seen) == expected


def test_the_terminal_is_given_back(server, key):
    command = f"'{binary.BINARY}' connect {server.url()} {' '.join(key)} --no-history; stty -a; exit 7"
    terminal = pexpect.spawn("/bin/sh", ["-c", command], encoding="utf-8", timeout=PROMPTLY, env=binary.environment())
    terminal.expect("session s")
    terminal.send(CTRL_D)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 7
    assert re.search(r"[; ]icanon\b", terminal.before)
    assert re.search(r"[; ]echo\b", terminal.before)


def test_a_lost_server_is_told_and_found_again(start_server):
    server = start_server()
    settings = {**server.settings, "Port": server.address[1]}
    with spawn(server, "--key", server.admin.token, "--no-history", "--no-color") as terminal:
        terminal.expect("session s")
        server.finish()
        terminal.expect("next attempt in")
        server.settings = settings
        server.start()
        terminal.expect("connected, session s", timeout=4 * PROMPTLY)
        terminal.send("system ping\r")
        terminal.expect("ok system ping")
        terminal.kill(signal.SIGTERM)
        end(terminal)
