"""TLS towards a server is verified and not old."""

import ssl

from edge.tls import client_context


def test_server_is_verified_and_old_protocols_are_refused() -> None:
    context = client_context(None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
