"""A certificate of our own for servers on loopback."""

import shutil
import ssl
import subprocess
from pathlib import Path

from tests.conftest import missing


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """Certificate and key for 127.0.0.1 and localhost, signed by itself."""
    if shutil.which("openssl") is None:
        missing("openssl")
    cert, key = folder / "own.pem", folder / "own.key"
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-keyout", str(key), "-out", str(cert), "-subj", "/CN=127.0.0.1", "-addext", names],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


def server_tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server needs, and the file that its clients trust."""
    cert, key = own_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert
