"""Certificates, made by the `openssl` command."""

import dataclasses
import pathlib
import ssl
import subprocess


@dataclasses.dataclass(frozen=True)
class Certificate:
    certificate: pathlib.Path
    key: pathlib.Path

    def client_context(self):
        """What a client needs to trust this certificate, and nothing else."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        return context


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=True, **options)


def make_certificate(folder, name, authority=None, common_name="localhost", days=30):
    """A certificate for localhost, 127.0.0.1 and ::1: its own authority, or signed by another one."""
    certificate, key = pathlib.Path(folder) / f"{name}.pem", pathlib.Path(folder) / f"{name}-key.pem"
    arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-utf8", "-days", days]
    arguments += ["-subj", f"/CN={common_name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"]
    arguments += ["-keyout", key, "-out", certificate]
    if authority is not None:
        arguments += ["-CA", authority.certificate, "-CAkey", authority.key, "-addext", "basicConstraints=critical,CA:FALSE"]
    openssl(*arguments)
    return Certificate(certificate, key)
