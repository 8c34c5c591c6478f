"""TLS: versions, ciphers and certificates, judged by `openssl s_client`."""

import signal
import ssl
import subprocess
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from harness.api import API
from harness.certificates import make_certificate, openssl
from harness.configuration import configuration
from harness.keys import create_key, revoke_key
from harness.patience import PROMPTLY, wait_until
from harness.raw import PING, TEXT


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificates"), "server")


def secure_configuration(certificate, **changes):
    return configuration(
        SecureMode="tls", CertificatePath=str(certificate.certificate), KeyPath=str(certificate.key), **changes
    )


@pytest.fixture(scope="module")
def secure(start_shared, certificate):
    return start_shared(secure_configuration(certificate, HandshakeTimeout=2))


def s_client(server, *arguments):
    """What `openssl s_client` says of a handshake."""
    host, port = server.address
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"{host}:{port}", *map(str, arguments)],
        input=b"",
        capture_output=True,
        timeout=PROMPTLY,
        check=False,
    )


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_conversation(secure, certificate, version):
    context = certificate.client_context()
    context.minimum_version = context.maximum_version = version
    with secure.client(ssl=context) as client:
        assert client.ok("system", "ping", {"pad": "x" * 60000})["pad"] == "x" * 60000
        client.subscribe("print", "a")
        client.publish("print", "a", {"n": 1})
        assert client.event()["data"] == {"n": 1}


@pytest.mark.parametrize(("option", "version"), [("-tls1_2", b"TLSv1.2"), ("-tls1_3", b"TLSv1.3")])
def test_modern_versions(secure, certificate, option, version):
    result = s_client(secure, option, "-CAfile", certificate.certificate)
    assert result.returncode == 0, result.stderr
    assert version in result.stdout
    assert b"Verify return code: 0 (ok)" in result.stdout


@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(secure, option):
    result = s_client(secure, option, "-cipher", "ALL:@SECLEVEL=0")
    assert result.returncode != 0
    assert b"Cipher is (NONE)" in result.stdout


@pytest.mark.parametrize(
    ("cipher", "accepted"),
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", True),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", True),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
        ("ECDHE-ECDSA-AES128-SHA", False),
        ("ECDHE-ECDSA-AES256-SHA384", False),
        ("AES128-GCM-SHA256:AES128-SHA", False),
    ],
)
def test_ciphers_of_tls_1_2(secure, cipher, accepted):
    result = s_client(secure, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert (b"Cipher is (NONE)" not in result.stdout) is accepted


def test_alpn_is_http_1_1(secure):
    assert b"ALPN protocol: http/1.1" in s_client(secure, "-alpn", "h2,http/1.1").stdout


def test_without_tls_there_is_no_answer(secure):
    with secure.raw() as client:
        try:
            assert client.upgrade(secure.admin.token).status == 400
        except EOFError:
            pass
    secure.wait_metric(lambda metrics: metrics.value("connections", state="connecting") == 0, "gone")


def test_a_tls_handshake_that_stalls_is_dropped_and_counted(secure, certificate):
    """Each of them, also on a busy loop: libwebsockets has a limit of its own, and what that ends counts as lost."""
    late = {"category": "connection", "code": "handshake_timeout"}
    before = secure.metrics().value("errors_total", **late)
    peers = [secure.raw() for _ in range(50)]
    for peer in peers:
        peer.send(b"\x16\x03\x01\x02\x00\x01")
    started = time.monotonic()
    with secure.raw_client(context=certificate.client_context()) as busy:
        while time.monotonic() - started < 2.1:
            busy.send_frame(PING)
            busy.read_frame()
    assert all(peer.at_end() for peer in peers)
    assert time.monotonic() - started < 2 + PROMPTLY
    secure.wait_metric(lambda metrics: metrics.value("errors_total", **late) == before + len(peers), "all are counted")
    for peer in peers:
        peer.close()


def test_a_first_frame_without_a_mask_closes_with_1002(secure, certificate):
    with secure.raw_client(context=certificate.client_context()) as client:
        client.send_frame(TEXT, b"{}", mask=False)
        assert client.read_close()[0] == 1002


def test_the_metric_tells_when_the_certificate_ends(secure, certificate):
    text = openssl("x509", "-in", certificate.certificate, "-noout", "-enddate").stdout.decode().strip()
    ends = ssl.cert_time_to_seconds(text.removeprefix("notAfter="))
    assert secure.metrics().value("tls_certificate_not_after_timestamp_seconds") == ends


def test_sighup_brings_a_new_certificate(start_server, tmp_path):
    first = make_certificate(tmp_path, "live")
    server = start_server(secure_configuration(first))
    with server.client(ssl=first.client_context()) as old:
        before = first.certificate.read_bytes()
        second = make_certificate(tmp_path, "live")
        assert second.certificate.read_bytes() != before
        server.signal(signal.SIGHUP)

        def presented():
            return s_client(server, "-CAfile", second.certificate).stdout.find(b"Verify return code: 0 (ok)") > 0

        wait_until(presented, "the new certificate")
        old.ok("system", "ping")
        with server.client(ssl=second.client_context()) as new:
            new.ok("system", "ping")


@pytest.mark.parametrize("fault", ["another key", "no such certificate", "no certificate in it", "absent"])
def test_a_bad_pair_stops_the_start(start_server, certificate, tmp_path, fault):
    settings = secure_configuration(certificate)
    if fault == "another key":
        settings["KeyPath"] = str(make_certificate(tmp_path, "other").key)
    elif fault == "no such certificate":
        settings["CertificatePath"] = str(tmp_path / "none.pem")
    elif fault == "no certificate in it":
        (tmp_path / "empty.pem").write_text("nothing here\n")
        settings["CertificatePath"] = str(tmp_path / "empty.pem")
    else:
        del settings["CertificatePath"], settings["KeyPath"]
    server = start_server(settings, ready=False)
    server.expected_exit = 78
    server.launch()
    assert server.wait() == 78
    named = "WebSocketServer.KeyPath" if fault == "another key" else "WebSocketServer.CertificatePath"
    text = server.log_text()
    assert named in text or (fault == "another key" and "WebSocketServer.CertificatePath" in text)


def test_a_client_certificate_can_be_required(start_server, certificate, tmp_path):
    authority = make_certificate(tmp_path, "authority", common_name="authority")
    member = make_certificate(tmp_path, "member", authority, common_name="member")
    stranger = make_certificate(tmp_path, "stranger", common_name="stranger")
    server = start_server(secure_configuration(certificate, ClientCAPath=str(authority.certificate)))

    def context(holder):
        result = certificate.client_context()
        if holder is not None:
            result.load_cert_chain(holder.certificate, holder.key)
        return result

    with server.client(ssl=context(member)) as client:
        client.ok("system", "ping")
    for holder in (None, stranger):
        with pytest.raises((ssl.SSLError, ConnectionClosed, InvalidMessage, OSError, EOFError)):
            server.client(ssl=context(holder))


def test_metrics_over_tls(start_server, certificate):
    settings = secure_configuration(certificate, Metrics={"SecureMode": "tls"})
    server = start_server(settings, ready=False)
    server.check_laws = False
    server.launch()
    server.wait_listening()
    host, port = server.http_address

    def curl(*arguments):
        return subprocess.run(
            ["curl", "--silent", "--show-error", "--cacert", str(certificate.certificate), *arguments],
            capture_output=True,
            timeout=PROMPTLY,
            check=False,
        )

    url = f"https://localhost:{port}" if host in ("127.0.0.1", "localhost") else f"https://{host}:{port}"
    wait_until(lambda: curl("--fail", f"{url}/-/ready").returncode == 0, "ready over TLS")
    assert b"hydrogen_build_info" in curl(f"{url}/metrics").stdout
    assert curl("--tls-max", "1.1", f"{url}/metrics").returncode != 0


def test_a_certificates_subject_is_an_identity(start_server, certificate, tmp_path):
    authority = make_certificate(tmp_path, "authority", common_name="authority")
    member = make_certificate(tmp_path, "member", authority, common_name="device 7, hall ü")
    nameless = make_certificate(tmp_path, "nameless", authority, common_name="nobody")
    settings = secure_configuration(certificate, ClientCAPath=str(authority.certificate))
    server = start_server(settings, ready=False, keys=[("device 7, hall ü", "*:*")])
    # As RFC 4514 writes it; the common name alone is another identity.
    create_key(server.keys_file, "CN=device 7\\, hall ü", "print:subscribe")
    server.start()

    def context(holder):
        result = certificate.client_context()
        result.load_cert_chain(holder.certificate, holder.key)
        return result

    with server.client("", ssl=context(member)) as client:
        me = client.ok("system", "whoami")
        assert (me["identity"], me["permissions"]) == ("CN=device 7\\, hall ü", ["print:subscribe"])
    with server.client("admin", ssl=context(member)) as client:
        assert client.ok("system", "whoami")["identity"] == "admin", "a key says more than a certificate"
    with pytest.raises(InvalidStatus) as refusal:
        server.client("", ssl=context(nameless))
    assert refusal.value.response.status_code == 401
    # A page of another origin has the browser's certificate too.
    with pytest.raises(InvalidStatus) as refusal:
        server.client("", ssl=context(member), origin="https://elsewhere.example")
    assert refusal.value.response.status_code == 403
    with server.client("", ssl=context(member)) as client:
        revoke_key(server.keys_file, "CN=device 7\\, hall ü")
        server.signal(signal.SIGHUP)
        assert client.closed() == (4401, "authentication.revoked")
    with pytest.raises(InvalidStatus):
        server.client("", ssl=context(member))


@pytest.mark.parametrize("fault", ["expired", "readable", "no authority"])
def test_bad_files_stop_the_start(start_server, certificate, tmp_path, fault):
    own = make_certificate(tmp_path, "own")
    if fault == "expired":
        openssl("x509", "-in", own.certificate, "-signkey", own.key, "-days", "-1", "-out", own.certificate)
    settings = secure_configuration(own)
    named = "KeyPath" if fault == "readable" else "CertificatePath"
    if fault == "readable":
        own.key.chmod(0o644)
    elif fault == "no authority":
        named = "ClientCAPath"
        settings["ClientCAPath"] = str(own.key)
    server = start_server(settings, ready=False)
    server.expected_exit = 78
    server.launch()
    assert server.wait() == 78
    assert f"WebSocketServer.{named}: " in server.log_text()


def test_a_reload_refuses_a_key_that_others_may_read(start_server, tmp_path):
    own = make_certificate(tmp_path, "own")
    server = start_server(secure_configuration(own))
    own.key.chmod(0o644)
    server.signal(signal.SIGHUP)
    server.wait_metric(lambda metrics: metrics.value("config_last_reload_successful") == 0, "the reload is refused")
    with server.client(ssl=own.client_context()) as client:
        client.ok("system", "ping")
    own.key.chmod(0o640)
    server.signal(signal.SIGHUP)
    server.wait_metric(lambda metrics: metrics.value("config_last_reload_successful") == 1, "the reload is taken over")


def test_a_certificate_that_ends_soon_is_warned_of(start_server, tmp_path):
    own = make_certificate(tmp_path, "own", days=5)
    server = start_server(secure_configuration(own))
    (warning,) = server.log_records("the certificate expires soon")
    assert warning["level"] == "warning" and int(warning["days"]) in (4, 5)


@pytest.fixture
def secure_http(start_server, tmp_path):
    """A server whose HTTP side speaks TLS, and its certificate."""
    own = make_certificate(tmp_path, "own")
    server = start_server(secure_configuration(own, Metrics={"SecureMode": "tls"}), ready=False)
    server.check_laws = False
    server.launch()
    server.wait_listening()
    server.http_address = ("localhost", server.http_address[1])
    return server, own


def test_the_server_api_over_tls(secure_http):
    server, own = secure_http
    api = API(server, tls=own.client_context())
    assert api.ok("GET", "/connections") == {"items": [], "next": None}
    results = api.ok("POST", "/publish", [{"channel": "print", "action": "a"}] * 3)["results"]
    assert len({result["event"] for result in results}) == 3
    assert api.refused("GET", "/connections", authorization="Key hk_wrong")[0] == 401


def test_sighup_brings_the_http_side_a_new_certificate(secure_http, tmp_path):
    import http.client

    server, first = secure_http
    old = http.client.HTTPSConnection(*server.http_address, timeout=PROMPTLY, context=first.client_context())
    old.request("GET", "/-/healthy")
    assert old.getresponse().read() == b"healthy\n"
    second = make_certificate(tmp_path, "own")
    server.signal(signal.SIGHUP)

    def presented():
        connection = http.client.HTTPSConnection(*server.http_address, timeout=PROMPTLY, context=second.client_context())
        try:
            connection.request("GET", "/-/healthy")
            return connection.getresponse().status == 200
        except ssl.SSLError:
            return False
        finally:
            connection.close()

    wait_until(presented, "the new certificate")
    # A connection from before goes on.
    old.request("GET", "/-/healthy")
    assert old.getresponse().read() == b"healthy\n"
    old.close()


@pytest.mark.parametrize(("cipher", "accepted"), [("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-ECDSA-AES128-SHA", False)])
def test_ciphers_of_the_http_side(secure_http, cipher, accepted):
    server, _ = secure_http
    host, port = server.http_address
    result = subprocess.run(
        ["openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0"],
        input=b"", capture_output=True, timeout=PROMPTLY, check=False,
    )
    assert (b"Cipher is (NONE)" not in result.stdout) is accepted
