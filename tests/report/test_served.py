"""A page that is served: to this machine only, and made anew when its store changes."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest

from mdsbench.errors import Failure
from mdsbench.report import served
from mdsbench.report.page import bundle
from mdsbench.report.served import Newest, policy_of, server, signature

PAGE = """<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'self'">
<style></style><p>{token}"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"1")
    return path


@pytest.fixture
def newest(store: Path) -> Newest:
    return Newest(store, lambda token: PAGE.format(token=token))


@pytest.fixture
def port(newest: Newest) -> Iterator[int]:
    with server(newest, 0) as serving:
        threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield serving.server_address[1]
        serving.shutdown()


def asked(port: int, path: str = "/", method: str = "GET", host: str = "") -> tuple[HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def test_the_page_has_its_own_policy_as_a_header(port: int, newest: Newest) -> None:
    answer, text = asked(port)
    assert (answer.status, text) == (200, newest.html)
    header = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
    assert answer.getheader("Content-Security-Policy") == header
    assert answer.getheader("Content-Type") == "text/html; charset=utf-8"
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert answer.getheader("Cache-Control") == "no-store"


def test_the_policy_is_read_as_a_browser_reads_it() -> None:
    allowed = bundle.policy(["a"], ["b"], connects=True)
    written = allowed.replace("'", "&#39;")  # as the template escapes it
    assert policy_of(f'<meta http-equiv="Content-Security-Policy" content="{written}"><style>') == allowed


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:{port}.evil"]
)
def test_another_name_for_this_machine_is_refused(port: int, host: str) -> None:
    answer, text = asked(port, host=host.format(port=port))
    assert answer.status == 421
    assert "token" not in text
    assert asked(port, host=f"localhost:{port}")[0].status == 200


@pytest.mark.parametrize("path", ["/index.html", "/a.sqlite", "/../a.sqlite", "/?x", "/changed/", "http://evil/"])
def test_nothing_but_the_page_is_there(port: int, path: str) -> None:
    assert asked(port, path)[0].status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_nothing_can_be_sent(port: int, method: str) -> None:
    assert asked(port, method=method)[0].status == 501


def test_it_listens_on_the_loopback_address_only(newest: Newest) -> None:
    with server(newest, 0) as serving:
        assert serving.server_address[0] == "127.0.0.1"


def test_a_port_in_use_is_one_line(newest: Newest) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(Failure, match=f"port {number} is in use; take another one with --port, or 0"):
            server(newest, number)


def test_a_store_that_changes_has_a_newer_page(port: int, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "LOOK_EVERY", 0.01)
    newest = Newest(store, lambda token: PAGE.format(token=token))
    first, ended = newest.token, threading.Event()
    follower = threading.Thread(target=newest.follow, args=[ended], daemon=True)
    follower.start()
    store.write_bytes(b"22")
    for _ in range(500):
        if newest.token != first:
            break
        ended.wait(0.01)
    ended.set()
    follower.join()
    assert newest.token != first
    assert newest.token in newest.html


def test_a_store_that_is_gone_leaves_the_last_page(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "LOOK_EVERY", 0.01)
    tries: list[str] = []

    def make(token: str) -> str:
        tries.append(token)
        if len(tries) > 1:
            raise Failure("the store is gone")
        return token

    newest, ended = Newest(store, make), threading.Event()
    follower = threading.Thread(target=newest.follow, args=[ended], daemon=True)
    follower.start()
    store.unlink()
    for _ in range(500):
        if len(tries) > 1:
            break
        ended.wait(0.01)
    ended.set()
    follower.join()
    assert (newest.html, newest.token) == (tries[0], tries[0])


def test_the_signature_is_that_of_what_is_there(store: Path) -> None:
    before = signature(store)
    assert signature(store) == before
    store.with_name("a.sqlite-wal").write_bytes(b"x")
    assert signature(store) != before
