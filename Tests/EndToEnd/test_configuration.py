"""Configuration (section 12): defaults, every fault named at once, environment, exit statuses."""

import json
import pathlib
import re
import shutil
import signal
import subprocess

import pytest
from websockets.exceptions import WebSocketException

from harness import binary
from harness.client import Client
from harness.configuration import configuration
from harness.keys import create_key
from harness.patience import PROMPTLY, wait_until
from harness.raw import RawClient

LINE = re.compile(r"^WebSocketServer[A-Za-z.\[\]0-9]*: .+; allowed: .+$")


@pytest.fixture
def check(tmp_path):
    """Runs `hydrogen check` on settings (or text) and returns the result."""
    create_key(tmp_path / "keys.json", "admin", "*:*")

    def run(settings, env=None):
        file = tmp_path / "configuration.json"
        file.write_text(settings if isinstance(settings, str) else json.dumps({"WebSocketServer": settings}))
        return binary.run("check", file, env=env)

    return run


def fault_lines(result):
    return [line for line in result.stderr.splitlines() if line.startswith("WebSocketServer")]


def nest(names, value):
    for name in reversed(names):
        value = {name: value}
    return value


def settings_with(path, value, **changes):
    names = path.split(".")
    return configuration(**nest(names, value), **changes)


def test_a_good_configuration(check):
    result = check(configuration())
    assert (result.returncode, fault_lines(result)) == (0, [])


def test_an_empty_one_is_all_defaults_but_what_is_required(check):
    result = check({})
    assert result.returncode == 78
    faults = fault_lines(result)
    for key in ("CertificatePath", "KeyPath", "KeysPath"):
        assert any(line.startswith(f"WebSocketServer.{key}:") for line in faults), (key, faults)
    assert len(faults) == 3


#: key, values that are allowed, values that are not.
RANGES = [
    ("Port", [0, 1, 65535], [-1, 65536, 1.5, "8080", None, True]),
    ("Enabled", [True, False], [0, "yes", None]),
    ("EnableIPv6", [True, False], [1]),
    ("Interface", ["127.0.0.1", "0.0.0.0", "::1"], [1, ""]),
    ("SecureMode", ["none"], ["TLS", "ssl", 1, ""]),
    ("Path", ["/", "/a/b"], ["", "a", 1]),
    ("Node", ["a", "node-1"], [1, ""]),
    ("AuthRequired", [True, False], ["true"]),
    ("AnonymousPermissions", [[], ["*:*"], ["print:job"]], ["*:*", ["print"], [1], ["a:b:c"]]),
    ("MessageAuth", ["required", "connection"], ["none", True]),
    ("SignedActions", [[]], ["file.delete", [1], ["file"]]),
    ("SignatureWindow", [1, 3600], [0, 3601]),
    ("AllowedOrigins", [[], ["*"], ["https://a.example"]], ["*", [1]]),
    ("TrustedProxies", [[], ["10.0.0.0/8", "fd00::/8"]], ["10.0.0.0/8", ["10.0.0.0/33"], ["x"]]),
    ("MaxConnections", [1, 1000000], [0, 1000001, 1.5]),
    ("ThreadPoolSize", [1, 256], [0, 257]),
    ("HandshakeTimeout", [1, 600, 1.5], [0.999, 601]),
    ("HeartbeatInterval", [0, 0.001, 25], [-1, 3601]),
    ("HeartbeatTimeout", [1, 20], [0.9, 601]),
    ("InactiveTimeout", [1, 20], [0, 3601]),
    ("IdleTimeout", [50, 86400], [49.999, 86401, 0]),
    ("CloseTimeout", [0.1, 60], [0.099, 60.001]),
    ("ZombieTimeout", [1, 3600], [0.5, 3601]),
    ("DrainTimeout", [0, 600], [-0.001, 601]),
    ("MaxMessageBytes", [128, 1048576], [127, 16777217, 128.5]),
    ("MaxJSONDepth", [2, 1024], [1, 1025]),
    ("MaxProtocolErrors", [1, 100000], [0, 100001]),
    ("MaxHandshakes", [1, 100000], [0, 100001]),
    ("MessageTimeout", [1, 3600], [0.9, 3601]),
    ("MaxCommandsInFlight", [1, 10000], [0, 10001]),
    ("CommandTimeout", [0.1, 3600], [0.09, 3601]),
    ("MaxFilterBytes", [0, 65536], [-1, 65537]),
    ("MaxRetained", [0, 1000000], [-1, 1000001]),
    ("Channels", [[], ["a"], ["print-er_1"]], ["a", ["A"], ["a.b"], [1], [""]]),
    ("ServiceInterval", [0.005, 1], [0.004, 1.001]),
    ("DiagnosticEcho", [True, False], [0]),
    ("StatusInterval", [1, 3600], [0.5, 3601]),
    ("Session.MaxDetached", [0, 10000000], [-1, 10000001]),
    ("Session.ResumeWindow", [0, 86400], [-1, 86401]),
    ("Session.MaxSubscriptions", [1, 10000], [0, 10001]),
    ("Delivery.Store", ["memory"], ["disk", 1]),
    ("Delivery.AckTimeout", [0.1, 600], [0.05, 601]),
    ("Delivery.MaxDeliveryAttempts", [1, 100], [0, 101]),
    ("Delivery.MaxOutboxEvents", [1, 1000000], [0, 1000001]),
    ("Delivery.MaxOutboxBytes", [65536, 1073741824], [65535, 1073741825]),
    ("Delivery.MaxSendQueueBytes", [65536, 1073741824], [65535, 1073741825]),
    ("Delivery.Window", [1, 10000], [0, 10001]),
    ("Delivery.MaxPublishKeys", [0, 10000000], [-1, 10000001]),
    ("Delivery.MaxStoreBytes", [1048576, 1099511627776], [1048575, 1099511627777]),
    ("RateLimits.ConnectionsPerAddress", [None, {"Rate": 0.001, "Burst": 1}, {"Rate": 1000000000, "Burst": 1000000000}],
     [7, {"Rate": 0, "Burst": 1}, {"Rate": 1, "Burst": 0}, {"Rate": 1, "Burst": 1, "Other": 1}]),
    ("RateLimits.BytesPerConnection", [None, {"Rate": 1, "Burst": 65536}], [{"Rate": 1, "Burst": 65535}]),
    ("RateLimits.MaxRateViolations", [1, 1000000], [0, 1000001]),
    ("RateLimits.MaxAddresses", [1000, 10000000], [999, 10000001]),
    ("Blocking", [None, {"After": 1, "Window": 1, "Duration": 1, "Maximum": 1}, {"DryRun": True}],
     [{"After": 0}, {"Window": 0}, {"Duration": 2592001}, {"Maximum": 0}, {"DryRun": 1}, []]),
    ("Metrics.Enabled", [True, False], ["no"]),
    ("Metrics.SecureMode", ["none"], ["off"]),
    ("Metrics.Port", [0, 65535], [-1, 65536]),
    ("Metrics.Interface", ["127.0.0.1"], [7]),
    ("Log.Level", ["trace", "debug", "info", "notice", "warning", "error", "critical"], ["verbose", "INFO", 1]),
    ("Log.Format", ["text", "json"], ["xml"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "allowed", "refused"), RANGES, ids=[row[0] for row in RANGES])
def test_range(check, path, allowed, refused):
    for value in allowed:
        result = check(settings_with(path, value))
        assert result.returncode == 0, (value, result.stderr)
    for value in refused:
        result = check(settings_with(path, value))
        assert result.returncode == 78, (value, result.stderr)
        faults = fault_lines(result)
        # What depends on the key may be a fault of its own.
        assert any(line.startswith(f"WebSocketServer.{path}") for line in faults), (value, result.stderr)
        assert all(LINE.match(line) for line in faults), (value, faults)


def test_every_fault_is_named_at_once(check):
    settings = configuration(
        Port=70000, Delivery={"AckTimeout": 0}, Colour="red", Session={"ResumeWindow": "long"}, Log={"Level": "loud"}
    )
    result = check(settings)
    assert result.returncode == 78
    faults = fault_lines(result)
    paths = {line.split(":")[0] for line in faults}
    assert paths == {
        "WebSocketServer.Port",
        "WebSocketServer.Delivery.AckTimeout",
        "WebSocketServer.Colour",
        "WebSocketServer.Session.ResumeWindow",
        "WebSocketServer.Log.Level",
    }
    assert len(faults) == 5


@pytest.mark.parametrize("path", ["Colour", "Delivery.Colour", "Session.colour", "port", "Metrics.Path", "Services.File.Colour", "Services.Fax"])
def test_an_unknown_key_is_a_fault(check, path):
    result = check(settings_with(path, 1))
    assert result.returncode == 78
    assert [line.split(":")[0] for line in fault_lines(result)] == [f"WebSocketServer.{path}"]


def test_what_depends_on_another_key(check):
    assert check(configuration(IdleTimeout=50, HeartbeatInterval=25, HeartbeatTimeout=10, InactiveTimeout=15)).returncode == 0
    assert check(configuration(IdleTimeout=49, HeartbeatInterval=25)).returncode == 78
    assert check(configuration(MaxMessageBytes=2097152)).returncode == 78
    good = configuration(MaxMessageBytes=2097152, Delivery={"MaxSendQueueBytes": 2097152, "MaxOutboxBytes": 2097152})
    assert check(good).returncode == 0
    assert check(configuration(Delivery={"Store": "durable"})).returncode == 78
    assert check(configuration(KeysPath=...)).returncode == 78
    assert check(configuration(KeysPath=..., AuthRequired=False)).returncode == 0
    assert check(configuration(KeysPath="none.json")).returncode == 78


@pytest.mark.parametrize(
    "text",
    [
        '// a comment\n{ "WebSocketServer": /* here */ { %s } } // end',
        '/* a\n   long "one" // with another */ { "WebSocketServer": { %s } }',
    ],
)
def test_comments(check, text):
    inner = json.dumps(configuration(Path="/not//a/*comment*/"))[1:-1]
    assert check(text % inner).returncode == 0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", 1),
        ('{\n  "WebSocketServer": {\n    "Port": 1,\n    "Path": nonsense\n  }\n}', 4),
        ('{\n  "WebSocketServer": {}\n}\n}', 4),
        ('{ "WebSocketServer": { /* never closed } }', 1),
        ("", 1),
    ],
)
def test_bad_json_is_told_with_line_and_column(check, text, line):
    result = check(text)
    assert result.returncode == 78
    assert re.search(rf"\bline {line}\b.*\bcolumn \d+|:{line}:\d+", result.stderr), result.stderr


@pytest.mark.parametrize("text", ["[]", "{}", '{"WebSocketServer": []}', '{"WebSocketServer": {}, "Other": 1}'])
def test_another_shape_is_a_fault(check, text):
    assert check(text).returncode == 78


def test_a_key_named_twice_is_a_fault(check):
    inner = json.dumps(configuration())[1:-1]
    assert check('{"WebSocketServer": {%s, "Port": 1}}' % inner).returncode == 78


def test_an_absent_file(tmp_path):
    for command in (["check", tmp_path / "none.json"], ["serve", "--config", tmp_path / "none.json"]):
        result = binary.run(*command)
        assert result.returncode == 78
        assert "none.json" in result.stderr


def test_serve_says_the_same_as_check(check, tmp_path):
    settings = configuration(Port=70000, Delivery={"AckTimeout": 0})
    checked = check(settings)
    served = binary.run("serve", "--config", tmp_path / "configuration.json")
    assert served.returncode == 78
    assert fault_lines(served) == fault_lines(checked) != []


# Environment


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("HYDROGEN_PORT", "1234", 0),
        ("HYDROGEN_PORT", "70000", 78),
        ("HYDROGEN_PORT", "many", 78),
        ("HYDROGEN_ENABLE_IPV6", "false", 0),
        ("HYDROGEN_ENABLE_IPV6", "maybe", 78),
        ("HYDROGEN_MAX_JSON_DEPTH", "2", 0),
        ("HYDROGEN_MAX_JSON_DEPTH", "1", 78),
        ("HYDROGEN_RATE_LIMITS_MAX_RATE_VIOLATIONS", "0", 78),
        ("HYDROGEN_RATE_LIMITS_CONNECTIONS_PER_ADDRESS", '{"Rate":1,"Burst":2}', 0),
        ("HYDROGEN_RATE_LIMITS_CONNECTIONS_PER_ADDRESS", '{"Rate":0,"Burst":2}', 78),
        ("HYDROGEN_ALLOWED_ORIGINS", '["https://a.example"]', 0),
        ("HYDROGEN_ALLOWED_ORIGINS", "https://a.example", 78),
        ("HYDROGEN_LOG_LEVEL", "loud", 78),
        ("HYDROGEN_CLIENT_CA_PATH", "/nowhere.pem", None),
        ("HYDROGEN_SERVICES_FILE_ROOT", "/tmp", 0),
    ],
)
def test_the_environment_overrides(check, name, value, code):
    result = check(configuration(), env={name: value})
    if code is None:
        assert "unknown" not in result.stderr.lower()
    else:
        assert result.returncode == code, result.stderr


def test_an_unknown_name_is_a_warning(check):
    result = check(configuration(), env={"HYDROGEN_COLOUR": "red"})
    assert result.returncode == 0
    assert "HYDROGEN_COLOUR" in result.stderr + result.stdout


def test_the_environment_reaches_the_server(start_server):
    server = start_server(configuration(), env={"HYDROGEN_NODE": "from-environment", "HYDROGEN_MAX_MESSAGE_BYTES": "256"})
    with server.client() as client:
        assert client.session["node"] == "from-environment"
        assert client.session["max_message_bytes"] == 256


# Listening


def test_disabled_the_http_side_runs_alone(start_server):
    server = start_server(configuration(Enabled=False), ready=False)
    server.launch()
    server.wait_listening()
    wait_until(lambda: server.get("/-/healthy").status == 200, "healthy")
    assert "hydrogen_build_info" in server.get("/metrics").body.decode()
    assert not server.log_records("WebSocket server listening")


def test_a_port_in_use_is_an_error(start_server):
    first = start_server()
    second = start_server(configuration(Port=first.address[1]), ready=False)
    second.launch()
    wait_until(lambda: not second.alive() or second.log_records("WebSocket server listening"), "an end, or a listener")
    assert not second.alive(), "two servers share a port"
    second.expected_exit = second.wait()
    assert second.expected_exit in (1, 78)
    assert str(first.address[1]) in second.log_text()


@pytest.mark.skipif(not pathlib.Path("/proc/net/if_inet6").exists(), reason="no IPv6 here")
def test_both_families(start_server):
    server = start_server(configuration(Interface="0.0.0.0", EnableIPv6=True))
    ports = {port for _, port in server.addresses}
    assert len(ports) == 1, "one port for both families"
    for host in ("127.0.0.1", "::1"):
        with RawClient((host, *ports)) as client:
            assert client.upgrade(server.admin.token).status == 101


def test_all_interfaces_without_ipv6(start_server):
    server = start_server(configuration(Interface="0.0.0.0", EnableIPv6=False))
    assert len(server.addresses) == 1


# What a newcomer runs


CONFIG = binary.REPOSITORY / "Config"


def test_development_makes_a_key_and_says_how_to_connect(tmp_path):
    # Whoever has run the server from this folder has a key there.
    shutil.copytree(CONFIG, tmp_path / "Config", ignore=shutil.ignore_patterns("*-keys.json"))
    file = tmp_path / "Config" / "development.json"
    env = binary.environment(HYDROGEN_PORT="0", HYDROGEN_METRICS_PORT="0", HYDROGEN_LOG_FORMAT="json")
    output = tmp_path / "output"

    def start():
        with output.open("wb") as sink:
            return subprocess.Popen([binary.BINARY, "serve", "--config", file], stdout=sink, stderr=sink, env=env)

    def printed(pattern):
        return re.search(pattern, output.read_text())

    process = start()
    try:
        token = wait_until(lambda: printed(r"hk_[A-Za-z0-9_-]{43}"), "a key on the terminal").group()
        port = wait_until(lambda: printed(r"ws://127\.0\.0\.1:(\d+)"), "where the WebSocket is").group(1)
        wait_until(lambda: printed(r"http://127\.0\.0\.1:(\d+)"), "where the metrics are")

        class Found:
            admin = None
            secrets = set()

            @staticmethod
            def url(path):
                return f"ws://127.0.0.1:{port}{path}"

        with Client(Found, token) as client:
            assert client.ok("system", "whoami")["permissions"] == ["*:*"]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30 + PROMPTLY) == 0
    process = start()
    try:
        wait_until(lambda: printed(r"ws://127\.0\.0\.1:\d+"), "the second start")
        assert token not in output.read_text(), "made and printed once"
        # Who has not kept it is told how to make another; the line is run as it stands.
        line = wait_until(lambda: printed(r"\n  (\S+ key create .* && kill -HUP \d+)\n"), "how to make another").group(1)
        made = subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, check=True)
        port = printed(r"ws://127\.0\.0\.1:(\d+)").group(1)

        def known():
            try:
                with Client(Found, made.stdout.strip()) as client:
                    return client.ok("system", "whoami")["identity"] == "NAME"
            except WebSocketException:
                return False

        wait_until(known, "the new key is known")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30 + PROMPTLY) == 0


def test_the_production_example_has_every_key(check):
    text = (CONFIG / "hydrogen.json").read_text()
    for path, _, _ in RANGES:
        assert f'"{path.split(".")[-1]}"' in text, path


# The command line


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["check", "--help"], ["key", "--help"], ["key", "create", "--help"], ["--version"]])
def test_help_and_version(arguments):
    result = binary.run(*arguments)
    assert result.returncode == 0
    assert result.stdout.strip()


def test_version_is_a_version():
    assert re.search(r"\d+\.\d+", binary.run("--version").stdout)


@pytest.mark.parametrize("arguments", [["dance"], ["serve", "--loud"], ["check"], ["key", "create", "--permit"]])
def test_wrong_usage_is_64(arguments):
    assert binary.run(*arguments).returncode == 64


def test_every_subcommand_is_advertised():
    text = binary.run("--help").stdout
    for name in ("serve", "check", "key", "simulate", "replay", "diagram", "connect", "publish", "bench", "store"):
        assert re.search(rf"^\s+{name}\b", text, re.MULTILINE), name
        assert binary.run(name, "--help").returncode == 0, name


@pytest.mark.parametrize(("form", "head"), [("mermaid", "stateDiagram"), ("dot", "digraph")])
def test_diagram(form, head):
    result = binary.run("diagram", "--format", form)
    assert result.returncode == 0
    assert head in result.stdout
    for state in ("connecting", "verifying", "established", "connected", "heartbeat", "inactive", "closing", "failed",
                  "rejected", "closed", "zombie", "freed"):  # fmt: skip
        assert state in result.stdout
