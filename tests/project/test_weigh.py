"""Tests for tools/weigh.py and the server that its pages come from."""

import socket
import struct
from urllib.parse import urlsplit

import weigh
from serve import Server
from tests.support.jobs import until


def test_a_reader_who_leaves_early_is_no_error(tmp_path, monkeypatch, capfd):
    (tmp_path / "long.txt").write_bytes(b"x" * 40 * weigh.PIECE)
    monkeypatch.setattr(weigh, "SITE", tmp_path)
    left = []
    handle_error = Server.handle_error

    def noted(self, *args):
        left.append(args)
        handle_error(self, *args)

    monkeypatch.setattr(Server, "handle_error", noted)
    with weigh.served() as address:
        at = urlsplit(address)
        reader = socket.create_connection((at.hostname, at.port))
        reader.sendall(b"GET /long.txt HTTP/1.0\r\n\r\n")
        reader.recv(10)
        # Closed at once: what is still sent is answered with a reset.
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        reader.close()
        until(lambda: left)
    assert capfd.readouterr().err == ""


def test_what_else_goes_wrong_is_reported(capfd):
    server = Server(("127.0.0.1", 0), None, bind_and_activate=False)
    try:
        raise ValueError("a fault of ours")
    except ValueError:
        server.handle_error(None, ("127.0.0.1", 1))
    finally:
        server.server_close()
    assert "a fault of ours" in capfd.readouterr().err
