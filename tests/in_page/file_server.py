"""A server on this machine that gives files, or does to them what servers and networks do at times."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = bytes | int | str  # the file itself, a status, or where a redirect leads


class FileServer(ThreadingHTTPServer):
    """Gives `files` below /full/; `instead` has other replies, or a way to stop, for a number of requests of a name."""

    daemon_threads = True
    HALF, SILENT = "half", "silent"  # it ends in the middle; it stops there and keeps the connection

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files, self.asked = files, Counter()
        self.instead: dict[str, tuple[Reply, int]] = {}
        self.waits, self.closing = threading.Event(), threading.Event()

    def handle_error(self, *_: object) -> None:
        """Say nothing: some tests go away before all is sent."""

    @property
    def address(self) -> str:
        """Return the address of the folder."""
        return f"http://127.0.0.1:{self.server_port}/full/"

    def reply(self, name: str) -> Reply:
        """Return what is planned for a name, as often as it is planned, else the file."""
        self.asked[name] += 1
        other, times = self.instead.get(name, (b"", 0))
        return other if self.asked[name] <= times else self.files.get(name, 404)


class Answer(BaseHTTPRequestHandler):
    """Answers one request."""

    server: FileServer

    def do_GET(self) -> None:
        """Give the file, or do what is planned."""
        name = self.path.rpartition("/")[2]
        match self.server.reply(name):
            case FileServer.HALF:
                self.give(self.server.files[name], half=True)
            case FileServer.SILENT:
                self.give(self.server.files[name], half=True)
                self.server.waits.set()
                self.server.closing.wait()
            case bytes(data):
                self.give(data)
            case int(status):
                self.send_error(status)
            case str(elsewhere):
                self.send_response(302)
                self.send_header("Location", elsewhere)
                self.end_headers()

    def give(self, data: bytes, half: bool = False) -> None:
        """Announce the data, and send them or their first half."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if half else data)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[FileServer]:
    """Serve files for as long as the block runs."""
    with FileServer(files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
