"""`hydrogen simulate`: the shipped scenarios, what makes them fail, the swarm, traces, and exit statuses."""

import json
import os
import re
import time

import pexpect
import pytest

from harness import binary, scenarios
from harness.patience import PATIENCE


def simulate(*arguments, cwd=None, timeout=120):
    return binary.run("simulate", *arguments, cwd=cwd, timeout=timeout)


@pytest.mark.parametrize("name", scenarios.FILES)
def test_shipped_scenarios_pass(name, tmp_path):
    result = simulate(scenarios.FILES[name], cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith(f"{name}: passed")
    expectations = scenarios.load(scenarios.FILES[name]).get("Expectations", [])
    runs = len(scenarios.load(scenarios.FILES[name]).get("Seeds", [1]))
    count = len(expectations) * runs
    assert re.search(rf"^  expectations +{count} of {count}\b", result.stdout, re.MULTILINE), result.stdout


#: What Documentation/Simulation.md tells of each configuration of the fleet: the exit status, how many of the 5,000 devices
#: are served a minute after, how often devices are told 403, and how many guesses the guesser has.
FLEET = {
    "fleet-defaults": (1, range(500, 2000), range(1000, 5000), range(100, 301)),
    "fleet-no-blocking": (1, range(5000, 5001), range(1), range(2000, 3500)),
    "fleet-rate": (0, range(5000, 5001), range(1), range(100, 301)),
}


@pytest.mark.parametrize("name", FLEET)
def test_the_worked_example(name, tmp_path):
    status, served, blocked, guesses = FLEET[name]
    configuration = scenarios.FOLDER / "configurations" / f"{name}.json"
    result = simulate(scenarios.FILES["fleet"], "--config", configuration, cwd=tmp_path)
    assert result.returncode == status, result.stdout
    seen = [int(number) for number in re.findall(r"^    [✓✗] .*: (\d+) \(", result.stdout, re.MULTILINE)]
    # One expectation is of a latency, and has no whole number.
    assert len(seen) == 6, result.stdout
    assert seen[1] in served and seen[2] in blocked and seen[4] in guesses, result.stdout


def test_several_at_once(tmp_path):
    names = ["capacity", "idle"]
    result = simulate(*(scenarios.FILES[name] for name in names), "--jobs", 2, cwd=tmp_path)
    assert result.returncode == 0
    assert [line.split(":")[0] for line in result.stdout.splitlines() if "passed" in line] == names


def test_the_table(tmp_path):
    result = simulate(scenarios.FILES["heartbeat"], cwd=tmp_path)
    lines = result.stdout.splitlines()[1:]
    names = [line[2:18].strip() for line in lines[:7]]
    assert names == ["simulated time", "steps", "connections", "transitions", "faults injected", "limits hit", "expectations"]
    # Of a single run every expectation is told, with what was seen.
    assert all(re.fullmatch(r"    ✓ .+: .+", line) for line in lines[7:])
    # No progress bar where nobody watches.
    assert result.stderr == ""


@pytest.mark.alone
@pytest.mark.parametrize(("name", "seeds"), [("swarm", 1000), ("store-faults", 200)])
def test_the_short_swarm(tmp_path, name, seeds):
    began = time.monotonic()
    result = simulate(scenarios.FILES[name], "--seeds", seeds, "--jobs", 2, cwd=tmp_path, timeout=300)
    took = time.monotonic() - began
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{seeds} runs, seeds 1 to {seeds}" in result.stdout
    assert took < 90 * PATIENCE


def changed(tmp_path, name, changes):
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(scenarios.merge(scenarios.load(scenarios.FILES[name]), changes)))
    return file


def server(**settings):
    return {"WebSocketServer": settings}


#: A change of each scenario's configuration that an expectation of it finds.
BREAKING = [
    ("capacity", server(MaxConnections=90), "exactly 100 are in"),
    ("clock-jumps", {"Timeline": [{"At": "2m", "WallClockJump": "+10h"}]}, "a jump back takes nobody's key away"),
    ("connection-rate", server(Blocking=None), "then the address is blocked"),
    ("connection-rate", server(Blocking={"Maximum": 10}), "with doubling it is blocked 7 times in five minutes, not 25 times"),
    ("detached", server(Session={"ResumeWindow": 120}), "who comes later begins anew"),
    ("detached", server(Session={"MaxDetached": 1000}), "of 60 that are gone at once 40 are kept"),
    ("drain", server(DrainTimeout=2), "spread evenly over 10 s"),
    ("fleet", server(RateLimits={"ConnectionsPerAddress": {"Rate": 20, "Burst": 100}}), "none of their addresses is blocked"),
    ("fleet", server(Blocking=None), "for most of the time"),
    ("handshake", server(HandshakeTimeout=30), "by 00:00:13 everybody who did not finish the handshake is gone"),
    ("handshake", server(MaxHandshakes=5000), "one address holds at most 50 handshakes, a tenth of MaxHandshakes"),
    ("heartbeat", server(InactiveTimeout=5), "after 45 s it still comes back"),
    ("heartbeat", server(ZombieTimeout=200), "for ZombieTimeout at most"),
    ("idle", server(IdleTimeout=62), "and no longer"),
    ("message-rate", server(RateLimits={"MessagesPerConnection": {"Rate": 10}}), "at most 3 messages of a flooding client pass per second"),
    ("message-rate", server(RateLimits={"MaxRateViolations": 10000}), "who does not listen is closed with 4429"),
    ("reconnect-storm", server(MaxConnections=5000), "all are there before the restart"),
    ("resume", server(Session={"ResumeWindow": 1}), "and never refused"),
    ("services", server(CommandTimeout=20), "no command waits longer than CommandTimeout"),
    ("signed", server(SignedActions=[]), "who does not sign is refused"),
    ("signed", server(SignedActions=["news.publish"]), "what was signed once is served once"),
    ("signed", server(SignatureWindow=3600), "a clock that is set costs each signer one command"),
    ("tickets", server(MaxConnections=40), "every page gets in by its ticket"),
    ("slow-consumer", server(Delivery={"MaxSendQueueBytes": 67108864}), "no more than 15 queues of 256 KiB wait"),
    ("takeover", server(MaxConnections=1), "the session is taken over again and again"),
]


@pytest.mark.parametrize(("name", "changes", "text"), BREAKING, ids=[f"{row[0]}-{index}" for index, row in enumerate(BREAKING)])
def test_expectations_bite(tmp_path, name, changes, text):
    result = simulate(changed(tmp_path, name, changes), cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert result.stdout.startswith(f"{name}: an expectation failed")
    failed = [line for line in result.stdout.splitlines() if line.startswith("    ✗ ")]
    assert any(line.startswith(f"    ✗ {text}: ") for line in failed), failed
    assert f"repeat    hydrogen simulate {tmp_path}/{name}.json --seed 1" in result.stdout


def test_another_configuration(tmp_path):
    """`--config` tries a production file: here one with room for fewer."""
    (tmp_path / "production.json").write_text(
        json.dumps(
            {
                "WebSocketServer": {
                    "MaxConnections": 90,
                    # Files that only the production machine has.
                    "CertificatePath": "/nowhere/certificate.pem",
                    "KeyPath": "/nowhere/key.pem",
                    "KeysPath": "/nowhere/keys.json",
                }
            }
        )
    )
    result = simulate(scenarios.FILES["capacity"], "--config", tmp_path / "production.json", cwd=tmp_path)
    assert result.returncode == 1
    assert "✗ exactly 100 are in: 90" in result.stdout
    assert f"repeat    hydrogen simulate {scenarios.FILES['capacity']} --seed 1 --config {tmp_path}/production.json" in result.stdout
    bad = tmp_path / "bad.json"
    bad.write_text('{"WebSocketServer": {"MaxConnections": 0}}')
    result = simulate(scenarios.FILES["capacity"], "--config", bad, cwd=tmp_path)
    assert result.returncode == 78
    assert result.stderr.startswith("WebSocketServer.MaxConnections: is too small")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["{swarm}", "--seeds", "0"],
        ["{swarm}", "--seeds", "2", "--trace", "t"],
        ["{swarm}", "{idle}", "--trace", "t"],
        ["{swarm}", "--jobs", "0"],
        ["{swarm}", "--seed", "-1"],
        ["{swarm}", "--seed", "18446744073709551615", "--seeds", "2"],
        ["{swarm}", "--speed", "2"],
    ],
)
def test_usage(tmp_path, arguments):
    result = simulate(*(argument.format(**scenarios.FILES) for argument in arguments), cwd=tmp_path)
    assert result.returncode == 64, result.stderr
    assert list(tmp_path.iterdir()) == []


def test_absent_files(tmp_path):
    result = simulate(tmp_path / "none.json", scenarios.FILES["idle"], cwd=tmp_path)
    assert result.returncode == 78
    assert "none.json: there is no such file" in result.stderr
    result = simulate(scenarios.FILES["idle"], "--report", tmp_path / "no" / "folder.html", cwd=tmp_path)
    assert result.returncode == 1


def trace(tmp_path, name, *arguments):
    file = tmp_path / "out.trace"
    result = simulate(scenarios.FILES[name], "--trace", file, *arguments, cwd=tmp_path)
    assert result.returncode in (0, 1), result.stdout + result.stderr
    return file.read_bytes()


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    first = trace(tmp_path, "swarm", "--seed", "7", "--seeds", "1")
    assert first == trace(tmp_path, "swarm", "--seed", "7", "--seeds", "1")
    assert first != trace(tmp_path, "swarm", "--seed", "8", "--seeds", "1")
    assert len(first.splitlines()) > 1000


def test_a_trace_needs_nothing_else(tmp_path):
    """Scenario, seed and configuration stand in its head."""
    settings = tmp_path / "production.json"
    settings.write_text('{"WebSocketServer": {"SecureMode": "none", "AuthRequired": false, "MaxConnections": 90}}')
    whole = trace(tmp_path, "capacity", "--config", settings, "--seed", "3")
    lines = whole.splitlines(keepends=True)
    assert lines[0] == b"hydrogen-trace 1\n"
    head = json.loads(lines[1])
    assert (head["Name"], head["Seeds"], head["WebSocketServer"]["MaxConnections"]) == ("capacity", [3], 90)

    def replay(data):
        (tmp_path / "replayed.trace").write_bytes(data)
        return binary.run("replay", tmp_path / "replayed.trace", timeout=120)

    settings.unlink()
    result = replay(whole)
    assert result.returncode == 0, result.stdout + result.stderr
    # Another step, a step too few and one too many are differences, told with their line.
    middle = len(lines) // 2
    for damaged in (
        lines[:middle] + [b"nonsense\n"] + lines[middle + 1 :],
        lines[:middle] + lines[middle + 1 :],
        lines[:middle] + [b"nonsense\n"] + lines[middle:],
    ):
        result = replay(b"".join(damaged))
        assert result.returncode == 1, result.stdout + result.stderr
        assert f"line {middle + 1}" in result.stdout + result.stderr
    # One that was cut is compared as far as it goes.
    result = replay(b"".join(lines[:middle])[:-3])
    assert result.returncode == 0, result.stdout + result.stderr
    assert "cut" in result.stdout + result.stderr
    assert replay(b"".join(lines[:1])).returncode == 78


GOLDEN = sorted((scenarios.FOLDER / "golden").glob("*.trace"))


@pytest.mark.parametrize("file", GOLDEN, ids=[file.stem for file in GOLDEN])
def test_golden_traces(file):
    """The same in debug builds, where the unit tests compare them, and here."""
    result = binary.run("replay", file, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr


def test_there_are_golden_traces():
    assert GOLDEN


@pytest.mark.skipif("HYDROGEN_TEST_SANITIZER" in os.environ, reason="the storm takes a debug build half an hour")
def test_a_terminal_sees_progress(tmp_path):
    arguments = ["simulate", str(scenarios.FILES["reconnect-storm"]), "--seeds", "3", "--jobs", "1"]
    terminal = pexpect.spawn(
        str(binary.BINARY), arguments, cwd=tmp_path, env=binary.environment(), encoding="utf-8", timeout=120 * PATIENCE
    )
    terminal.expect("░+ .* of 3 runs")
    terminal.expect("reconnect-storm: passed")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
