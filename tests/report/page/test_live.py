"""A served page in a browser."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mdsbench.report import served
from mdsbench.report.build import page_of
from mdsbench.report.served import Newest, server


@pytest.mark.slow
def test_a_served_page_refreshes_itself_and_keeps_what_it_shows(
    browser: Browser, small_reproduction: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "LOOK_EVERY", 0.05)
    store = tmp_path / "a.sqlite"
    store.write_bytes(small_reproduction.read_bytes())
    newest, ended = Newest(store, lambda token: page_of(store, None, None, token=token)), threading.Event()
    follower = threading.Thread(target=newest.follow, args=[ended], daemon=True)
    faults: list[str] = []
    with server(newest, 0) as serving:
        threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        address = f"http://127.0.0.1:{serving.server_address[1]}/"
        page = browser.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}#price=7", wait_until="load")
        page.wait_for_selector("html[data-ready]", state="attached")
        first = newest.token
        token = "document.querySelector('meta[name=mdsbench-token]').content"
        assert page.evaluate(token) == first
        follower.start()
        store.touch()
        page.wait_for_selector(f"meta[name=mdsbench-token]:not([content='{first}'])", state="attached")
        page.wait_for_selector("html[data-ready]", state="attached")
        assert page.evaluate("location.hash") == "#price=7"
        page.close()
        ended.set()
        serving.shutdown()
    assert faults == []
    assert {url.partition("#")[0] for url in asked if not url.startswith(("data:", "blob:"))} == {
        address,
        f"{address}changed",
    }
