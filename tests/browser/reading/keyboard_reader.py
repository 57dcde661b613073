"""A reader who has no mouse: everything by the keyboard."""

from collections.abc import Iterable

from tests.browser.reading.conftest import WAIT_MS

READY = '#panes[data-state="ready"]'


def enter(page, url: str, link: str, password: str) -> None:
    """Log in, to the first page behind the password."""
    page.goto(f"{url}/enter/{link}/")
    page.wait_for_selector("#password:focus", timeout=WAIT_MS)
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/enter/" not in address, timeout=WAIT_MS)


def check_display(page) -> None:
    """Pass the display check."""
    page.wait_for_selector("button:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector(READY, timeout=WAIT_MS)


def answer(page, keys: Iterable[str]) -> None:
    """Press keys that answer all questions of the case that is shown, and submit; waits for the next page."""
    page.wait_for_selector(READY, timeout=WAIT_MS)
    before = page.evaluate("JSON.parse(document.getElementById('case').textContent).answer_url")
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_selector("#submit:enabled", timeout=WAIT_MS)
    page.keyboard.press("Enter")
    page.wait_for_function(
        """before => {
            const element = document.getElementById("case");
            return document.readyState === "complete"
                && (!element || JSON.parse(element.textContent).answer_url !== before);
        }""",
        arg=before,
        timeout=WAIT_MS,
    )
