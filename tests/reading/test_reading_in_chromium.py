"""A reader goes on where they stopped after the browser died. tests/browser/reading has the rest."""

import threading
from pathlib import Path

import pytest

from app.reading.study.login import invite
from app.reading.study.models import Viewing
from app.viewer.built import BUILT

pytestmark = pytest.mark.slow
playwright = pytest.importorskip("playwright.sync_api")
if not (BUILT / "panes.js").is_file():
    pytest.skip("the viewer's page is not built: make viewer", allow_module_level=True)

CHROMIUM = "/usr/bin/chromium"
if not Path(CHROMIUM).is_file():
    pytest.skip("no Chromium: tests/browser/install_browser.sh", allow_module_level=True)


@pytest.fixture
def serve(make_study, monkeypatch):
    """Function that serves the study and returns its address; ends with the test."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs an event loop in the test's thread
    from app.reading.study.serving import make_server

    make_study()
    server = make_server("127.0.0.1:0")
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=30)


@pytest.fixture
def browser():
    """Debian's Chromium."""
    with playwright.sync_playwright() as started:
        try:
            opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except playwright.Error:
            pytest.skip("Chromium is not installed")
        yield opened
        opened.close()


def enter(page, url, at):
    """Log in and pass the display check, by keys."""
    link, password = invite("R1", at)
    page.goto(f"{url}/enter/{link}/")
    page.wait_for_selector("#password:focus")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/display/")
    page.keyboard.press("Enter")
    page.wait_for_selector('#panes[data-state="ready"]', timeout=120_000)


def test_a_browser_that_dies_in_mid_case_loses_no_choice(serve, browser, moving_clock):
    page = browser.new_page()
    page.set_default_timeout(120_000)
    enter(page, serve, moving_clock.at)
    with page.expect_response("**/draft/"):
        page.keyboard.press("2")
    page.close()
    again = browser.new_page()
    again.set_default_timeout(120_000)
    enter(again, serve, moving_clock.at)
    assert again.locator('input[name="wall_clarity"][value="2"]').is_checked()
    assert Viewing.objects.count() == 1
