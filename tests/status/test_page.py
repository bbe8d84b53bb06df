# SPDX-License-Identifier: MIT
"""The status page in a browser: Chromium, without a window. Pictures of what was
seen stay in BUILD/screenshots."""

import ctypes
import http.server
import os
import subprocess
import threading
from pathlib import Path
from typing import Callable, Iterator

import pytest

import browser as browsers
from behaviour import answer, stay_silent
from browser import Browser
from lab import CLIENT_ADDRESS, Lab
from peer import RESET, end_tunnel, join
from waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build/gcc")
PICTURES = BUILD / "screenshots"
# Prints the pages of made-up snapshots.
SAMPLES = BUILD / "unit/page_test"

TELEPHONE, DESK = 390, 1100

pytestmark = pytest.mark.skipif(
    browsers.PROGRAM is None, reason="chromium is not installed"
)


@pytest.fixture(scope="module")
def browser(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Runs in the router, as HandyProxy does."""
    with lab.router, browsers.browser(tmp_path_factory.mktemp("browser")) as it:
        yield it


@pytest.fixture(scope="module")
def sample(lab: Lab) -> Iterator[Callable[[str], str]]:
    """sample(NAME): the address of the page of a made-up snapshot."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/")
            page = subprocess.run(
                [SAMPLES, name], capture_output=True, check=True
            ).stdout
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_arguments: object) -> None:
            pass

    assert SAMPLES.exists(), "make build-tests"
    with lab.router:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
    yield lambda name: f"http://127.0.0.1:{server.server_port}/{name}"
    server.shutdown()
    thread.join()
    server.server_close()


# --- made-up snapshots


@pytest.mark.parametrize("width", [TELEPHONE, DESK])
@pytest.mark.parametrize("name", ["well", "slow", "slow dark", "down", "new", "hostile"])
def test_a_page_fits_its_screen_and_is_all_that_is_asked_for(
    browser: Browser, sample, name: str, width: int
):
    name, _, dark = name.partition(" ")
    url = sample(name)
    browser.open(url, width, dark != "")
    browser.screenshot(PICTURES / f"{name}-{width}{dark and '-dark'}.png")
    assert browser.complaints() == []
    assert web_requests(browser) == [url]
    assert browser.run("document.scripts.length") == 0
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert clipped(browser) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["well", "slow", "down"])
def test_words_stand_out_from_what_is_behind_them(
    browser: Browser, sample, name: str, dark: bool
):
    """WCAG 2 asks for 4.5 to 1, and 3 to 1 for what is large."""
    browser.open(sample(name), DESK, dark)
    assert browser.run(FAINT_WORDS) == []


def test_names_of_strangers_are_shown_as_the_text_that_they_are(
    browser: Browser, sample
):
    browser.open(sample("hostile"), DESK)
    name = "<script>alert(1)</script>\"'>&lt;\\x1b[31m\\x0d\\x0a\\xff%s\\"
    assert browser.text("header h1").endswith(name)
    clients = browser.run(
        "[...document.querySelectorAll('#clients tbody th')].map(e => e.innerText)"
    )
    assert len(clients) == 10 and all(name.startswith(client) for client in clients)
    assert name in browser.text("#upstreams article:nth-of-type(2) h3")
    assert name in browser.text("#upstreams em")
    assert name in browser.text("#limits")
    assert browser.text("#verdict").count(name) >= 1
    # What is in the document is what the page has: nothing came of the names.
    allowed = set(
        "HTML HEAD META LINK TITLE STYLE BODY HEADER H1 H2 H3 B P SECTION DIV"
        " STRONG EM DL DT DD svg rect path text title FIGURE FIGCAPTION SPAN"
        " TABLE THEAD TBODY TR TH TD ARTICLE FOOTER A".split()
    )
    found = browser.run(
        "[...new Set([...document.querySelectorAll('*')].map(e => e.tagName))]"
    )
    assert set(found) <= allowed


def test_the_page_loads_itself_again(browser: Browser, sample):
    browser.open(sample("well"), DESK)
    assert browser.run("document.querySelector('meta[http-equiv=refresh]').content") == "5"


# --- a daemon


class Page:
    """The page of a daemon."""

    def __init__(self, browser: Browser, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self._browser = browser

    def wait_for(self, **wanted: str) -> dict[str, str]:
        """Opens the page until each element has these words, those of NAME in
        #NAME. Returns what is seen of these elements."""

        def look() -> dict[str, str] | None:
            self._browser.open(self.url, DESK)
            seen = {name: self._browser.text(f"#{name}") for name in wanted}
            found = all(words in seen[name] for name, words in wanted.items())
            return seen if found else None

        return wait_until(look, f"the page has {wanted}")

    def row(self, section: str, first: str) -> list[str]:
        """The cells of the row of a table that begins so."""
        rows = self._browser.run(
            f"[...document.querySelectorAll('#{section} tr')]"
            ".map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )
        return next(cells for cells in rows if cells[0] == first)


@pytest.fixture
def serve(lab: Lab, handyproxy, browser: Browser):
    """serve("-option"): a daemon and its page."""

    def start(*options: str, **more):
        port = lab.router.free_port()
        address = f"127.0.0.1:{port}"
        daemon = handyproxy("-status-address", address, *options, **more)
        return daemon, Page(browser, port)

    return start


def test_what_is_seen_is_what_was_done(
    serve, lab: Lab, proxy, connect, open_tunnel, browser: Browser
):
    daemon, page = serve()
    assert "all well" in page.wait_for(verdict="all well")["verdict"]
    open_tunnel()
    for _ in range(2):
        client, upstream = open_tunnel()
        client.send(bytes(20480))
        upstream.receive(20480)
        upstream.send(bytes(204800))
        client.receive(204800)
        end_tunnel(client, upstream)
    for _ in range(2):
        proxy.then(answer(b"HTTP/1.1 403 Forbidden\r\n\r\n"))
        assert connect().end() == RESET
    page.wait_for(now="Connections 1 of", failures="403 forbidden", clients="400 KiB")
    assert browser.complaints() == []
    assert web_requests(browser) == [page.url]
    assert page.row("failures", "refused by the upstream")[1:3] == ["2", "2"]
    assert page.row("failures", "403 forbidden")[1:3] == ["2", "100 %"]
    cells = page.row("clients", CLIENT_ADDRESS)
    assert cells[1:] == ["400 KiB", "40 KiB", "100 %", "1", "5", "2"]
    assert page.row("limits", "open tunnels") == ["open tunnels", "1"]
    assert page.row("limits", "accepted") == ["accepted", "5"]
    assert page.row("limits", "both sides ended") == ["both sides ended", "2"]
    upstreams = browser.text("#upstreams")
    assert join(proxy.address) in upstreams
    assert "1 open" in upstreams and "2 answers refused" in upstreams
    assert "status 403" in upstreams
    pids = [page.row("workers", f"worker {number}")[1] for number in range(2)]
    assert sorted(map(int, pids)) == sorted(daemon.workers)
    browser.screenshot(PICTURES / "daemon.png")
    text = lab.router.run("curl", "-sS", page.url)
    assert "connections    1 of" in text and max(map(len, text.split("\n"))) <= 100


def test_an_upstream_that_hangs_and_then_is_gone_is_the_verdict(
    serve, proxy, connect, browser: Browser
):
    _, page = serve()
    proxy.then(stay_silent())
    connect()
    seen = page.wait_for(verdict="slow: answers take", upstreams="slow to answer")
    assert ", none in the last hour, 1 wait" in seen["verdict"]
    assert f"for {join(proxy.address)}" in seen["verdict"]
    assert browser.run("document.title").startswith("slow: ")
    proxy.stop()
    connect().end()
    seen = page.wait_for(
        verdict=f"{join(proxy.address)} is down since", upstreams="down since"
    )
    assert "nothing gets through" in seen["verdict"]
    browser.screenshot(PICTURES / "daemon-down.png")


def test_the_name_of_the_machine_is_text(serve, browser: Browser):
    name = "<img src=x onerror=alert(1)>"

    def rename() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(0x04000000) or libc.sethostname(name.encode(), len(name)):
            raise OSError(ctypes.get_errno(), "a UTS namespace")

    _, page = serve(prepare=rename)
    page.wait_for(verdict="all well")
    assert browser.text("header h1") == f"HandyProxy {name}"
    assert browser.run("document.title").endswith(name)
    assert browser.run("document.images.length") == 0
    assert web_requests(browser) == [page.url] and browser.complaints() == []


# Text that is hardly to be seen: its words, and its contrast. A transparent
# background is that of the element around it.
FAINT_WORDS = """
(() => {
  const numbers = c => c.match(/[\\d.]+/g).map(Number);
  const part = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, words = walker.currentNode.data.trim();
    if (!words || e.tagName == 'title') continue;
    const style = getComputedStyle(e);
    const colour = numbers(e instanceof SVGElement ? style.fill : style.color);
    const [low, high] = [light(colour), light(behind(e))].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 18;
    if (contrast < (isLarge ? 3 : 4.5)) faint.push(words + ' ' + contrast.toFixed(2));
  }
  return faint;
})()
"""


def web_requests(browser: Browser) -> list[str]:
    """Without the icon, which is in the page."""
    return [url for url in browser.requests() if not url.startswith("data:")]


def clipped(browser: Browser) -> list[str]:
    """Elements that are partly beyond the right edge, or narrower than their
    words."""
    return browser.run("""
        [...document.querySelectorAll('body *')].filter(e =>
            !(e instanceof SVGElement) && e.scrollWidth > e.clientWidth + 1 &&
            getComputedStyle(e).display != 'inline'
        ).map(e => e.tagName + ' ' + e.innerText.slice(0, 60))
    """)
