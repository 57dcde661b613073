"""Pages let in whom they should, show each only what is theirs, and tell the arms apart by nothing."""

import json
import re
from itertools import pairwise

import pytest

from app.reading.protocol.schedule import SYN_CTA
from app.reading.study.lock import lock
from app.reading.study.login import invite
from app.reading.study.models import Answer, Assignment, Reader, Scan
from tests.app.reading.conftest import GOOD, SECRET_PATIENT

pytestmark = pytest.mark.slow  # a study in a database for each test


def get(client, path):
    return client.get(path, secure=True)


def post(client, path, content):
    return client.post(path, json.dumps(content), content_type="application/json", secure=True)


def case_of(client):
    page = get(client, "/case/").content.decode()
    return json.loads(re.search(r'<script id="case" type="application/json">(.*?)</script>', page, re.S)[1])


def answer_next(client, values=GOOD):
    return post(client, case_of(client)["answer_url"], {"values": values, "seconds": 9})


def test_a_reader_gets_the_next_case_after_an_answer(make_study, log_in):
    make_study()
    client = log_in("R1")
    first = case_of(client)["answer_url"]
    assert answer_next(client).json()["next"].startswith("/feedback/")
    assert case_of(client)["answer_url"] != first


def test_a_draft_is_there_again_after_logging_in_anew(make_study, log_in):
    make_study()
    client = log_in("R1")
    draft = {"values": {"wall_clarity": "2"}, "seconds": 31, "screen": "1920x1080@1", "renderer": "webgl"}
    assert post(client, case_of(client)["draft_url"], draft).status_code == 200
    case = case_of(log_in("R1"))
    assert (case["draft"], case["seconds"]) == ({"wall_clarity": "2"}, 31)


def test_training_tells_the_reference(make_study, log_in):
    make_study()
    client = log_in("R1")
    page = get(client, answer_next(client).json()["next"]).content.decode()
    assert "The reference says <strong>atherosclerosis</strong>" in page


def test_period_2_answers_403_before_the_washout_date_and_200_after(make_study, log_in, read_all, moving_clock):
    make_study()
    read_all("R1")
    client = log_in("R1")
    assert get(client, "/case/").status_code == 403
    moving_clock.forward(days=28)
    assert get(log_in("R1"), "/case/").status_code == 200


def test_after_an_hour_the_page_asks_for_a_break(make_study, log_in, moving_clock):
    make_study()
    client = log_in("R1")
    moving_clock.forward(minutes=61)
    assert get(client, "/case/").url == "/break/"
    client.post("/break/", secure=True)
    assert get(client, "/case/").status_code == 200


def test_the_volume_of_a_case_is_closed_to_another_reader(make_study, log_in):
    make_study()
    (url,) = {case_of(log_in("R1"))["bricks"][0]}
    assert get(log_in("R1"), url).status_code == 200
    assert get(log_in("R2"), url).status_code == 403


def test_the_answer_of_a_case_is_closed_to_another_reader(make_study, log_in):
    make_study()
    url = case_of(log_in("R1"))["answer_url"]
    assert post(log_in("R2"), url, {"values": GOOD}).status_code == 403
    assert not Answer.objects.exists()


@pytest.mark.parametrize("path", ["/case/", "/consensus/", "/lead/", "/lead/report/report.html", "/display/"])
def test_nobody_gets_in_without_logging_in(make_study, path):
    from django.test import Client

    make_study()
    assert get(Client(headers={"host": "localhost"}), path).url == "/closed/"


@pytest.mark.parametrize(
    ("person", "path"), [("R1", "/lead/"), ("R1", "/consensus/"), ("L1", "/case/"), ("C1", "/lead/")]
)
def test_a_page_of_another_role_is_refused(make_study, log_in, person, path):
    make_study()
    assert get(log_in(person), path).status_code == 403


def test_the_lead_sees_progress_and_no_answer(make_study, log_in, read_all):
    make_study()
    read_all("R1", lambda scan: {**GOOD, "diagnosis": "dissection"})
    page = get(log_in("L1"), "/lead/").content.decode()
    assert "4 of 7" in page and "dissection" not in page
    assert get(log_in("L1"), "/lead/report/report.html").status_code == 403


def test_a_post_without_the_csrf_token_is_refused(make_study, log_in):
    make_study()
    client = log_in("R1")
    url = case_of(client)["answer_url"]
    client.handler.enforce_csrf_checks = True
    assert post(client, url, {"values": GOOD}).status_code == 403
    assert not Answer.objects.exists()


def test_ten_wrong_passwords_lock_the_link_until_a_new_invitation(make_study, moving_clock):
    from django.test import Client

    make_study()
    link, password = invite("R1", moving_clock.at)
    client = Client(headers={"host": "localhost"})
    for _ in range(10):
        client.post(f"/enter/{link}/", {"password": "wrong"}, secure=True)
    assert client.post(f"/enter/{link}/", {"password": password}, secure=True).status_code == 403
    link, password = invite("R1", moving_clock.at)
    assert client.post(f"/enter/{link}/", {"password": password}, secure=True).status_code == 302


def test_cookies_are_secure_and_closed_to_scripts_and_other_sites(make_study, log_in):
    make_study()
    client = log_in("R1")
    get(client, "/case/")
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] in ("Lax", "Strict")


def test_plain_http_from_another_machine_is_refused(make_study, log_in):
    make_study()
    client = log_in("R1")
    assert client.get("/case/", REMOTE_ADDR="10.0.0.7").status_code == 403
    assert client.get("/case/", REMOTE_ADDR="127.0.0.1").status_code == 200
    assert client.get("/case/", HTTP_HOST="reading.example.org", REMOTE_ADDR="127.0.0.1").status_code == 403


def test_every_write_after_the_lock_answers_409(complete_study, log_in, moving_clock):
    complete_study()
    lock("L1", moving_clock.at)
    token = Assignment.objects.filter(reader__code="R1").first().token
    client = log_in("R1")
    assert post(client, f"/case/{token}/answer/", {"values": GOOD}).status_code == 409
    assert post(client, f"/case/{token}/draft/", {"values": {}}).status_code == 409
    assert log_in("L1").post("/lead/lock/", secure=True).status_code == 409


@pytest.mark.parametrize("body", ["", "[]", '{"values": 3}', '{"values": {}, "seconds": "x"}', "x" * 20000])
def test_a_malformed_post_is_refused(make_study, log_in, body):
    make_study()
    client = log_in("R1")
    url = case_of(client)["answer_url"]
    assert client.post(url, body, content_type="application/json", secure=True).status_code == 400


def test_an_incomplete_answer_is_refused_with_the_question(make_study, log_in):
    make_study()
    reply = answer_next(log_in("R1"), {**GOOD, "diagnosis": "fracture"})
    assert reply.status_code == 400 and "Diagnosis" in reply.json()["message"]


def received(client):
    """All that the server says of the open case: page, headers, bricks."""
    page = get(client, "/case/")
    bricks = [get(client, url) for url in case_of(client)["bricks"]]
    return [page, *bricks]


def without_tokens(response):
    """Body with tokens blanked, in which the numbers of the heading are left out as well."""
    text = re.sub(rb"/(volume|case)/[\w-]{22}/|csrf[-\w]*token\" (content|value)=\"\w+\"", b"*", response.content)
    text = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"*", text)
    return re.sub(rb"(Training case|Case) \d+ of \d+", b"*", text)


def test_pages_of_both_scans_of_a_pair_differ_in_tokens_alone(make_study, log_in, read_all, moving_clock):
    make_study()
    pages = {}
    for _ in range(2):
        while True:
            client = log_in("R1")
            if b'id="case"' not in get(client, "/case/").content:
                break
            token = case_of(client)["answer_url"].split("/")[2]
            scan = Assignment.objects.get(token=token).scan
            responses = received(client)
            sizes = [len(response.content) for response in responses[1:]]
            headers = [sorted(response.headers.items()) for response in responses[1:]]
            pages.setdefault(scan.patient.code, []).append((without_tokens(responses[0]), sizes, headers))
            read_all("R1", limit=1)
        moving_clock.forward(days=28)
    compared = [both for both in pages.values() if len(both) == 2]
    assert len(compared) == 3
    assert all(one == other for both in compared for one, other in pairwise(both))


def test_nothing_that_a_reader_receives_names_patient_arm_or_file(make_study, log_in):
    make_study()
    for response in received(log_in("R1")):
        said = response.content + str(response.headers).encode()
        scan = Scan.objects.filter(arm=SYN_CTA).first()
        for word in (SECRET_PATIENT, scan.volume, scan.patient.code, "SYN", "syn_cta", "CTA-GAN", "nii", "waitress"):
            assert word.encode() not in said, word


def test_nothing_can_be_cached(make_study, log_in):
    make_study()
    for response in received(log_in("R1")):
        assert response["Cache-Control"] == "no-store" and "ETag" not in response


def test_consensus_shows_answers_without_names(complete_study, log_in):
    def answer(code, scan):
        return {**GOOD, "diagnosis": "aneurysm"} if code == "R2" and scan.pk == 1 else GOOD

    complete_study(answer)
    client = log_in("C1")
    link = re.search(r'href="(/consensus/[\w-]{22}/)"', get(client, "/consensus/").content.decode())[1]
    page = re.sub(r"[\w-]{20,}", "", get(client, link).content.decode())  # tokens, which may hold any letters
    assert "aneurysm, healthy" in page and "R1" not in page and "R2" not in page
    assert post(client, f"{link}answer/", {"values": {"diagnosis": "healthy"}}).status_code == 200
    assert post(client, f"{link}answer/", {"values": {"diagnosis": "aneurysm"}}).status_code == 409


def test_consensus_is_closed_while_reading_is_under_way(make_study, log_in):
    make_study()
    assert get(log_in("C1"), "/consensus/").status_code == 403


def test_an_inviting_changes_the_link(make_study, moving_clock):
    make_study()
    links = [invite("R1", moving_clock.at)[0] for _ in range(2)]
    assert Reader.objects.get(code="R1").link == links[1] != links[0]
