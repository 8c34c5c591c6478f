"""Measures Hydrogen beside other servers and writes RESULTS.md.

Seconds of the wall say little on a machine that does other things too: what is compared is the CPU time of the server's
process, kernel included, per unit of work. Each round measures all servers one after the other; a ratio is formed within a
round, and the table shows the median of all rounds and their spread.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time

import scaling
from servers import LOAD_CORE, Servers

#: A command of 228 bytes, as Hydrogen's clients send it: what the other servers parse, or send back as it is.
COMMAND = (
    '{"type":"command","id":"000000000001","channel":"system","action":"ping","data":{"fill":"%s"},'
    '"auth":{"token":"hs_0123456789012345678901234567890123456789012"}}'
)
COMMAND = COMMAND % ("x" * (228 - len(COMMAND % "")))

#: What Hydrogen takes with its default of MaxConnections: libwebsockets looks through all that a process may have whenever
#: a connection ends.
DEFAULT_DESCRIPTORS = 11_024


class Comparison:
    def __init__(self, options, servers):
        self.options = options
        self.servers = servers
        self.command_file = servers.folder / "command.json"
        self.command_file.write_text(COMMAND)
        self.sections = []

    # Measuring

    def bench(self, server, *arguments, seconds=None, warm_up=0.3):
        command = ["taskset", "-c", LOAD_CORE, self.options.hydrogen, "bench", server.url, *server.arguments]
        command += ["--json", "--quiet", "--server-pid", str(server.pid), "--warm-up", str(warm_up)]
        command += ["--duration", str(seconds or self.options.seconds), *map(str, arguments)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"{server.name}: {result.stderr}{result.stdout}")
        return json.loads(result.stdout)

    def seen(self, title, server, arguments):
        """One measurement, made again where the machine let the server do nothing in its time."""
        for _ in range(10):
            seen = self.bench(server, *arguments)
            if seen["errors"]:
                raise RuntimeError(f"{title}: {server.name}: {seen['errors']} errors")
            if seen["messages"] and seen["server_cpu_s"]:
                return seen
        raise RuntimeError(f"{title}: {server.name} does nothing")

    def rounds(self, title, entries):
        """Measures each (server, arguments) once a round; CPU in µs per unit of work, by server and round."""
        figures = {server.name: [] for server, _ in entries}
        clients = {server.name: [] for server, _ in entries}
        for _ in range(self.options.pairs):
            for server, arguments in entries:
                seen = self.seen(title, server, arguments)
                figures[server.name].append(seen["server_cpu_s"] * 1e6 / seen["messages"])
                clients[server.name].append(seen["client_cpu_s"] * 1e6 / seen["messages"])
        print(f"{title}: " + ", ".join(f"{name} {statistics.median(values):.2f}" for name, values in figures.items()), flush=True)
        return figures, clients

    # Tables

    def table(self, title, unit, figures, clients):
        own = figures["hydrogen"]
        units = {"delivery": "deliveries"}.get(unit, f"{unit}s")
        lines = [
            f"### {title}",
            "",
            f"| server | CPU per {unit}, µs | {units} per second of CPU | Hydrogen's rate over this one's | load generator, µs |",
            "| --- | --- | --- | --- | --- |",
        ]
        for name, values in figures.items():
            ratios = [theirs / ours for theirs, ours in zip(values, own)]
            ratio = "1" if name == "hydrogen" else f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"
            middle = statistics.median(values)
            lines.append(
                f"| {name} | {middle:.2f} ({min(values):.2f} to {max(values):.2f}) | {1e6 / middle:,.0f} | {ratio} | "
                f"{statistics.median(clients[name]):.2f} |"
            )
        self.sections.append("\n".join(lines))
        return {name: statistics.median(t / o for t, o in zip(values, own)) for name, values in figures.items()}

    # Workloads

    def commands(self):
        ours = self.servers.hydrogen_server()
        peers = [
            self.servers.lws("echo", "writeable"),
            self.servers.lws("echo", "pass"),
            self.servers.gorilla("command"),
            self.servers.node_ws("command"),
            self.servers.python_websockets("command"),
        ]
        ratios = {}
        for depth in (1, 8):
            entries = [(ours, ["--depth", depth])]
            entries += [(peer, ["--depth", depth, "--payload", f"@{self.command_file}"]) for peer in peers]
            figures, clients = self.rounds(f"command, depth {depth}", entries)
            ratios[depth] = self.table(
                f"Command and response, 100 connections, depth {depth}", "command", figures, clients)
        for server in [ours, *peers]:
            server.stop()
        return ratios

    def fan_out(self):
        ours = self.servers.hydrogen_server()
        peers = [
            self.servers.lws("fanout", "writeable"), self.servers.lws("fanout", "pass"), self.servers.nchan(),
            self.servers.gorilla("fanout"), self.servers.node_ws("fanout"), self.servers.python_websockets("fanout"),
        ]  # fmt: skip
        ratios = {}
        for depth in (4, 16):
            common = ["--mode", "fanout", "--connections", 1000, "--depth", depth]
            figures, clients = self.rounds(
                f"fan-out, {depth} under way", [(server, common) for server in [ours, *peers]])
            ratios[depth] = self.table(
                f"Fan-out to 1,000 subscribers, {depth} events under way", "delivery", figures, clients)
        for server in [ours, *peers]:
            server.stop()
        return ratios

    def handshakes(self):
        ours = self.servers.hydrogen_server()
        peers = [
            self.servers.lws("echo", "pass"), self.servers.lws("echo", "pass", descriptors=DEFAULT_DESCRIPTORS),
            self.servers.gorilla("command"), self.servers.node_ws("command"), self.servers.python_websockets("command"),
        ]  # fmt: skip
        common = ["--mode", "churn", "--connections", 20]
        figures, clients = self.rounds("handshakes", [(server, common) for server in [ours, *peers]])
        ratios = self.table("Handshakes: opened, greeted, closed", "handshake", figures, clients)
        for server in [ours, *peers]:
            server.stop()
        return ratios

    def among_idle(self):
        """Commands among 5,000 idle connections, against the same without them."""
        alone, crowded = self.servers.hydrogen_server(), self.servers.hydrogen_server()
        alone.name, crowded.name = "hydrogen", "among 5,000 idle"
        idle = self.hold(crowded, 5000)
        figures, clients = self.rounds("among idle", [(alone, []), (crowded, [])])
        idle.terminate()
        idle.wait()
        ratios = self.table("Commands among 5,000 idle connections", "command", figures, clients)
        alone.stop()
        crowded.stop()
        return 1 / ratios["among 5,000 idle"]

    def hold(self, server, count):
        """Opens connections that a process of its own holds until it is ended."""
        # Who asked whether the server is ready is still on its way out.
        time.sleep(0.5)
        before = count_connections(server.pid)
        command = ["taskset", "-c", LOAD_CORE, self.options.hydrogen, "bench", server.url, *server.arguments, "--quiet"]
        command += ["--mode", "idle", "--connections", str(count), "--duration", "3600"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 300
        while count_connections(server.pid) < before + count:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{server.name}: {count} idle connections could not be opened")
            time.sleep(0.1)
        time.sleep(0.5)
        return process

    def memory(self):
        """The memory of an idle connection: what the process has more with 5,000 of them."""
        lines = [
            "### Idle connections", "",
            "| server | plain, KB | TLS, KB |", "| --- | --- | --- |",
        ]  # fmt: skip
        kilobytes = {}
        for name, start in (("hydrogen", self.servers.hydrogen_server), ("lws", self.lws_for_memory)):
            kilobytes[name] = []
            for tls in (False, True):
                server = start(tls=tls)
                # What the first connections bring into memory is no cost of each.
                warm_up = self.hold(server, 50)
                warm_up.terminate()
                warm_up.wait()
                time.sleep(1)
                before = private_bytes(server.pid)
                idle = self.hold(server, 5000)
                kilobytes[name].append((private_bytes(server.pid) - before) / 5000 / 1024)
                idle.terminate()
                idle.wait()
                server.stop()
            lines.append(f"| {name} | {kilobytes[name][0]:.2f} | {kilobytes[name][1]:.2f} |")
            print(f"idle memory: {name} {kilobytes[name]}", flush=True)
        self.sections.append("\n".join(lines))
        return kilobytes["hydrogen"]

    def lws_for_memory(self, tls):
        return self.servers.lws("echo", "pass", tls=tls, read=1024)

    def many(self, count=19_000, seconds=50, rounds=3):
        """As many connections as descriptors allow, with heartbeats every 25 s: what they cost."""
        shares, costs = [], []
        for _ in range(rounds):
            server = self.servers.hydrogen_server(MaxConnections=count)
            seen = self.bench(server, "--mode", "idle", "--connections", count, seconds=seconds, warm_up=2)
            server.stop()
            shares.append(100 * seen["server_cpu_s"] / seen["seconds"])
            costs.append(1e6 * seen["server_cpu_s"] / seen["pings"])
        text = (
            f"### {count:,} connections at once\n\n{seen['messages']:,} opened, {seen['pings']:,} pings answered in "
            f"{seen['seconds']:.0f} s, {statistics.median(shares):.2f} % of a core ({min(shares):.2f} to {max(shares):.2f} in "
            f"{rounds} rounds), {statistics.median(costs):.1f} µs of CPU for each."
        )
        print(text, flush=True)
        self.sections.append(text)
        return seen["messages"], statistics.median(shares)

    # The page

    def run(self):
        parts = {
            "command": self.commands, "fanout": self.fan_out, "handshakes": self.handshakes, "idle": self.among_idle,
            "memory": self.memory, "many": self.many, "scaling": lambda: scaling.measure(self),
        }  # fmt: skip
        wanted = self.options.only.split(",") if self.options.only else list(parts)
        started = time.monotonic()
        results = {}
        for name in parts:
            if name not in wanted:
                continue
            results[name] = parts[name]()
            # After each part, so that a later one that fails costs only itself.
            page = self.page(results, time.monotonic() - started)
            (pathlib.Path(__file__).parent.parent / "RESULTS.md").write_text(page)

    def page(self, results, seconds):
        today = datetime.date.today().isoformat()
        load = os.getloadavg()[1]
        head = [
            "# Results", "",
            f"Written by `Benchmarks/compare/run` on {today}, {platform.machine()}, {cpu_model()}, {cpu_count()} cores, in "
            f"{seconds / 60:.0f} minutes with {self.options.pairs} rounds of {self.options.seconds:g} s, at a load of {load:.1f} "
            "at the end (about 2 is this comparison alone). The server is pinned to "
            "one core and the load to another. What is compared is the CPU time of the server's process, kernel included.",
            "",
            "`lws/writeable` and `lws/pass` are a bare server in C on the same libwebsockets, without JSON, token or metrics; the "
            "first writes when lws says so, as its documentation has it, the second at the end of the loop's pass, as Hydrogen "
            "does. Both read 4 KB of a socket at a time, which is quicker than the 1 KB that keeps Hydrogen's idle connections small; "
            "where memory is measured, they read 1 KB too. gorilla, node-ws and python-websockets parse each command and build the "
            "response; Hydrogen also checks its token, steps a state machine and counts.",
            "",
        ]  # fmt: skip
        bounds = self.bounds(results)
        return "\n".join(head) + "\n" + bounds + "\n\n" + "\n\n".join(self.sections) + "\n"

    def bounds(self, results):
        rows = []
        if "command" in results:
            for depth, accepted, goal in ((1, 1.0, 1.2), (8, 0.65, 0.75)):
                rows.append((f"command, depth {depth}, over lws/writeable", results["command"][depth]["lws/writeable"], accepted, goal))
                rows.append((f"command, depth {depth}, over lws/pass", results["command"][depth]["lws/pass"], None, None))
        if "idle" in results:
            rows.append(("command among 5,000 idle, over without", results["idle"], 0.95, 1.0))
        if "fanout" in results:
            for depth in (4, 16):
                rows.append((f"fan-out, {depth} under way, over lws/writeable", results["fanout"][depth]["lws/writeable"], 0.95, 1.15))
                rows.append((f"fan-out, {depth} under way, over lws/pass", results["fanout"][depth]["lws/pass"], None, None))
        if "handshakes" in results:
            rows.append(("handshakes, over lws", results["handshakes"]["lws/pass"], 0.8, 1.0))
        lines = ["| Hydrogen's work per second of CPU | seen | wanted | goal |", "| --- | --- | --- | --- |"]
        for name, seen, accepted, goal in rows:
            wanted = "" if accepted is None else f"{accepted:g}"
            lines.append(f"| {name} | {seen:.2f} | {wanted} | {'' if goal is None else f'{goal:g}'} |")
        if "memory" in results:
            plain, tls = results["memory"]
            lines.append(f"| idle connection, KB, plain | {plain:.2f} | at most 3.5 | 3 |")
            lines.append(f"| idle connection, KB, TLS | {tls:.2f} | at most 19 | 18 |")
        if "many" in results:
            count, share = results["many"]
            lines.append(f"| {count:,} idle connections, % of a core | {share:.2f} | under 1 | |")
        return "\n".join(lines)


def count_connections(pid):
    """Descriptors of a process: each connection is one."""
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def private_bytes(pid):
    """What a process has written. Not what it has only read, as its program: that is shared as soon as the load generator
    runs the same file."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no memory of its own")


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def cpu_count():
    return sum(line.startswith("processor") for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hydrogen", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--pairs", type=int, default=7, help="rounds")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--only", help="command,fanout,handshakes,idle,memory,many,scaling")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(options.hydrogen, options.build, folder)
        try:
            Comparison(options, servers).run()
        finally:
            servers.stop()


if __name__ == "__main__":
    main()
