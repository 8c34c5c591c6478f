"""README.md: its conversation is run as it stands there, and so is every command that it names."""

import fnmatch
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys

import pytest

from harness import binary
from harness.configuration import configuration
from harness.patience import PATIENCE, PROMPTLY, wait_until

README = (binary.REPOSITORY / "README.md").read_text()

#: Commands that are not run here, and where they are.
RUN_ELSEWHERE = {
    "Scripts/test": "runs this suite",
    "Scripts/sanitize-thread": "runs this suite under ThreadSanitizer",
    "Scripts/mutate-state-machine": "takes an hour; it is run by hand",
    "Scripts/fuzz-json SECONDS": "a stage of its own of Scripts/test",
    "Scripts/fuzz SECONDS": "a stage of its own of Scripts/test",
    "Scripts/package-debian": "test_package.py",
    "hydrogen bench": "test_bench.py",
    "hydrogen connect": "test_connect.py",
    "hydrogen publish": "test_publish_command.py",
    "hydrogen simulate Simulations/heartbeat.json": "test_simulate.py",
    "hydrogen serve --record FILE": "test_record_and_replay.py",
    "hydrogen replay FILE": "test_record_and_replay.py",
    "python3 -m pip install websockets": "how the environment of this suite is made",
}

#: Commands that tests of this file run.
RUN_HERE = {
    "Scripts/run",
    "hydrogen key create --identity NAME --permit 'print:*' --config FILE",
    "hydrogen check FILE",
    "python3 conversation.py KEY",
}

PROGRAMS = ("Scripts/", "hydrogen ", "python3 ", "swift ", "curl ")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands():
    """Every command of the README: lines of its shell blocks, and code in its text."""
    lines = [line.split("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    text = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    inline = [code.replace("\n", " ") for code in re.findall(r"`([^`]+)`", text)]
    return {line for line in [*lines, *inline] if line.startswith(PROGRAMS)}


def test_every_command_is_run_somewhere():
    assert commands() == set(RUN_ELSEWHERE) | RUN_HERE
    for place in RUN_ELSEWHERE.values():
        if place.endswith(".py"):
            assert (pathlib.Path(__file__).parent / place).exists()


def pattern(line):
    """A printed line as README shows it: `…` stands for anything, times and numbers of a run are others each time."""
    text = re.escape(line).replace("…", ".*")
    text = re.sub(r"\d{4}\\-\d\d\\-\d\dT\d\d:\d\d:\d\d\\\.\d{3}Z", r"[0-9T:.-]+Z", text)
    text = re.sub(r'"e[0-9a-f]+(\.\*)?\\-\d+\\-\d+"', r'"e[0-9a-f]+-[0-9a-f]+-[0-9a-f]+"', text)
    return re.sub(r'"s\d+\\-\w+', r'"s[0-9]+-[A-Za-z0-9_-]+', text)


def run_conversation(folder, url, key):
    """Runs the Python block with another address in it; every line that it prints is as the README shows it."""
    (script,) = [block for block in blocks("python") if "connect(" in block]
    assert script.count("ws://127.0.0.1:8080/") == 1
    file = folder / "conversation.py"
    file.write_text(script.replace("ws://127.0.0.1:8080/", url))
    done = subprocess.run(
        [sys.executable, str(file), key], capture_output=True, text=True, timeout=30 * PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    (shown,) = [block for block in blocks("text") if block.startswith('{"type"')]
    printed, expected = done.stdout.splitlines(), shown.splitlines()
    assert len(printed) == len(expected), done.stdout
    for line, like in zip(printed, expected):
        assert re.fullmatch(pattern(like), line), f"{line}\nis not like\n{like}"


def test_the_commands_and_the_conversation(start_server, tmp_path):
    server = start_server(configuration(MessageAuth="connection"))
    words = {"NAME": "developer", "print:*": "*:*", "FILE": str(server.configuration_file), "KEY": None}
    for command in sorted(RUN_HERE):
        program, *arguments = [words.get(word, word) for word in shlex.split(command)]
        if program == "hydrogen":
            done = binary.run(*arguments)
            assert done.returncode == 0, f"{command}: {done.stderr}"
            if arguments[:2] == ["key", "create"]:
                key = done.stdout.strip()
    server.secrets.add(key)
    server.signal(signal.SIGHUP)

    def known():
        with server.raw() as client:
            return client.upgrade(key).status == 101

    wait_until(known, "the server knows the new key")
    run_conversation(tmp_path, server.url(), key)


def test_its_diagram_is_what_the_command_prints():
    (shown,) = blocks("mermaid")
    for arguments in (["diagram"], ["diagram", "--format", "mermaid"]):
        assert binary.run(*arguments).stdout == shown


def test_its_table_has_every_metric_with_its_labels(server):
    (section,) = re.findall(r"^## Metrics\n(.*?)^## ", README, re.DOTALL | re.MULTILINE)
    told = {}
    for names, _, labels in re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|$", section, re.MULTILINE):
        names, labels = re.findall(r"`(\w+)`", names), labels.split(";")
        for index, name in enumerate(names):
            # One cell for all names of a row, or one each.
            told[name] = set(re.findall(r"`(\w+)`", labels[min(index, len(labels) - 1)]))
    found = {}
    for sample, labels in server.metrics().samples:
        if sample.startswith("hydrogen_"):
            name = re.sub(r"_(bucket|count|sum)$", "", sample.removeprefix("hydrogen_"))
            found.setdefault(name, set()).update({label for label, _ in labels} - {"le"})
    elsewhere = [name for name in re.findall(r"`([\w*]+)`", section) if "*" in name]
    for name in [name for name in found if any(fnmatch.fnmatch(name, other) for other in elsewhere)]:
        del found[name]
    del told["tls_certificate_not_after_timestamp_seconds"]  # only with TLS
    assert told == found


@pytest.mark.slow
@pytest.mark.skipif("HYDROGEN_TEST_SANITIZER" in os.environ, reason="Scripts/run builds the release")
def test_scripts_run(tmp_path):
    """What a stranger types first: its output shows the addresses, a key, and how to connect."""
    environment = binary.environment(
        HYDROGEN_PORT="0", HYDROGEN_METRICS_PORT="0", HYDROGEN_KEYS_PATH=str(tmp_path / "development-keys.json"),
        HYDROGEN_DRAIN_TIMEOUT="1",
    )  # fmt: skip
    output = tmp_path / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [str(binary.REPOSITORY / "Scripts/run")], stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            env=environment, start_new_session=True,
        )  # fmt: skip
    try:
        def shown():
            assert process.poll() is None, output.read_text()
            text = output.read_text()
            url = re.search(r"ws://127\.0\.0\.1:[1-9]\d*/", text)
            key = re.search(r"\bhk_[A-Za-z0-9_-]{43}\b", text)
            metrics = re.search(r"http://127\.0\.0\.1:[1-9]\d*", text)
            line = re.search(r"^ *(\S*hydrogen connect ws:.*)$", text, re.MULTILINE)
            return (url[0], key[0], line[1]) if url and key and metrics and line else None

        url, key, line = wait_until(shown, "the server's addresses and its key", 900 * PATIENCE, interval=0.1)
        run_conversation(tmp_path, url, key)
        # The line to copy, with nothing typed into it.
        copied = subprocess.run(
            ["bash", "-c", line], env=binary.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30 * PATIENCE, check=False,
        )  # fmt: skip
        assert copied.returncode == 0 and "connected, session " in copied.stderr, copied
        process.send_signal(signal.SIGTERM)
        assert process.wait(PROMPTLY) == 0, output.read_text()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
