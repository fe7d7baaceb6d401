"""The built book on a web server of this machine: from a file:// address no page can start Python."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader, BytesIO
from pathlib import Path


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def __init__(self, *given: object, absent: set[str], **more: object) -> None:
        self.absent = absent
        super().__init__(*given, **more)

    def send_head(self) -> BufferedReader | None:
        """Open a file, unless it is to be absent."""
        if self.path.rpartition("/")[2] in self.absent:
            return self.send_error(404)
        return super().send_head()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class ScriptFirst(Quiet):
    """Serves pages in which a script runs before their own, in any browser."""

    def __init__(self, *given: object, script: str, **more: object) -> None:
        self.script = script
        super().__init__(*given, **more)

    def send_head(self) -> BufferedReader | BytesIO | None:
        """Open a file; put the script into a page."""
        path = Path(self.translate_path(self.path))
        if path.suffix != ".html" or not path.is_file():
            return super().send_head()
        text = path.read_text(encoding="utf-8").replace("<head>", f"<head><script>{self.script}</script>", 1)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        return BytesIO(text.encode())


class Server(ThreadingHTTPServer):
    """A server that does not mind when a browser goes away in the middle."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(
    folder: Path, absent: set[str] | None = None, answering: Callable[..., Quiet] = Quiet, port: int = 0
) -> Iterator[str]:
    """Serve a folder for as long as the block runs, but for the file names in `absent`; give its address.

    Without a `port` it is one that is free.
    """
    handler = partial(answering, directory=folder, absent=set() if absent is None else absent)
    with Server(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
