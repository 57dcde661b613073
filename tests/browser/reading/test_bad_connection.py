"""Choices on a bad connection: what the server holds at the end is what the reader chose last."""

import pytest
from django.db import connections

from app.reading.study.login import invite
from app.reading.study.models import Viewing
from tests.app.gateway.running import eventually
from tests.app.reading.running_study import StudyServer
from tests.browser.reading.conftest import START, WAIT_MS, create_dicom_study
from tests.browser.reading.keyboard_reader import check_display, enter

pytestmark = pytest.mark.slow


@pytest.fixture
def served(tmp_path):
    """A study's server, with R1 invited."""
    server = StudyServer(create_dicom_study(tmp_path)).start()
    yield server, invite("R1", START)
    server.stop()
    connections.close_all()


def wait_in(page, condition):
    """Wait for a condition while Playwright goes on with the page's requests."""

    def holds():
        page.wait_for_timeout(50)
        return condition()

    eventually(holds, WAIT_MS / 1000)


def test_a_draft_waits_for_the_one_before_it_so_that_the_last_choice_stays(served, chromium):
    server, (link, password) = served
    context = chromium.new_context()
    page = context.new_page()
    enter(page, server.url, link, password)
    check_display(page)
    held, released = [], []
    page.route("**/draft/", lambda route: route.continue_() if released else held.append(route))
    page.keyboard.press("3")
    wait_in(page, lambda: held)
    page.keyboard.press("2")
    page.wait_for_timeout(2000)
    assert len(held) == 1
    released.append(True)
    held[0].continue_()
    chosen = {"wall_clarity": "3", "lumen_edge_clarity": "2"}
    wait_in(page, lambda: Viewing.objects.get().draft == chosen)
    context.close()
