"""A business's own page on an origin of its own, under a strict content security policy, with the chat embedded by one script tag."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<script src="{ringback}/widget.js" data-widget-key="{key}" async></script></head>
<body><main><h1>A shop</h1><p>It sells lamps.</p></main></body></html>"""


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, ringback: str, *arguments: Any) -> None:
        self._ringback = ringback
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Serve the shop's page with the widget key that its path names."""
        key = self.path.strip("/")
        body = PAGE.format(ringback=self._ringback, key=key).encode() if key.startswith("wk_") else b""
        socket = self._ringback.replace("http://", "ws://")
        self.send_response(200 if body else 404)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header(
            "content-security-policy",
            f"default-src 'none'; script-src {self._ringback}; connect-src {self._ringback} {socket}; base-uri 'none'",
        )
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


@contextlib.contextmanager
def shop(ringback: str) -> Iterator[str]:
    """Serve the shop while the block runs and give its origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, ringback))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
