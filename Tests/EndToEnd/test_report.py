"""The report: one file, opened in a real browser."""

import re
import subprocess

import pytest

from harness import binary, scenarios
from harness.patience import PATIENCE


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    files = [scenarios.FILES[name] for name in ("heartbeat", "slow-consumer")]
    result = binary.run("simulate", *files, "--report", folder / "report.html", cwd=folder, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / "report.html"


def chromium(page, *arguments):
    return subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--enable-logging=stderr",
            f"--user-data-dir={page.parent / 'profile'}",
            "--window-size=1200,2400",
            *arguments,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
        check=True,
    )


def test_it_draws_in_a_browser(report):
    result = chromium(report, "--virtual-time-budget=5000", "--dump-dom")
    assert [line for line in result.stderr.splitlines() if "CONSOLE" in line] == []
    page = result.stdout
    assert re.search(r"<html[^>]* data-ready=\"yes\"", page)
    assert "data-error" not in page.split("<head>")[0]
    charts = re.findall(r'<div class="chart" data-drawn="(\w+)">', page)
    assert len(charts) == 6 and "yes" in charts
    # Curves with points, and none of them nowhere.
    paths = re.findall(r'<path d="([^"]+)"', page)
    assert len(paths) >= 6
    assert all(len(path) > 100 for path in paths)
    assert "NaN" not in "".join(paths)
    assert '<div class="strip chart" data-drawn="yes">' in page
    assert page.count('role="img"') >= 5
    # Every state × event.
    coverage = page[page.index('class="coverage"') :]
    assert len(re.findall(r'<td class="(?:handled|ignored|never|impossible)"', coverage)) == 12 * 14
    # A button for each scenario.
    assert re.search(r'<nav class="runs".*heartbeat.*slow-consumer.*</nav>', page, re.DOTALL)


def test_it_asks_nobody_for_anything(report):
    text = report.read_text()
    assert re.findall(r"""(?:src|href)\s*=|@import|url\((?!#)|fetch\(|XMLHttpRequest""", text.replace("url(#", "")) == []
    assert "default-src 'none'" in text
    # The only address is a name, of SVG.
    assert set(re.findall(r"https?://[^\s\"'\\]+", text)) <= {"http://www.w3.org/2000/svg"}


def test_it_shows_what_failed(tmp_path):
    file = tmp_path / "capacity.json"
    file.write_text(scenarios.FILES["capacity"].read_text().replace('"MaxConnections": 100', '"MaxConnections": 90'))
    result = binary.run("simulate", file, "--report", tmp_path / "report.html", cwd=tmp_path, timeout=120)
    assert result.returncode == 1
    page = chromium(tmp_path / "report.html", "--virtual-time-budget=5000", "--dump-dom").stdout
    assert '<span class="verdict missed">an expectation failed</span>' in page
    assert '<td class="mark no">✗</td><td>exactly 100 are in</td>' in page
