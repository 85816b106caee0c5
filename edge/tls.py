"""TLS towards a server: its certificate is verified, and nothing older than TLS 1.2 is spoken."""

import ssl

from edge.toml_file import Strict


class TlsFiles(Strict):
    """Files in PEM; without `ca_file` the system's authorities are trusted."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None


def client_context(
    ca_file: str | None, cert_file: str | None = None, key_file: str | None = None
) -> ssl.SSLContext:
    """Files in PEM; without `ca_file` the system's authorities are trusted. Raises OSError, ssl.SSLError."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if cert_file:
        context.load_cert_chain(cert_file, key_file)
    return context


def context_of(files: TlsFiles | None) -> ssl.SSLContext | None:
    """None where the link is not to be encrypted."""
    return client_context(files.ca_file, files.cert_file, files.key_file) if files else None
