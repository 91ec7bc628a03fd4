"""Show the built site on this computer, until Ctrl-C.

usage: python tools/serve.py [PORT]        (default: 8000; 0 takes any that is free)
"""

import argparse
import sys
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"


class Server(ThreadingHTTPServer):
    """A server that does not share its port with another program.

    That a reader leaves before all of a page was sent is no error.
    """

    allow_reuse_port = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what went wrong, unless the reader has left."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def main(words: list[str] | None = None) -> None:
    """Serve, or say in one line why not."""
    parser = argparse.ArgumentParser("make serve", description="Show the built site.")
    parser.add_argument("port", type=int, nargs="?", default=8000, metavar="PORT")
    port = parser.parse_args(words).port
    if not (SITE / "index.html").exists():
        sys.exit("there is no site yet: run 'make book'")
    try:
        server = Server(
            ("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=SITE)
        )
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        sys.exit(f"port {port}: {reason}; name another: make serve PORT=8080")
    with server, suppress(KeyboardInterrupt):
        address = f"http://127.0.0.1:{server.server_port}/"
        print(f"The book is at {address} (Ctrl-C ends it).", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
