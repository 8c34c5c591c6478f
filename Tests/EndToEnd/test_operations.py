"""What operators are given: Prometheus rules and their tests, the dashboard's queries, the systemd unit."""

import json
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from harness.certificates import make_certificate
from harness.client import Client
from harness.configuration import configuration
from harness.patience import PATIENCE, PROMPTLY, wait_until

REPOSITORY = pathlib.Path(__file__).parents[2]
PROMETHEUS = REPOSITORY / "Config/prometheus"
DASHBOARD = REPOSITORY / "Config/grafana/hydrogen.json"
UNIT = REPOSITORY / "Config/systemd/hydrogen.service"


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], cwd=PROMETHEUS, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_are_valid():
    promtool("check", "rules", "recording.yml", "alerts.yml")
    promtool("check", "config", "prometheus.yml")


def test_each_alert_fires_and_stays_quiet_before():
    promtool("test", "rules", "alerts.test.yml")
    alerts = set(re.findall(r"alert: (\w+)", (PROMETHEUS / "alerts.yml").read_text()))
    tested = set(re.findall(r"alertname: (\w+)", (PROMETHEUS / "alerts.test.yml").read_text()))
    assert alerts == tested


def test_each_alert_has_a_runbook():
    alerts = re.findall(r"alert: (\w+)", (PROMETHEUS / "alerts.yml").read_text())
    links = re.findall(r"runbook_url: Documentation/Operations.md#(\w+)", (PROMETHEUS / "alerts.yml").read_text())
    headings = re.findall(r"^### (\w+)$", (REPOSITORY / "Documentation/Operations.md").read_text(), re.MULTILINE)
    assert links == [alert.lower() for alert in alerts]
    assert headings == alerts


def test_rules_and_dashboard_name_only_metrics_that_exist(server):
    exposed = {re.sub(r"_(bucket|count|sum)$", "", name) for name, _ in server.metrics().samples}
    for path in [PROMETHEUS / "recording.yml", PROMETHEUS / "alerts.yml", DASHBOARD]:
        named = set(re.findall(r"\b(?:hydrogen|process)_[a-z0-9_]+", re.sub(r"instance:\w+|loop:\w+|record: \S+", "", path.read_text())))
        named = {re.sub(r"_(bucket|count|sum)$", "", name) for name in named}
        # The certificate's series is there with TLS only.
        assert named - exposed <= {"hydrogen_tls_certificate_not_after_timestamp_seconds"}, path.name


def expressions():
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$__rate_interval", "10s").replace("$job", ".*").replace("$instance", ".*")
            yield pytest.param(expression, id=f"{panel['title']} {target['refId']}")


@pytest.fixture(scope="module")
def prometheus(start_shared, tmp_path_factory):
    """A Prometheus that scrapes a server in use, with the rules of the repository. Its queries, as a function."""
    folder = tmp_path_factory.mktemp("prometheus")
    certificate = make_certificate(folder, "server")
    server = start_shared(
        configuration(
            SecureMode="tls", CertificatePath=str(certificate.certificate), KeyPath=str(certificate.key), HeartbeatInterval=1
        )
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = (PROMETHEUS / "prometheus.yml").read_text()
    settings = settings.replace("127.0.0.1:9464", "%s:%d" % server.http_address).replace("15s", "1s")
    (folder / "prometheus.yml").write_text(settings)
    for rules in ("recording.yml", "alerts.yml"):
        shutil.copy(PROMETHEUS / rules, folder)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{port}"],
            stdout=log, stderr=log,
        )  # fmt: skip

    def query(expression):
        url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(url, timeout=30 * PATIENCE) as response:
                return json.load(response)["data"]["result"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # It starts.
                return []
            raise AssertionError(f"{expression}: {error.read().decode()}") from None
        except OSError:
            return []

    context = certificate.client_context()
    try:
        # One is busy; the other is silent, so that it is sent heartbeats.
        with Client(server, ssl=context) as client, Client(server, ssl=context):
            client.subscribe("print", "**")

            def is_scraped_under_load():
                assert process.poll() is None, (folder / "log").read_text()
                client.publish("print", "job.done", {"id": 1})
                client.request("system", "nothing")
                scrapes = query("count_over_time(hydrogen_build_info[1m]) >= 5")
                return scrapes and query("hydrogen_heartbeats_sent_total > 0")

            wait_until(is_scraped_under_load, "five scrapes", 30 * PATIENCE)
            yield query
    finally:
        process.terminate()
        process.wait(PROMPTLY)


@pytest.mark.parametrize("expression", list(expressions()))
def test_dashboard_query(prometheus, expression):
    # A percentile of nothing is no number, but the series must be there.
    assert wait_until(lambda: prometheus(expression), f"a result of {expression}", 30 * PATIENCE)


def test_rules_are_evaluated(prometheus):
    records = re.findall(r"record: (\S+)", (PROMETHEUS / "recording.yml").read_text())
    for record in records:
        wait_until(lambda: prometheus(record), record, 30 * PATIENCE)
    assert prometheus('ALERTS{alertstate="firing"}') == []


def test_unit_is_valid_and_hardened(tmp_path):
    unit = tmp_path / "hydrogen.service"
    unit.write_text(UNIT.read_text().replace("/usr/bin/hydrogen", "/bin/true"))
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert verified.returncode == 0 and not verified.stderr, verified.stderr
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit], capture_output=True, text=True
    )
    assert rated.returncode == 0, rated.stdout
