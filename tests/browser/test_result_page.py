"""result.html as one opens it from a mail: a file, without server or network."""

import re

import pytest

from tests.browser.conftest import watch
from tests.browser.without_gpu import WAIT_MS


@pytest.fixture
def opened(cases, chromium):
    """The page of a result, and what it did that it must not do."""
    result = cases("phantom")[1]
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    address = (result / "result.html").as_uri()
    watched = watch(page, address)
    page.goto(address)
    expect_number(watched, re.compile("of 24"))
    yield watched
    page.close()


def greys(watched, name):
    """Sum of the greys of a picture."""
    return watched.page.evaluate(
        """(name) => {
            const canvas = document.getElementById(name);
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.reduce((sum, value) => sum + value, 0);
        }""",
        name,
    )


def expect_number(watched, text):
    """Wait until the page names a slice."""
    from playwright.sync_api import expect  # not every environment has it

    expect(watched.page.locator("#number")).to_have_text(text, timeout=WAIT_MS)


@pytest.mark.parametrize("by", ["wheel", "key"])
def test_both_pictures_go_to_the_next_slice(opened, by):
    opened.page.keyboard.press("Home")
    expect_number(opened, "slice 1 of 24")
    before = [greys(opened, name) for name in ("ncct", "syn-cta")]
    opened.page.locator("#ncct").hover()
    mouse, keyboard = opened.page.mouse, opened.page.keyboard
    mouse.wheel(0, 100) if by == "wheel" else keyboard.press("ArrowDown")
    expect_number(opened, "slice 2 of 24")
    after = [greys(opened, name) for name in ("ncct", "syn-cta")]
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert opened.faults == []


def test_the_keys_1_and_2_set_the_window_of_both(opened):
    before = [greys(opened, name) for name in ("ncct", "syn-cta")]
    opened.page.keyboard.press("2")
    opened.page.locator("button[aria-pressed=true]", has_text="Soft tissue").wait_for(timeout=WAIT_MS)
    assert all(greys(opened, name) > old for name, old in zip(("ncct", "syn-cta"), before, strict=True))


def test_the_syn_cta_is_brighter_and_says_synthetic(opened):
    assert greys(opened, "syn-cta") > greys(opened, "ncct")
    assert opened.page.locator("figure .label").inner_text() == "SYNTHETIC"
    assert opened.page.locator(".banner").is_visible()
