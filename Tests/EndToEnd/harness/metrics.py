"""A scrape of /metrics, read by the parser of the Prometheus project, and the laws that hold in every one."""

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

STATES = (
    "connecting",
    "verifying",
    "established",
    "connected",
    "heartbeat",
    "inactive",
    "closing",
    "failed",
    "rejected",
    "closed",
    "zombie",
    "freed",
)

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Metrics:
    """One scrape."""

    def __init__(self, text, parser=parse_text):
        self.text = text
        self.families = {family.name: family for family in parser(text)}
        self.samples = {}
        self.counters = set()
        for family in self.families.values():
            for sample in family.samples:
                key = (sample.name, frozenset(sample.labels.items()))
                assert key not in self.samples, f"{key} twice in one scrape"
                self.samples[key] = sample.value
                if family.type == "counter" or (
                    family.type == "histogram" and sample.name.endswith(("_bucket", "_count", "_sum"))
                ):
                    self.counters.add(key)

    def value(self, name, **labels):
        """The value of one series; the name without its prefix."""
        return self.samples[(f"hydrogen_{name}", frozenset(labels.items()))]

    def labels(self, name):
        """The sets of labels under which a name is exposed."""
        return [dict(labels) for series, labels in self.samples if series == f"hydrogen_{name}"]

    def total(self, name, **labels):
        """The sum over the series of a name which carry these labels, and others."""
        wanted = set(labels.items())
        return sum(
            value
            for (series, found), value in self.samples.items()
            if series == f"hydrogen_{name}" and wanted <= set(found)
        )

    def check_laws(self, earlier=None):
        """What holds in every scrape; `earlier` is one taken before it from the same server."""
        in_states = {state: self.value("connections", state=state) for state in STATES}
        accepted = self.value("connections_accepted_total")
        freed = self.value("contexts_freed_total")
        assert accepted == sum(in_states.values()) + freed, (accepted, in_states, freed)
        assert in_states["freed"] == 0

        # Beyond `MaxHandshakes` a socket is closed at accept: accepted and freed, without a state between.
        closed_at_accept = freed - self.total("state_transitions_total", to="freed")
        assert 0 <= closed_at_accept <= self.value("errors_total", category="connection", code="capacity")
        for state, gauge in in_states.items():
            entered = self.total("state_transitions_total", to=state)
            left = self.total("state_transitions_total", **{"from": state})
            if state == "connecting":
                entered += accepted - closed_at_accept
            if state == "freed":
                left += freed - closed_at_accept
            assert entered - left == gauge, (state, entered, left, gauge)

        phases = {
            "allocated": ("connecting", "verifying"),
            "in_use": ("established", "connected", "heartbeat", "inactive"),
            "marked_for_deletion": ("closing", "failed", "rejected", "closed"),
            "zombie": ("zombie",),
        }
        for phase, states in phases.items():
            assert self.value("contexts", phase=phase) == sum(in_states[state] for state in states), phase

        outcomes = {outcome: self.value("deliveries_total", outcome=outcome) for outcome in ("acked", "dead", "expired")}
        assert self.value("outbox_enqueued_total") == sum(outcomes.values()) + self.value("outbox_events"), outcomes

        if earlier is not None:
            for key in earlier.counters:
                assert self.samples[key] >= earlier.samples[key], f"{key} fell"
