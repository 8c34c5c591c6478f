"""The Debian package: built, installed in a Debian 12 that has nothing else, and served from there."""

import os
import re
import shutil
import subprocess

import pytest

from harness.binary import BINARY, REPOSITORY
from harness.certificates import make_certificate
from harness.client import Client
from harness.patience import PATIENCE, PROMPTLY
from harness.server import Server

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another root"),
    pytest.mark.skipif("release" not in str(BINARY), reason="packs the release build"),
]


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=900 * PATIENCE, **options)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    run(REPOSITORY / "Scripts/package-debian", folder)
    (file,) = folder.glob("hydrogen_*.deb")
    return file


def inside(root, *options):
    """Runs what follows in another root, with a /proc of its own: there Swift finds the arguments of a program."""
    script = 'mount -t proc proc "$0/proc" && exec chroot "$@"'
    return ["unshare", "--mount", "sh", "-c", script, str(root), *options, str(root)]


@pytest.fixture(scope="module")
def root(package, tmp_path_factory):
    """A bare Debian 12 with the package installed."""
    root = tmp_path_factory.mktemp("debian") / "root"
    run("debootstrap", "--variant=minbase", "bookworm", root, "http://deb.debian.org/debian")
    shutil.copy(package, root / "hydrogen.deb")
    for name in ("etc/hosts", "etc/resolv.conf"):
        shutil.copy(f"/{name}", root / name)
    run(*inside(root), "apt-get", "install", "-q", "-y", "--no-install-recommends", "/hydrogen.deb")
    return root


def test_contents(package):
    listed = run("dpkg-deb", "--contents", package)
    for path in (
        "usr/bin/hydrogen", "lib/systemd/system/hydrogen.service", "etc/hydrogen/hydrogen.json",
        "usr/share/hydrogen/prometheus/alerts.yml", "usr/share/hydrogen/grafana/hydrogen.json",
        "usr/share/doc/hydrogen/Operations.md", "usr/share/doc/hydrogen/copyright",
    ):  # fmt: skip
        assert re.search(rf"^-rw[x-]r-[x-]r-[x-] root/root .* \./{path}$", listed, re.MULTILINE), path


def test_runs_where_no_toolchain_is(root):
    assert re.fullmatch(r"hydrogen \d+\.\d+\.\d+\n", run(*inside(root), "hydrogen", "--version"))
    assert run(*inside(root), "stat", "-c", "%U:%G %a", "/etc/hydrogen") == "root:hydrogen 750\n"


def test_example_configuration_names_what_is_missing(root):
    checked = subprocess.run(
        [*inside(root), "hydrogen", "check", "/etc/hydrogen/hydrogen.json"], capture_output=True, text=True
    )
    assert checked.returncode == 78
    assert "WebSocketServer.CertificatePath" in checked.stderr and "WebSocketServer.KeysPath" in checked.stderr


def test_serves(root):
    """As Operations.md tells, with the example configuration, on free ports, as its own user."""
    folder = root / "etc/hydrogen"
    certificate = make_certificate(folder, "made")
    for source, name in ((certificate.certificate, "certificate.pem"), (certificate.key, "private-key.pem")):
        run(*inside(root), "install", "-o", "hydrogen", "-m", "0600", f"/etc/hydrogen/{source.name}", f"/etc/hydrogen/{name}")
    arguments = ("--identity", "operator", "--permit", "*:*", "--config", "/etc/hydrogen/hydrogen.json")
    token = run(*inside(root), "hydrogen", "key", "create", *arguments).strip()
    run(*inside(root), "chown", "hydrogen:", "/etc/hydrogen/keys.json")
    # systemd would make it.
    run(*inside(root), "install", "-d", "-o", "hydrogen", "-m", "0700", "/var/lib/hydrogen/files")
    server = InstalledServer(root, token)
    server.start()
    try:
        with Client(server, key=token, ssl=certificate.client_context()) as client:
            assert client.ok("system", "whoami")["identity"] == "operator"
    finally:
        server.finish()


class InstalledServer(Server):
    """The installed server in its root, with the example configuration."""

    def __init__(self, root, token):
        overrides = {"INTERFACE": "127.0.0.1", "PORT": "0", "METRICS_PORT": "0", "LOG_FORMAT": "json"}
        super().__init__(
            root.parent / "server",
            settings={"SecureMode": "tls"},
            env={f"HYDROGEN_{name}": value for name, value in overrides.items()},
        )
        self.root, self.admin = root, token
        self.secrets.add(token)

    def command(self):
        user = inside(self.root, "--userspec=hydrogen:hydrogen")
        return [*user, "hydrogen", "serve", "--config", "/etc/hydrogen/hydrogen.json"]
