"""What systemd is told: ready, alive, stopping. Nothing happens where NOTIFY_SOCKET is not set."""

import os
import socket


def notify(message: str) -> None:
    """Send one sd_notify(3) message, such as READY=1 or WATCHDOG=1; never raises."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notifier:
        try:
            notifier.sendto(message.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
        except OSError:
            # A service manager that does not listen is no reason to stop reading sensors.
            return
