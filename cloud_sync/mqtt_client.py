"""What every connection to the broker of the options has in common, whoever makes it."""

import socket
from typing import Any, Final, TypeVar

import aiomqtt

from cloud_sync.options import MqttOptions
from edge.secrets import read_secret
from edge.tls import context_of

_Client = TypeVar("_Client", bound=aiomqtt.Client)
_AT_ONCE: Final = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)


def client_of(kind: type[_Client], options: MqttOptions, client_id: str, *, v5: bool, **more: Any) -> _Client:
    """A client of this kind, not yet connected; `more` is handed to it. Raises ConfigError for its files."""
    client = kind(
        options.host,
        options.port,
        identifier=client_id,
        username=options.username,
        password=read_secret(options.password_file) if options.password_file else None,
        protocol=aiomqtt.ProtocolVersion.V5 if v5 else aiomqtt.ProtocolVersion.V311,
        keepalive=options.keepalive_s,
        timeout=options.connect_timeout_s,
        tls_context=context_of(options.tls),
        socket_options=_AT_ONCE,
        **more,
    )
    client._client.connect_timeout = options.connect_timeout_s
    return client
