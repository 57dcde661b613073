"""kill -9 of browser and server in mid-case, after every key: the reader comes back to the same case and choices."""

import pytest
from django.db import connections

from app.reading.intake.pairs import read_pairs
from app.reading.protocol.protocol import protocol_from
from app.reading.record.verify import verify_study
from app.reading.study.configuration import DATABASE_VARIABLE
from app.reading.study.creation import create_study
from app.reading.study.login import invite
from app.reading.study.models import Answer, Event, Viewing
from tests.app.gateway.running import eventually
from tests.app.reading.conftest import PROTOCOL, write_pairs
from tests.app.reading.running_study import StudyServer
from tests.browser.reading.conftest import START, WAIT_MS
from tests.browser.reading.keyboard_reader import READY, check_display, enter

pytestmark = pytest.mark.slow
KEYS = (("wall_clarity", "3"), ("lumen_edge_clarity", "2"), ("lumen_wall_contrast", "1"), ("diagnosis", "4"))
KEYS += (("confidence", "5"),)
STORED = {"wall_clarity": 3, "lumen_edge_clarity": 2, "lumen_wall_contrast": 1, "diagnosis": "atherosclerosis"}


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A study's server, with R1 invited; link and password beside it."""
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    protocol = protocol_from(PROTOCOL)
    pairs = read_pairs(write_pairs(tmp_path), protocol)
    create_study(tmp_path / "study", protocol, pairs, START, report_progress=lambda line: None)
    running = StudyServer(tmp_path / "study").start()
    yield running, invite("R1", START)
    running.stop()
    connections.close_all()


def wait_for_draft(choices):
    """Until the server has so many choices."""
    eventually(lambda: choices == len(Viewing.objects.get().draft), WAIT_MS / 1000)


def chosen(page):
    """What is marked on the page."""
    return page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#questions :checked')].map(i => [i.name, i.value]))"
    )


def position(name, page):
    """Key of the choice that is marked."""
    found = page.locator(f'input[name="{name}"]').evaluate_all("all => all.findIndex(each => each.checked) + 1")
    return str(found)


def test_browser_and_server_die_after_every_key_and_nothing_is_lost_or_doubled(server, start_browser):
    running, (link, password) = server
    browser = start_browser()
    enter(browser.page, running.url, link, password)
    check_display(browser.page)
    heading = browser.page.locator("h1").inner_text()
    for number, (_, key) in enumerate(KEYS, start=1):
        browser.page.wait_for_selector(READY, timeout=WAIT_MS)
        browser.page.keyboard.press(key)
        wait_for_draft(number)
        if number % 2:
            browser.kill()
            browser = start_browser()
            enter(browser.page, running.url, link, password)
            check_display(browser.page)
        else:
            running.kill()
            running.start()
            browser.page.reload()
        browser.page.wait_for_selector(READY, timeout=WAIT_MS)
        assert browser.page.locator("h1").inner_text() == heading
        assert {name: position(name, browser.page) for name in chosen(browser.page)} == dict(KEYS[:number])
        assert Viewing.objects.count() == 1 and not Answer.objects.exists()
    running.kill()
    browser.page.keyboard.press("Enter")
    browser.page.wait_for_selector("text=The server does not answer", timeout=WAIT_MS)
    running.start()
    browser.page.wait_for_url("**/feedback/**", timeout=WAIT_MS)
    browser.kill()
    browser = start_browser()
    enter(browser.page, running.url, link, password)
    check_display(browser.page)
    assert browser.page.locator("h1").inner_text() == "Case 1 of 3"
    assert Answer.objects.filter(**STORED, confidence=5).count() == Answer.objects.count() == 1
    assert Event.objects.filter(action="answered").count() == 1
    assert verify_study() == []


def test_a_browser_that_dies_while_it_submits_leaves_one_answer_or_the_draft(server, start_browser):
    running, (link, password) = server
    browser = start_browser()
    enter(browser.page, running.url, link, password)
    check_display(browser.page)
    for _, key in KEYS:
        browser.page.keyboard.press(key)
    wait_for_draft(len(KEYS))
    browser.page.keyboard.press("Enter")
    browser.kill()
    again = start_browser()
    enter(again.page, running.url, link, password)
    check_display(again.page)
    if not Answer.objects.exists():
        again.page.keyboard.press("Enter")
        again.page.wait_for_url("**/feedback/**", timeout=WAIT_MS)
    assert Answer.objects.filter(**STORED).count() == Answer.objects.count() == 1
    assert verify_study() == []
