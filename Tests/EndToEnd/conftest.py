"""Fixtures of the end-to-end suite. Every server that a test starts is judged when it ends (`Server.finish`)."""

import itertools
import os

import pytest

from harness import binary
from harness.configuration import configuration
from harness.coverage import provoked
from harness.server import Server, running


def pytest_sessionstart(session):
    if not session.config.option.collectonly and not os.access(binary.BINARY, os.X_OK):
        pytest.exit(f"no server at {binary.BINARY}: build it (Scripts/test does), or set HYDROGEN_BINARY", returncode=2)


# What the suite provoked: each process that runs tests counts, the one that began judges.


def pytest_testnodedown(node, error):
    provoked.merge(node.workeroutput.get("provoked", {}) if hasattr(node, "workeroutput") else {})


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["provoked"] = provoked.sendable()
    elif exitstatus == 0 and session.config.option.require_coverage and provoked.missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_addoption(parser):
    parser.addoption(
        "--require-coverage",
        action="store_true",
        help="fail unless every row of the handshake table, close code and error was provoked",
    )


def pytest_terminal_summary(terminalreporter, config):
    if not config.option.require_coverage:
        return
    names = provoked.names()
    terminalreporter.section("what the suite provoked")
    terminalreporter.line(f"{sum(map(bool, names.values()))} of {len(names)} names of the contract")
    for name in provoked.outdated():
        terminalreporter.line(f"provoked, so its reason in harness/coverage.py may go: {name}")
    for name in provoked.missing():
        terminalreporter.line(f"NOT PROVOKED: {name}", red=True)
    if not any(names.values()) or provoked.missing():
        terminalreporter.line("the suite does not cover the contract", red=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for server in running:
            lines = server.log_text().splitlines()[-12:]
            report.sections.append((f"log of the server in {server.folder}", "\n".join(lines)))
    return report


@pytest.fixture(scope="session")
def start_shared(tmp_path_factory):
    """Starts servers that live until the end of the session."""
    servers = []

    def start(settings=None, **options):
        server = Server(tmp_path_factory.mktemp("server"), settings, **options)
        servers.append(server)
        return server.start()

    yield start
    finish_all(servers)


@pytest.fixture(scope="session")
def server(start_shared):
    """The server that most tests share: two loops, no limits, the file service on, two extra channels, some keys."""
    settings = configuration(Channels=["weather", "stocks"], Services={"File": {"Root": "files"}})
    everywhere = ("*:publish", "*:subscribe")
    return start_shared(
        settings,
        folders=["files"],
        keys=[
            ("alice", *everywhere),
            ("bob", *everywhere),
            ("listener", "*:subscribe"),
            ("printer", "print:*"),
            ("nobody", "weather:subscribe"),
        ],
    )


@pytest.fixture
def start_server(tmp_path):
    """Starts servers with configurations of their own; they end with the test."""
    servers = []
    numbers = itertools.count(1)

    def start(settings=None, ready=True, **options):
        server = Server(tmp_path / f"server{next(numbers)}", settings, **options)
        servers.append(server)
        return server.start() if ready else server

    yield start
    finish_all(servers)


names = itertools.count(1)


@pytest.fixture
def name():
    """An action that no other test uses."""
    return f"test{next(names)}"


def finish_all(servers):
    faults = []
    for server in servers:
        if server.process is not None:
            try:
                server.finish()
            except AssertionError as fault:
                faults.append(str(fault))
    assert not faults, "\n\n".join(faults)
