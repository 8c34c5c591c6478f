"""TLS as auditors see it: testssl and sslscan."""

import json
import subprocess
import xml.etree.ElementTree

import pytest

from harness.certificates import make_certificate
from harness.configuration import configuration
from harness.patience import PATIENCE

#: What a certificate of our own making brings: nobody else trusts it, and nobody revokes it.
ABOUT_THE_TEST = {"cert_chain_of_trust", "cert_revocation"}


@pytest.fixture(scope="module")
def secure(start_shared, tmp_path_factory):
    certificate = make_certificate(tmp_path_factory.mktemp("certificates"), "server", days=180)
    return start_shared(
        configuration(SecureMode="tls", CertificatePath=str(certificate.certificate), KeyPath=str(certificate.key))
    )


def test_testssl_finds_nothing_above_low(secure, tmp_path):
    output = tmp_path / "findings.json"
    subprocess.run(
        ["testssl", "--quiet", "--warnings", "off", "--jsonfile", output, f"localhost:{secure.address[1]}"],
        capture_output=True,
        timeout=300 * PATIENCE,
    )
    findings = json.loads(output.read_text())
    seen = {finding["id"] for finding in findings}
    assert {"TLS1_2", "TLS1_3", "PFS", "heartbleed", "ROBOT", "BEAST"} <= seen, "the scan was cut short"
    grave = [
        finding
        for finding in findings
        if finding["severity"] in ("MEDIUM", "HIGH", "CRITICAL") and finding["id"] not in ABOUT_THE_TEST
    ]
    assert not grave, grave


def test_sslscan_sees_only_forward_secrecy_and_aead(secure):
    scan = subprocess.run(
        ["sslscan", "--xml=-", f"localhost:{secure.address[1]}"], capture_output=True, check=True, timeout=60 * PATIENCE
    )
    tree = xml.etree.ElementTree.fromstring(scan.stdout)
    enabled = {f"{item.get('type')}{item.get('version')}" for item in tree.iter("protocol") if item.get("enabled") == "1"}
    assert enabled == {"tls1.2", "tls1.3"}
    ciphers = [(item.get("sslversion"), item.get("cipher")) for item in tree.iter("cipher")]
    assert len(ciphers) >= 6
    for version, cipher in ciphers:
        assert version == "TLSv1.3" or cipher.startswith("ECDHE-"), cipher
        assert "GCM" in cipher or "CHACHA20" in cipher, cipher
    assert tree.find(".//renegotiation").get("supported") == "0"
    assert all(item.get("vulnerable") == "0" for item in tree.iter("heartbleed"))
