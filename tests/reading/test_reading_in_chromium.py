"""A reader reads in a real browser, by keys alone, and goes on where they stopped after server and browser died."""

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from app.reading.study.login import invite
from app.reading.study.models import Answer, Viewing
from app.viewer.built import BUILT

pytestmark = pytest.mark.slow
playwright = pytest.importorskip("playwright.sync_api")
if not (BUILT / "panes.js").is_file():
    pytest.skip("the viewer's page is not built: make viewer", allow_module_level=True)

CHROMIUM = "/usr/bin/chromium"
if not Path(CHROMIUM).is_file():
    pytest.skip("no Chromium: tests/browser/install_browser.sh", allow_module_level=True)
FORBIDDEN = (b"Mustermann", b"syn_cta", b"SYN", b"CTA-GAN", b".nii", b"waitress", b"P00")


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


def test_a_case_is_read_by_keys_and_nothing_received_tells_the_arm(serve, browser, moving_clock):
    page = browser.new_page()
    page.set_default_timeout(120_000)
    bodies, errors = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def keep(response):
        if "/static/" in response.url:
            return  # the same for everybody
        with suppress(playwright.Error):  # the page went on before its body was read
            bodies.append(response.url.encode() + str(response.headers).encode() + response.body())

    page.on("response", keep)
    enter(page, serve, moving_clock.at)
    for key in ("3", "3", "2", "b", "1", "n", "2", "ArrowDown", "w"):
        page.keyboard.press(key)
    page.keyboard.press("4")
    page.wait_for_selector("#submit:enabled")
    page.keyboard.press("Enter")
    page.wait_for_url("**/feedback/**")
    answer = Answer.objects.get()
    assert errors == []
    assert (answer.wall_clarity, answer.lumen_edge_clarity, answer.lumen_wall_contrast) == (3, 3, 1)
    assert (answer.diagnosis, answer.confidence) == ("atherosclerosis", 2)
    assert any(b"/volume/" in body for body in bodies)
    assert [word for word in FORBIDDEN for body in bodies if word in body] == []
    page.keyboard.press("Enter")
    page.wait_for_selector('#panes[data-state="ready"]')
    assert "Case 1 of 3" in page.content()


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
