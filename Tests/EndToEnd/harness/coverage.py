"""What the whole suite provoked, summed over the last scrape of every server that it stopped, against the lists of the
contract: the labels of the metrics are those lists, and each is there from the start."""

import collections

#: Section 1 of the contract: each row of the handshake table by the error that answers it.
HANDSHAKE_ROWS = (
    "protocol.handshake",
    "protocol.path",
    "protocol.upgrade_required",
    "connection.draining",
    "connection.blocked",
    "connection.rate_limited",
    "protocol.subprotocol",
    "authentication.origin",
    "authentication.missing",
    "authentication.invalid",
    "authentication.expired",
    "authentication.revoked",
    "connection.capacity",
)

#: What no test can provoke yet, and why. An entry that a test provokes is told, so that it can go.
NOT_YET = {
    "close 1011": "an internal error is a fault of ours: no peer can provoke one",
}

FAMILIES = ("errors_total", "connections_closed_total", "handshakes_rejected_total")


class Provoked:
    """Counters by series: their labels joined in the order of their names."""

    def __init__(self):
        self.counts = {family: collections.Counter() for family in FAMILIES}

    def add(self, metrics):
        """A server's last scrape."""
        for family in FAMILIES:
            for labels in metrics.labels(family):
                name = ".".join(labels[label] for label in sorted(labels))
                self.counts[family][name] += int(metrics.value(family, **labels))

    def merge(self, counts):
        """What another process sends: `counts` of its own."""
        for family, series in counts.items():
            for name, count in series.items():
                self.counts[family][name] += count

    def sendable(self):
        return {family: dict(counter) for family, counter in self.counts.items()}

    def names(self):
        """Every name of the contract's lists, and how often it was provoked."""
        found = {}
        for name, count in self.counts["errors_total"].items():
            found[f"error {name}"] = count
        for name, count in self.counts["connections_closed_total"].items():
            found[f"close {name}"] = count
        for row in HANDSHAKE_ROWS:
            found[f"handshake {row}"] = self.counts["handshakes_rejected_total"][row]
        return found

    def missing(self):
        """What was not provoked, and has no reason for it."""
        return sorted(name for name, count in self.names().items() if not count and name not in NOT_YET)

    def outdated(self):
        """Reasons that hold no longer."""
        names = self.names()
        return sorted(name for name in NOT_YET if names.get(name))


provoked = Provoked()
