"""The servers that are measured: how each is started, and where its parts listen."""

import dataclasses
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

FOLDER = pathlib.Path(__file__).parent

#: The server runs here, the load on the other.
SERVER_CORE = "1"
LOAD_CORE = "0"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


@dataclasses.dataclass
class Server:
    """A running server."""

    name: str
    process: subprocess.Popen
    url: str
    #: What `hydrogen bench` is told beside the URL.
    arguments: list
    #: The process that does the work, if it is not the one that was started.
    worker: int = 0

    @property
    def pid(self):
        return self.worker or self.process.pid

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Servers:
    """Starts servers in a folder of their own, each on a free port, all on one core."""

    def __init__(self, hydrogen, build, folder):
        self.hydrogen = hydrogen
        self.build = pathlib.Path(build)
        self.folder = pathlib.Path(folder)
        self.running = []

    def start(self, name, command, url, arguments, port, **options):
        log = (self.folder / f"{name.replace('/', '-')}.log").open("wb")
        process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, *map(str, command)], stdout=log, stderr=log, cwd=self.folder, **options
        )
        server = Server(name, process, url, arguments)
        self.running.append(server)
        wait_for(port)
        return server

    def stop(self):
        for server in self.running:
            server.stop()

    def certificate(self):
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        if not certificate.exists():
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                 "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key),
                 "-out", str(certificate)], check=True, capture_output=True,
            )  # fmt: skip
        return certificate, key

    # Each of them

    def hydrogen_server(self, loops=1, tls=False, **settings):
        """Production's defaults, but for limits, which one address with all the load would meet, and the log's level."""
        port = free_port()
        keys = self.folder / "keys.json"
        key_file = self.folder / "key.txt"
        if not key_file.exists():
            key = subprocess.run(
                [self.hydrogen, "key", "create", "--identity", "bench", "--permit", "*:*", "--keys", str(keys)],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            key_file.write_text(key.stdout)
        configuration = {
            "Port": port, "Interface": "127.0.0.1", "SecureMode": "none", "KeysPath": str(keys), "ThreadPoolSize": loops,
            "Metrics": {"Port": free_port()}, "Log": {"Level": "warning"}, "Blocking": None,
            "RateLimits": dict.fromkeys(
                ["ConnectionsPerAddress", "MessagesPerConnection", "BytesPerConnection", "MessagesPerIdentity"]),
            **settings,
        }  # fmt: skip
        arguments = ["--key-file", str(key_file)]
        if tls:
            certificate, key = self.certificate()
            configuration |= {"SecureMode": "tls", "CertificatePath": str(certificate), "KeyPath": str(key)}
            arguments += ["--ca", str(certificate)]
        file = self.folder / f"hydrogen-{port}.json"
        file.write_text(json.dumps({"WebSocketServer": configuration}))
        url = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/"
        return self.start("hydrogen", [self.hydrogen, "serve", "--config", file], url, arguments, port)

    def lws(self, mode, writes, tls=False, descriptors=None, read=4096):
        """`descriptors`: how many the process may have; all that the system lets it have, if not given. `read`: bytes that
        are taken from a socket at a time."""
        port = free_port()
        command = [self.build / "lws", port, mode, writes, read]
        if descriptors:
            command = ["prlimit", f"--nofile={descriptors}", *command]
        arguments = ["--protocol", "bench"]
        if tls:
            command += self.certificate()
            arguments += ["--ca", str(self.certificate()[0])]
        url = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/"
        name = f"lws/{writes}" + (f", {descriptors:,} descriptors" if descriptors else "")
        return self.start(name, command, url, arguments, port)

    def gorilla(self, mode):
        port = free_port()
        environment = os.environ | {"GOMAXPROCS": "1"}
        return self.start(
            "gorilla", [self.build / "gorilla", port, mode], f"ws://127.0.0.1:{port}/", ["--protocol", "none"], port,
            env=environment,
        )  # fmt: skip

    def node_ws(self, mode):
        port = free_port()
        environment = os.environ | {"NODE_PATH": "/usr/share/nodejs"}
        command = [shutil.which("node"), FOLDER / "peers" / "node-ws.js", port, mode]
        return self.start("node-ws", command, f"ws://127.0.0.1:{port}/", ["--protocol", "none"], port, env=environment)

    def python_websockets(self, mode):
        port = free_port()
        command = [self.build / "venv/bin/python", FOLDER / "peers" / "python-websockets.py", port, mode]
        return self.start(
            "python-websockets", command, f"ws://127.0.0.1:{port}/", ["--protocol", "none"], port
        )

    def nchan(self):
        port = free_port()
        text = (FOLDER / "peers" / "nchan.conf").read_text()
        file = self.folder / "nchan.conf"
        file.write_text(text.replace("PORT", str(port)).replace("FOLDER", str(self.folder)))
        server = self.start(
            "nchan", ["nginx", "-c", file, "-p", self.folder, "-e", self.folder / "nchan-start.log"],
            f"ws://127.0.0.1:{port}/subscribe",
            ["--protocol", "none", "--publish-url", f"ws://127.0.0.1:{port}/publish"], port,
        )  # fmt: skip
        children = pathlib.Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
        end = time.monotonic() + 30
        while not children.read_text().split() and time.monotonic() < end:
            time.sleep(0.05)
        server.worker = int(children.read_text().split()[0])
        return server
