"""A server process: started with a configuration, found by its log, and judged when it ends."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.parse

from . import binary
from .client import Client
from .configuration import configuration as make_configuration
from .coverage import provoked
from .keys import create_key
from .metrics import OPENMETRICS, Metrics
from .patience import PATIENCE, PROMPTLY, wait_until
from .raw import RawClient

LISTENING = "WebSocket server listening"
HTTP_LISTENING = "HTTP server listening"

#: Reports of sanitizers and of the runtime that no server may leave behind.
DISASTERS = re.compile(r"WARNING: ThreadSanitizer|ERROR: AddressSanitizer|runtime error:|Fatal error|\*\*\* Signal|Crash:")

#: Servers that run now, for the report of a failed test.
running = []


class Server:
    """`hydrogen serve` in a folder of its own."""

    def __init__(
        self, folder, settings=None, keys=(), folders=(), wrapper=(), env=None, check_laws=True, arguments=()
    ):
        """`keys`: (identity, *permissions) each, beside the key of `admin`, who may do everything; `arguments`: more
        of them for `serve`."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in folders:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.settings = settings if settings is not None else make_configuration()
        self.wrapper = list(map(str, wrapper))
        self.env = env or {}
        self.arguments = list(arguments)
        self.check_laws = check_laws
        self.keys_file = self.folder / "keys.json"
        self.configuration_file = self.folder / "configuration.json"
        self.keys = {"admin": create_key(self.keys_file, "admin", "*:*")}
        for identity, *permissions in keys:
            self.keys[identity] = create_key(self.keys_file, identity, *permissions)
        self.admin = self.keys["admin"]
        self.secrets = {key.token for key in self.keys.values()}
        self.last_scrape = None
        self.http_address = None
        self.process = None
        self.expected_exit = 0

    # Life

    def write_configuration(self, settings=None):
        if settings is not None:
            self.settings = settings
        self.configuration_file.write_text(json.dumps({"WebSocketServer": self.settings}, indent=2))

    def launch(self):
        """Starts the process without waiting for it to serve."""
        self.write_configuration()
        # A new process counts from nothing.
        self.last_scrape = None
        self.output = self.folder / "output.log"
        self.errors = self.folder / "errors.log"
        with self.output.open("wb") as output, self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                cwd=self.folder,
                env=binary.environment(**self.env),
            )
        running.append(self)
        return self

    def command(self):
        return [*self.wrapper, str(binary.BINARY), "serve", "--config", str(self.configuration_file), *self.arguments]

    def start(self, seconds=PROMPTLY):
        """Starts the process and waits until it is ready."""
        self.launch()
        self.wait_listening(seconds)
        wait_until(lambda: self.alive() and self.get("/-/ready").status == 200, "ready", seconds)
        return self

    def wait_listening(self, seconds=PROMPTLY):
        websocket_expected = self.settings.get("Enabled", True)
        def listening():
            assert self.alive(), f"the server ended with {self.process.returncode}\n{self.log_text()}"
            return self.log_records(HTTP_LISTENING) and (not websocket_expected or self.log_records(LISTENING))

        wait_until(listening, f"'{LISTENING}' and '{HTTP_LISTENING}' in the log", seconds)
        self.http_address = self.address_of(self.log_records(HTTP_LISTENING)[0])
        if websocket_expected:
            self.addresses = [self.address_of(record) for record in self.log_records(LISTENING)]
            self.address = self.addresses[0]

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """Ends the process as a crash would. It can be started again, in the same folder."""
        self.process.kill()
        self.process.wait()
        running.remove(self)
        if self.last_scrape is not None:
            provoked.add(self.last_scrape)

    def wait(self, seconds=PROMPTLY):
        """Waits for the end of the process; its exit status. Until then it notes what the server counts, also while it
        drains: the HTTP side is there to the end, and `coverage` sums it up."""
        deadline = time.monotonic() + seconds
        while self.http_address is not None and self.alive() and time.monotonic() < deadline:
            try:
                response = self.get("/metrics")
            except (OSError, http.client.HTTPException):
                break
            if response.status == 200:
                self.last_scrape = Metrics(response.body.decode())
            time.sleep(0.05)
        return self.process.wait(max(0.1, deadline - time.monotonic()))

    def finish(self):
        """Ends the server in the orderly way and judges what it leaves behind."""
        try:
            if self.alive():
                try:
                    if self.check_laws:
                        self.metrics()
                except OSError as error:
                    # A test that failed in the middle of a drain leaves a server that is about to end.
                    assert not self.alive() or self.log_records("draining"), f"no metrics of a running server: {error}"
                self.signal(signal.SIGTERM)
            drain = self.settings.get("DrainTimeout", 20)
            status = self.wait(drain * 2 + PROMPTLY)
        except subprocess.TimeoutExpired as error:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"still running {drain * 2 + PROMPTLY:g} s after SIGTERM") from error
        finally:
            if self in running:
                running.remove(self)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
        if self.last_scrape is not None:
            provoked.add(self.last_scrape)
        text = self.log_text()
        disaster = DISASTERS.search(text)
        assert disaster is None, text[max(0, disaster.start() - 2000) : disaster.start() + 6000]
        assert status == self.expected_exit, f"exit status {status}\n{text[-4000:]}"
        for secret in self.secrets:
            assert secret not in text, f"a secret is in the log: {text[max(0, text.index(secret) - 300) :][:400]}"

    # Addresses

    @staticmethod
    def address_of(record):
        url = urllib.parse.urlsplit(record["url"])
        return url.hostname, url.port

    @property
    def secure(self):
        return self.settings.get("SecureMode") == "tls"

    def url(self, path="/"):
        host, port = self.address
        if ":" in host:
            host = f"[{host}]"
        return f"{'wss' if self.secure else 'ws'}://{'localhost' if self.secure else host}:{port}{path}"

    # Clients

    def client(self, identity="admin", **options):
        """A client in service, with the key of this identity ('' for none)."""
        return Client(self, self.keys[identity] if identity else "", **options)

    def raw(self, **options):
        """A connected socket."""
        return RawClient(self.address, **options)

    def raw_client(self, identity="admin", **options):
        """A socket after its upgrade, and the data of its session event."""
        client = self.raw(**options)
        response = client.upgrade(self.keys[identity].token)
        assert response.status == 101, response
        client.session = client.read_message()["data"]
        self.secrets |= {client.session["token"], client.session["signing_key"]}
        return client

    # The HTTP side

    def get(self, path, method="GET", headers=None):
        """One request to the HTTP side; the response has `status`, `headers` and `body`."""
        connection = http.client.HTTPConnection(*self.http_address, timeout=PROMPTLY)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            response.body = response.read()
            return response
        finally:
            connection.close()

    def metrics(self):
        """A scrape in which every law holds, and no secret is found."""
        response = self.get("/metrics")
        assert response.status == 200
        text = response.body.decode()
        metrics = Metrics(text)
        if self.check_laws:
            metrics.check_laws(self.last_scrape)
        self.last_scrape = metrics
        for secret in list(self.secrets):
            assert secret not in text
        return metrics

    def wait_metric(self, condition, what, seconds=PROMPTLY):
        """Scrapes until the condition holds, and returns that scrape."""
        def scraped():
            metrics = self.metrics()
            return metrics if condition(metrics) else None

        return wait_until(scraped, what, seconds, interval=0.02)

    def status(self):
        return json.loads(self.get("/status").body)

    # The log

    def log_text(self):
        return "".join(
            path.read_text(errors="replace") for path in (self.output, self.errors) if path.exists()
        )

    def log_records(self, message=None):
        """The log's JSON lines; those with one message only, when it is given."""
        records = []
        for line in self.log_text().splitlines():
            if line.startswith("{"):
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if message is None or record.get("message") == message:
                    records.append(record)
        return records

    # The process

    def cpu_seconds(self):
        """User and system time used so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def pause(seconds):
    """Lets time go by where its passing itself is what is tested."""
    time.sleep(seconds)


__all__ = ["HTTP_LISTENING", "LISTENING", "OPENMETRICS", "PATIENCE", "Server", "pause", "running"]
