"""A keep-alive GET, then `Upgrade: other` on the same connection: a use after free in libwebsockets 4.1.6 that a server
must not walk into."""

import os
import shutil
import subprocess

import pytest

from harness import binary
from harness.configuration import configuration


def provoke(server, rounds):
    for number in range(rounds):
        with server.raw() as client:
            try:
                client.send_request("GET", "/", [("Host", "localhost"), ("Connection", "keep-alive")])
                client.read_response()
                second = [("Host", "localhost"), ("Connection", "Upgrade"), ("Upgrade", ("other", "h2c", "")[number % 3])]
                client.send_request("GET", "/", second)
                client.read_response()
            except (EOFError, OSError):
                # To be dropped is as good as to be refused.
                pass
        with server.raw() as client:
            try:
                both = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n"
                client.send(both)
                client.at_end()
            except OSError:
                pass


def test_two_hundred_times(start_server):
    server = start_server()
    provoke(server, 200)
    with server.client() as client:
        client.ok("system", "ping")
    server.wait_metric(lambda metrics: metrics.total("connections") == 0, "every context is freed")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="no valgrind here")
@pytest.mark.skipif("HYDROGEN_TEST_SANITIZER" in os.environ, reason="valgrind and a sanitizer exclude each other")
def test_once_under_valgrind(start_server, tmp_path, monkeypatch):
    report = tmp_path / "valgrind.log"
    valgrind = ["valgrind", "--error-exitcode=99", "--leak-check=no", f"--log-file={report}"]
    # The same program without its debug information: valgrind gives up on that of newer compilers.
    stripped = tmp_path / "hydrogen"
    subprocess.run(["strip", "-o", stripped, binary.BINARY], check=True)
    monkeypatch.setattr(binary, "BINARY", stripped)
    server = start_server(configuration(ThreadPoolSize=1), ready=False, wrapper=valgrind)
    server.start(120)
    provoke(server, 3)
    with server.client() as client:
        client.ok("system", "ping")
    # The exit status would tell, too; the report also shows that valgrind was there to the end.
    server.finish()
    text = report.read_text()
    assert str(stripped) in text.splitlines()[3] and "ERROR SUMMARY: 0 errors from 0 contexts" in text, text
