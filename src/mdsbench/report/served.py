"""A page that follows its store: made anew after the store has changed, and served to this machine only."""

import os
import secrets
import threading
import time
from collections.abc import Callable
from html.parser import HTMLParser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from mdsbench.errors import Failure, UsageError
from mdsbench.store.lock import is_locked

ADDRESS = "127.0.0.1"
LOOK_EVERY = 1.0  # seconds between two looks at the store
REST = 3.0  # times as long as a page took to make, before the next one is made

Make = Callable[[str], str]


class Newest:
    """The newest page of a store, and the token that tells it from the others.

    `make` receives the token and returns the page. Pages are made in the thread that calls `follow`.
    """

    def __init__(self, store: Path, make: Make) -> None:
        self._store, self._make = store, make
        self._signature = signature(store)
        self.token, self.html = self._made()

    def follow(self, ended: threading.Event) -> None:
        """Make the page anew whenever the store has changed, until the event is set."""
        rest = LOOK_EVERY
        while not ended.wait(rest):
            rest = LOOK_EVERY
            now = signature(self._store)
            if now == self._signature:
                continue
            began = time.monotonic()
            try:
                self.token, self.html = self._made()
            except (Failure, UsageError, OSError):
                continue  # the store is gone or in between; the last page stays
            self._signature = now
            rest = max(LOOK_EVERY, REST * (time.monotonic() - began))

    def _made(self) -> tuple[str, str]:
        token = secrets.token_hex(8)
        return token, self._make(token)


def signature(store: Path) -> tuple[object, ...]:
    """What changes when a campaign writes to a store: its file, its log, and whether anybody may write."""
    found: list[object] = [is_locked(store)]
    for path in (store, store.with_name(f"{store.name}-wal")):
        try:
            state = path.stat()
            found.append((state.st_ino, state.st_size, state.st_mtime_ns))
        except OSError:
            found.append(None)
    return tuple(found)


def server(newest: Newest, port: int) -> ThreadingHTTPServer:
    """A server of the page on the loopback address; port 0 takes any that is free.

    Raises Failure if the port is in use or not allowed.
    """

    class Handler(_Handler):
        page = newest

    try:
        return _Server((ADDRESS, port), Handler)
    except OSError as error:
        reason = "is in use" if error.errno in (48, 98) else f"cannot be used: {error.strerror}"
        raise Failure(f"port {port} {reason}; take another one with --port, or 0 for any that is free") from None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # after an end the port is free at once

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that closes its connection is no news."""


class _Handler(BaseHTTPRequestHandler):
    """Answers GET of the page and of its token, and refuses everything else."""

    page: Newest
    server_version, sys_version = "mdsbench", ""
    timeout = 10  # seconds that a silent connection is kept

    def do_GET(self) -> None:
        """Send the page, or its token."""
        if self.headers.get("Host", "") not in self._hosts():
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "this is not the address of the page")
            return
        html = self.page.html
        if self.path == "/":
            self._send(html, "text/html", policy_of(html))
        elif self.path == "/changed":
            self._send(self.page.token, "text/plain", "default-src 'none'")
        else:
            self.send_error(HTTPStatus.NOT_FOUND, "only the page is here")

    def _hosts(self) -> tuple[str, ...]:
        """The names that a browser calls this server by; any other one has been made to lead here."""
        port = self.server.server_address[1]  # type: ignore[index]
        return f"{ADDRESS}:{port}", f"localhost:{port}"

    def _send(self, text: str, kind: str, policy: str) -> None:
        body = text.encode("utf-8", errors="replace")
        self.send_response(HTTPStatus.OK)
        for name, value in {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Length": str(len(body)),
            "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def policy_of(html: str) -> str:
    """The content security policy that a page carries in its head."""
    found = _Policy()
    found.feed(html[: html.index("<style>")])
    return found.policy


class _Policy(HTMLParser):
    policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given.get("content") or ""
