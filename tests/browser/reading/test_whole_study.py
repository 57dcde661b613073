"""A whole study in Chromium, from the first password to the report, without a mouse; then what the browser received.

Two readers read four patients (and a training case) in both periods, decide in consensus, and the lead locks.
"""

import json
import re
from base64 import b64decode
from dataclasses import dataclass, field

import pytest
from django.db import connections

from app.reading.cli import main
from app.reading.protocol.items import CRITERIA
from app.reading.record.verify import verify_study
from app.reading.study.login import invite
from app.reading.study.models import Answer, Assignment, ConsensusCase, Scan, Study
from tests.app.reading.running_study import StudyServer
from tests.browser.axe import AXE, grave_violations
from tests.browser.reading.conftest import PATIENTS, START, create_dicom_study
from tests.browser.reading.keyboard_reader import READY, answer, check_display, enter

pytestmark = pytest.mark.slow
CASES = 1 + 2 * PATIENTS

# R1 goes back to a question, looks through the slices and another window; both end with 3 or 2 and 3, 3, 4 or 1, 5.
KEYS = {1: ("3", "3", "2", "b", "3", "n", "b", "ArrowDown", "PageUp", "w", "c", "4", "5"), 2: ("2", "3", "3", "1", "5")}

# Of the sources: identity, dates as any page might write them, UIDs, paths, vendors, descriptions; and of the arms.
HIDDEN = (
    *("GEHEIM", "Geheim", "-471", "ACC-0815", "20240131", "2024-01-31", "31.01.2024", "Jan 2024", "19500101"),
    *("101112", "1.2.826", "1.2.840", ".dcm", ".nii", "pairs.csv", "/tmp", "ACME", "Scanner Works", "Model 64"),
    *("maker", "B30f", "Jodipront", "THX", "THORAX", "NATIV", "SYN", "Syn", "syn_cta", "CTA", "cta-", "GAN"),
    *("synthetic", "contrast", "waitress", "whitenoise", "Python", "Django", "P00"),
)
# Those that no program has a reason to name.
OF_THE_PAIRS = ("GEHEIM", "Geheim", "ACC-0815", "20240131", "19500101", "pairs.csv", "ACME", "Jodipront", "syn_cta")

# Words of the questions, the same in every case, and of the rules of this site.
ALLOWED = ("lumen_wall_contrast", CRITERIA["lumen_wall_contrast"])


@dataclass
class Watched:
    """What was seen on the way.

    Attributes:
        pages: name to the rules of accessibility that it breaks.
        texts: of readers: DOM of each page, and storage and cookies at the end.
        faults: errors in a page's script, and requests to somewhere else.
        hars: of readers.
        server: of the study.
    """

    server: StudyServer
    pages: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    hars: list[dict] = field(default_factory=list)

    def look(self, name, page):
        """Check a kind of page once."""
        if name not in self.pages:
            self.pages[name] = grave_violations(page) if AXE.is_file() else []


@pytest.fixture(scope="module")
def study(chromium, tmp_path_factory, django_beside_playwright):
    """The study, when all of it is over."""
    folder = tmp_path_factory.mktemp("whole_study")
    create_dicom_study(folder)
    server = StudyServer(folder / "study").start()
    watched = Watched(server)
    try:
        for number in (1, 2):
            _read(chromium, watched, f"R{number}", folder / f"R{number}.har", KEYS[number])
        _agree(chromium, watched, folder / "C1.har")
        _lock_and_look(chromium, watched)
        yield watched
    finally:
        server.stop()
        connections.close_all()


def _context(chromium, watched, har=None):
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, record_har_path=har, record_har_content="embed" if har else None
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.on("pageerror", lambda error: watched.faults.append(str(error)))
    page.on(
        "request",
        lambda sent: watched.faults.append(sent.url) if not sent.url.startswith((watched.server.url, "data:")) else 0,
    )
    return context, page


def _keep(watched, context, page):
    """What the browser holds now."""
    storage = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    databases = page.evaluate("indexedDB.databases().then(all => JSON.stringify(all))")
    caches = page.evaluate("caches.keys().then(all => JSON.stringify(all))")
    watched.texts += [page.content(), storage, databases, caches, json.dumps(context.storage_state())]


def _close(watched, context, har):
    context.close()
    watched.hars.append(json.loads(har.read_text(encoding="utf-8")))


def _read(chromium, watched, code, har, keys):
    context, page = _context(chromium, watched, har)
    link, password = invite(code, START)
    page.goto(watched.server.url)
    watched.look("closed", page)
    page.goto(f"{watched.server.url}/enter/{link}/")
    watched.look("login", page)
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    watched.look("wrong password", page)
    enter(page, watched.server.url, link, password)
    watched.look("display check", page)
    check_display(page)
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    watched.look("keys", page)
    page.keyboard.press("Escape")
    watched.look("case", page)
    for _ in range(CASES):
        _keep(watched, context, page)
        answer(page, keys)
        if "/feedback/" in page.url:
            watched.look("feedback", page)
            _keep(watched, context, page)
            page.keyboard.press("Enter")
            page.wait_for_url("**/case/")
    watched.look("done", page)
    page.goto(f"{watched.server.url}/break/")
    watched.look("break", page)
    page.goto(f"{watched.server.url}/lead/")
    watched.look("refused", page)
    _keep(watched, context, page)
    _close(watched, context, har)


def _agree(chromium, watched, har):
    """Only wall clarity and diagnosis differ: two questions a scan."""
    context, page = _context(chromium, watched, har)
    enter(page, watched.server.url, *invite("C1", START))
    page.wait_for_selector("button:focus, h1")
    page.goto(f"{watched.server.url}/display/")
    page.wait_for_selector("button:focus")
    page.keyboard.press("Enter")
    page.wait_for_url("**/consensus/")
    watched.look("consensus list", page)
    for _ in range(2 * PATIENTS):
        _keep(watched, context, page)
        page.locator("a[href^='/consensus/']").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(READY)
        watched.look("consensus case", page)
        _keep(watched, context, page)
        answer(page, "21")
        page.wait_for_url("**/consensus/")
    watched.look("consensus done", page)
    _close(watched, context, har)


def _lock_and_look(chromium, watched):
    context, page = _context(chromium, watched)
    enter(page, watched.server.url, *invite("L1", START))
    watched.look("dashboard", page)
    page.locator("form[action='/lead/lock/'] button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Locked")
    watched.look("dashboard after the lock", page)
    assert main(["report", str(watched.server.folder)]) == 0
    page.goto(f"{watched.server.url}/lead/report/")
    watched.look("report", page)
    context.close()


def test_every_case_was_answered_by_keys_alone_and_nothing_failed(study):
    assert study.faults == []
    assert Answer.objects.count() == 2 * CASES
    assert set(Answer.objects.filter(assignment__reader__code="R1").values_list(*CRITERIA, "diagnosis")) == {
        (3, 3, 3, "atherosclerosis")
    }
    assert set(Answer.objects.values_list("confidence", flat=True)) == {5}
    assert Study.objects.get().locked_at is not None
    assert verify_study() == []


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is missing: tests/browser/install_browser.sh")
def test_no_page_breaks_a_rule_of_accessibility_at_level_serious_or_above(study):
    assert len(study.pages) == 16
    assert {name: rules for name, rules in study.pages.items() if rules} == {}


def entries(har):
    return har["log"]["entries"]


def body_of(entry):
    content = entry["response"]["content"]
    text = content.get("text", "")
    return b64decode(text) if content.get("encoding") == "base64" else text.encode()


def head_of(entry):
    """Everything of an exchange but the body."""
    response = {**entry["response"], "content": None}
    return json.dumps([entry["request"]["url"], entry["request"]["headers"], response], ensure_ascii=False)


def hidden_words(text):
    """Those that are in a text; short ones may stand in a random token, which is left out for them."""
    for word in ALLOWED:
        text = text.replace(word, "")
    short = re.sub(r"[\w-]{22,}", "", text)
    return {word for word in HIDDEN if word in (text if len(word) > 4 else short)}


def test_nothing_that_a_reader_received_names_patient_source_or_arm(study):
    texts = list(study.texts)
    for har in study.hars:
        for entry in entries(har):
            texts.append(head_of(entry))
            if "/static/" not in entry["request"]["url"] and "/volume/" not in entry["request"]["url"]:
                texts.append(body_of(entry).decode("utf-8"))
    assert len(texts) > 500
    assert set.union(*map(hidden_words, texts)) == set()


def test_scripts_and_styles_are_the_same_for_all_and_name_no_source(study):
    kept = {}
    for har in study.hars:
        for entry in entries(har):
            body = body_of(entry)  # empty where the page went on before the recorder asked for it
            if "/static/" in entry["request"]["url"] and entry["response"]["status"] == 200 and body:
                assert kept.setdefault(entry["request"]["url"], body) == body
    assert len(kept) > 5
    assert {word for word in OF_THE_PAIRS for body in kept.values() if word.encode() in body} == set()


def exchanges_of(study):
    """(patient, reader or consensus) to, for each arm, all that was sent for its case: address, sizes, headers."""
    scans = {each.token: each.scan for each in Assignment.objects.select_related("scan__patient")}
    scans |= {each.token: each.scan for each in ConsensusCase.objects.select_related("scan__patient")}
    found = {}
    for who, har in enumerate(study.hars):
        for entry in entries(har):
            token = next((part for part in entry["request"]["url"].split("/") if part in scans), None)
            if token is None or "/draft/" in entry["request"]["url"] or "/feedback/" in entry["request"]["url"]:
                continue
            scan = scans[token]
            headers = sorted((each["name"].lower(), each["value"]) for each in entry["response"]["headers"])
            headers = [(name, value) for name, value in headers if name not in ("date", "set-cookie")]
            size = len(body_of(entry)) if "/volume/" in entry["request"]["url"] else None
            said = (entry["request"]["url"].replace(token, "TOKEN"), entry["response"]["status"], size, tuple(headers))
            found.setdefault((who, scan.patient.code), {}).setdefault(scan.arm, set()).add(said)
    return found


def test_what_is_sent_for_both_scans_of_a_pair_differs_in_token_and_voxels_alone(study):
    analysed = set(Scan.objects.filter(patient__is_training=False).values_list("patient__code", flat=True))
    pairs = {key: arms for key, arms in exchanges_of(study).items() if key[1] in analysed}
    assert len(pairs) == 3 * PATIENTS
    assert all(any("/volume/" in said[0] for said in arms["cta"]) for arms in pairs.values())
    assert all(arms["cta"] == arms["syn_cta"] for arms in pairs.values())


def test_every_assignment_has_a_token_that_was_sent_for_it_alone(study):
    sent = [
        set(re.findall(r"/volume/([\w-]{22})/", json.dumps([e["request"]["url"] for e in entries(har)])))
        for har in study.hars
    ]
    assert [len(tokens) for tokens in sent] == [CASES, CASES, 2 * PATIENTS]
    assert len(set.union(*sent)) == 2 * CASES + 2 * PATIENTS
