"""One Debian Chromium per person, each with a microphone of its own tone. Nothing sleeps: everything is polled for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Playwright, async_playwright, expect

from tests.support.tones import write_tone
from tests.support.waiting import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--metrics-recording-only",
    "--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
PEAK = """async (find) => {
  const element = document.querySelector(find);
  const stream = element && (element.remoteStream || element.srcObject);
  if (!stream || !stream.getAudioTracks().length) return null;
  if (!window.__heard || window.__heard.stream !== stream) {
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    context.createMediaStreamSource(stream).connect(analyser);
    window.__heard = { stream, context, analyser };
  }
  const { context, analyser } = window.__heard;
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  let most = 3;
  for (let i = 3; i < bins.length; i += 1) if (bins[i] > bins[most]) most = i;
  return [Math.round((most * context.sampleRate) / analyser.fftSize), Math.round(bins[most])];
}"""


def require_chromium() -> None:
    """Skip, with the name of what is missing, where Debian's browser is not installed."""
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed (make system-packages)")


async def until(
    what: str, look: Callable[[], Awaitable[Any]], *, seconds: float = PATIENCE, pause: float = 0.05
) -> Any:
    """Look until it is true and return what was seen; an AssertionError names what never came and what was seen last."""
    deadline = time.monotonic() + seconds
    seen: Any = None
    while time.monotonic() < deadline:
        seen = await look()
        if seen:
            return seen
        await asyncio.sleep(pause)
    raise AssertionError(f"{what} did not happen within {seconds:g} s; last seen: {seen!r}")


class Browsers:
    """Starts a browser process per person and closes them all."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._playwright = playwright
        self._folder = folder
        self._open: list[Browser] = []
        self.complaints: list[str] = []  # page errors and CSP refusals, of every page

    async def person(self, tone: int) -> Browser:
        """Start a browser whose microphone plays this tone."""
        sound = write_tone(self._folder / f"tone-{tone}.wav", tone)
        browser = await self._playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            headless=True,
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={sound}"],
        )
        self._open.append(browser)
        return browser

    async def page(self, browser: Browser, **options: Any) -> Page:
        """Open a page of its own context (its own cookies and storage) and collect what it complains about."""
        context = await browser.new_context(
            **{"locale": "en-GB", "timezone_id": "Europe/London", "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(PATIENCE * 1000)
        page = await context.new_page()
        self.listen(page)
        return page

    def listen(self, page: Page) -> None:
        """Collect a page's errors."""
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"{page.url}: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )

    async def pictures(self, folder: Path, name: str) -> None:
        """Take a picture of every page: what people saw when a journey failed."""
        folder.mkdir(exist_ok=True)
        pages = [page for browser in self._open for context in browser.contexts for page in context.pages]
        for number, page in enumerate(pages):
            with contextlib.suppress(Exception):
                await page.screenshot(path=folder / f"{name}-{number}.png")

    async def close(self) -> None:
        """Close every browser."""
        for browser in self._open:
            with contextlib.suppress(Exception):
                await browser.close()


async def heard(page: Page, find: str) -> tuple[int, int] | None:
    """Return the loudest frequency in what an element plays of the other party, Hz, and its level, dB."""
    found = await page.evaluate(PEAK, find)
    return None if found is None else (found[0], found[1])


async def hears(page: Page, find: str, hertz: int, *, seconds: float = PATIENCE) -> None:
    """Wait until the other party's tone is what is heard."""

    async def look() -> bool:
        found = await heard(page, find)
        seen.append(found)
        return found is not None and abs(found[0] - hertz) <= 15 and found[1] > -60

    seen: list[tuple[int, int] | None] = []
    try:
        await until(f"{find} hears {hertz} Hz", look, seconds=seconds, pause=0.2)
    except AssertionError:
        raise AssertionError(f"{find} does not hear {hertz} Hz, but {seen[-5:]}") from None


@contextlib.asynccontextmanager
async def browsers() -> AsyncIterator[Browsers]:
    """Run the block with browsers; screenshots of failures go to RINGBACK_PICTURES where that is set."""
    require_chromium()
    os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
    with tempfile.TemporaryDirectory(prefix="ringback-tones-") as folder:
        async with async_playwright() as playwright:
            opened = Browsers(playwright, Path(folder))
            try:
                yield opened
            finally:
                await opened.close()
