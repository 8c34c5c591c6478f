"""How the cost of a command and of a delivery grows with connections, topics, filters and the size of messages."""

import pathlib
import statistics

#: Points of each curve.
CONNECTIONS = (10, 100, 1_000, 10_000)
TOPICS = (1, 10, 100, 1_000, 10_000)
FILTERS = (1, 10, 100, 1_000)
SIZES = (64, 256, 1_024, 4_096, 16_384, 65_536)


def measure(comparison):
    """Adds tables and a plot to the page."""
    curves = {
        "connections, command": [(count, command(comparison, "--connections", count)) for count in CONNECTIONS],
        "connections, delivery": [(count, delivery(comparison, "--connections", count)) for count in CONNECTIONS],
        "bytes, command": [(size, command(comparison, "--size", size)) for size in SIZES],
        "bytes, delivery": [(size, delivery(comparison, "--connections", 100, "--size", size)) for size in SIZES],
        "topics, delivery": [(count, crowd(comparison, topics=count)) for count in TOPICS],
        "filters, delivery": [(count, crowd(comparison, filters=count)) for count in FILTERS],
    }
    lines = ["### Scaling: CPU of the server in µs, by the number of …", ""]
    for name, points in curves.items():
        lines += [f"| {name} | " + " | ".join(f"{count:,}" for count, _ in points) + " |"]
        lines += ["| --- |" + " --- |" * len(points)]
        lines += ["| µs | " + " | ".join(f"{value:.2f}" for _, value in points) + " |", ""]
    lines.append("![The same as curves](scaling.svg)")
    comparison.sections.append("\n".join(lines))
    plot(curves)
    return curves


def command(comparison, *arguments):
    return median(comparison, *arguments)


def delivery(comparison, *arguments):
    return median(comparison, "--mode", "fanout", "--depth", 4, *arguments)


def crowd(comparison, **subscriptions):
    """A delivery to 100 subscribers, among subscriptions that do not match: `hydrogen bench` makes them."""
    arguments = [item for name, count in subscriptions.items() for item in (f"--other-{name}", count)]
    return median(comparison, "--mode", "fanout", "--depth", 4, "--connections", 100, *arguments)


def median(comparison, *arguments):
    server = comparison.servers.hydrogen_server(
        MaxConnections=12_000, MaxMessageBytes=262_144, Session={"MaxSubscriptions": 10_000})
    values = []
    for _ in range(3):
        seen = comparison.seen("scaling", server, arguments)
        values.append(seen["server_cpu_s"] * 1e6 / seen["messages"])
    server.stop()
    print(f"scaling: {arguments}: {statistics.median(values):.2f} µs", flush=True)
    return statistics.median(values)


def plot(curves):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 3, figsize=(12, 6), constrained_layout=True)
    for axis, (name, points) in zip(axes.flat, curves.items()):
        axis.plot([count for count, _ in points], [value for _, value in points], marker="o")
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_title(name)
        axis.set_ylabel("µs of CPU")
        axis.grid(True, which="both", alpha=0.3)
    figure.savefig(pathlib.Path(__file__).parent.parent / "scaling.svg")
