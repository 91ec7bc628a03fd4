"""Blocks the network for Python: put this folder on PYTHONPATH.

The checks run every notebook with it, so a chapter that downloads something
fails. Loopback stays open, because a kernel talks to its client over it. It sees
what Python's own sockets do, in this process and in every Python child.
"""

import sys
from typing import Any

LOOPBACK = {"localhost", "127.0.0.1", "::1", "", None}
BY_HOST = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
BY_ADDRESS = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getnameinfo"}


def _refuse_hosts(event: str, args: tuple[Any, ...]) -> None:
    if event in BY_HOST:
        host = args[0]
    elif event in BY_ADDRESS and isinstance(args[-1], tuple):  # else a path, or none
        host = args[-1][0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if host not in LOOPBACK:
        raise PermissionError(f"the book runs without a network, asked for {host!r}")


sys.addaudithook(_refuse_hosts)
