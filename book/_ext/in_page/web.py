"""Reads files from an https or http address, and from no other kind; each failure is one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

CHUNK = 1 << 16  # bytes
AGAIN = "run the same command again (what was fetched is kept)"
VISIBLE = re.compile("[!-~]+")  # of ASCII


class Failed(Exception):
    """A file cannot be had; one sentence says why, and what to do."""


class Passing(Failed):
    """A file cannot be had now: the answer did not come, or not as a whole. It may, the next time."""


class Redirects(request.HTTPRedirectHandler):
    """Follows a redirect to https, or from http to http."""

    def redirect_request(self, req: request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """Return the request for the new address. Raises HTTPError where it is of another kind."""
        if urlsplit(newurl).scheme not in (req.type, "https"):
            raise HTTPError(newurl, code, msg, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


# No handler of file:, ftp: or data:. The proxy is the one that the environment names.
HANDLERS = (
    request.ProxyHandler,
    request.HTTPHandler,
    request.HTTPSHandler,
    request.UnknownHandler,
    request.HTTPErrorProcessor,
    request.HTTPDefaultErrorHandler,
    Redirects,
)


def web() -> request.OpenerDirector:
    """Return what opens addresses of the web."""
    opener = request.OpenerDirector()
    opener.addheaders = [("User-Agent", "attention-built-by-hand (make pyodide)")]
    for handler in HANDLERS:
        opener.add_handler(handler())
    return opener


def folder_address(address: str) -> str:
    """Return an address with a slash at its end. Raises Failed where it is not one of the web."""
    try:
        parts = urlsplit(address)
        of_web = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        of_folder = not (parts.username or parts.query or parts.fragment)
    except ValueError:  # a port that no address has
        of_web = of_folder = False
    if not (of_web and of_folder and VISIBLE.fullmatch(address)):
        raise Failed(f"{address} is no address of a folder: one begins with https:// (or http://) and ends in a slash.")
    return address.rstrip("/") + "/"


def chunks(address: str, timeout: float) -> Iterator[bytes]:
    """Yield what lies at an address; the server may be silent for `timeout` seconds. Raises Failed, or Passing."""
    try:
        with web().open(address, timeout=timeout) as answer:
            while chunk := answer.read(CHUNK):
                yield chunk
            if answer.length:  # bytes that were announced and did not come
                raise Passing(f"The server stopped in the middle of {address}: {AGAIN}.")
    except HTTPError as error:
        raise refusal(address, error.code, error.reason) from None
    except (OSError, HTTPException) as error:
        raise silence(address, error.reason if isinstance(error, URLError) else error, timeout) from None


def refusal(address: str, code: int, reason: str) -> Failed:
    """Return what to say of an answer that is not the file."""
    if code in (408, 429) or code >= 500:
        return Passing(f"The server cannot give {address} now ({code} {reason}): {AGAIN}.")
    if 300 <= code < 400:
        return Failed(f"{address} redirects in a circle or to another kind of address, which is not followed.")
    return Failed(f"{address} is not to be had ({code} {reason}): --from has to name a folder with all these files.")


def silence(address: str, reason: object, timeout: float) -> Passing:
    """Return what to say where no answer came, or the connection broke."""
    host = urlsplit(address).netloc
    if isinstance(reason, TimeoutError):
        return Passing(f"{host} was silent for {timeout:g} seconds: {AGAIN}.")
    return Passing(
        f"{host} cannot be reached ({reason}). Check the network connection, and {AGAIN}. "
        "Where there is no network, copy the folder from a computer that has one."
    )
