"""Tests for tools/offline: which requests of Python's sockets are refused.

That it reaches a kernel and its children is seen in test_execute.py.
"""

import os
import runpy
import subprocess
import sys

import pytest

from tests.support.book import ROOT

OFFLINE = ROOT / "tools" / "offline" / "sitecustomize.py"
ELSEWHERE = "192.0.2.1"  # an address that no machine has (RFC 5737)


@pytest.fixture
def refuse(monkeypatch):
    """Return the hook, not installed: it could not be taken out again."""
    installed = []
    monkeypatch.setattr(sys, "addaudithook", installed.append)
    runpy.run_path(str(OFFLINE))
    (hook,) = installed
    return hook


REQUESTS = [  # event, its arguments for a host
    ("socket.getaddrinfo", lambda host: (host, 80, 0, 0, 0)),
    ("socket.gethostbyname", lambda host: (host,)),
    ("socket.gethostbyaddr", lambda host: (host,)),
    ("socket.getnameinfo", lambda host: ((host, 80),)),
    ("socket.connect", lambda host: (None, (host, 80))),
    ("socket.connect", lambda host: (None, (host, 80, 0, 0))),
    ("socket.sendto", lambda host: (None, (host, 80))),
    ("socket.sendmsg", lambda host: (None, (host, 80))),
]


@pytest.mark.parametrize(("event", "args"), REQUESTS)
@pytest.mark.parametrize("host", ["example.org", b"example.org", ELSEWHERE, "::2"])
def test_any_way_to_another_machine_is_refused_and_names_it(refuse, event, args, host):
    name = host if isinstance(host, str) else host.decode()
    with pytest.raises(PermissionError, match=f"without a network, asked for '{name}'"):
        refuse(event, args(host))


@pytest.mark.parametrize(("event", "args"), REQUESTS)
@pytest.mark.parametrize("host", ["localhost", b"localhost", "127.0.0.1", "::1", ""])
def test_loopback_stays_open(refuse, event, args, host):
    refuse(event, args(host))


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("socket.getaddrinfo", (None, 80, 0, 0, 0)),  # to listen
        ("socket.connect", (None, "a.socket")),  # a file, not a machine
        ("socket.sendmsg", (None, None)),  # along a connection
        ("socket.bind", (None, (ELSEWHERE, 80))),
        ("open", ("example.org", "r", 0)),
    ],
)
def test_what_asks_no_other_machine_is_let_through(refuse, event, args):
    refuse(event, args)


def test_python_raises_these_events():
    # The names of the events are Python's: each way out, tried where it is blocked.
    code = f"""import socket
def udp():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
address = ({ELSEWHERE!r}, 80)
for ask in [
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: socket.gethostbyname("example.org"),
    lambda: socket.gethostbyname_ex("example.org"),
    lambda: socket.gethostbyaddr({ELSEWHERE!r}),
    lambda: socket.getnameinfo(address, 0),
    lambda: socket.create_connection(address, 1),
    lambda: socket.socket().connect_ex(address),
    lambda: udp().sendto(b"", address),
    lambda: udp().sendmsg([b""], [], 0, address),
]:
    try:
        ask()
    except PermissionError as error:
        assert "without a network" in str(error)
    else:
        raise AssertionError("it was let through")
print("refused")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(OFFLINE.parent)},
    )
    assert done.stdout == "refused\n"
