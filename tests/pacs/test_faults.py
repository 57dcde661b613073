"""What goes wrong in a hospital, with real peers; a stub stands in for the app, which is not the point here."""

import threading
import time

import pydicom
import pytest
from pydicom.uid import MRImageStorage

from app.gateway.queue.record import JobRecord
from app.gateway.queue.spool import State
from tests.app.gateway.running import LOOPBACK, RunningGateway, associate, eventually, running_gateway, send
from tests.dicom_series import body_hu, setting, write_series
from tests.pacs.kill_campaign import run_campaign
from tests.pacs.peers import Orthanc, dcmtk, storescu

SLICES = 8
ROUTE_EVERYTHING = """
function OnStableSeries(id, tags, metadata)
  RestApiPost('/modalities/gateway/store', '{"Resources": ["' .. id .. '"], "Asynchronous": true}')
end
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One Orthanc and one gateway that every test here may disturb, but must leave running."""
    folder = tmp_path_factory.mktemp("site")
    senders = [{"ae_title": title, "address": LOOPBACK} for title in ("SENDER", "ORTHANC")]
    gateway = RunningGateway(folder, [], dicom={"allow": senders})
    pacs = Orthanc(folder / "pacs", gateway.port, routing=ROUTE_EVERYTHING)
    gateway.change(targets=[{**pacs.target, "timeout_s": 5}])
    gateway.pacs = pacs
    try:
        pacs.start()
        yield gateway.start()
    finally:
        gateway.end()
        pacs.stop()


def series(tmp_path, number, edit=None, slices=SLICES):
    """A series of its own study."""
    folder = tmp_path / f"series-{number}"
    return write_series(folder, edit, hu=body_hu(slices), study=f"1.2.9.{number}", series=f"1.2.9.{number}.1")


def all_done(gateway, more):
    """Wait until so many more jobs are done than before, and nothing is under way."""
    eventually(lambda: gateway.counts().get("done", 0) == more and set(gateway.counts()) <= {"done", "refused"}, 180)


def done(gateway):
    return gateway.counts().get("done", 0)


def test_echo(site):
    dcmtk("echoscu", "-aet", "SENDER", "-aec", "SYNCTA", LOOPBACK, site.port)


def test_a_sender_that_is_not_on_the_list_is_rejected(site, tmp_path):
    before = site.metric('objects_total{outcome="stored"}')
    answer = storescu(series(tmp_path, 1), site.port, called="SYNCTA", calling="STRANGER", check=False)
    assert answer.returncode != 0
    assert "Calling AE Title Not Recognized" in answer.stderr
    assert site.metric('objects_total{outcome="stored"}') == before


def test_a_pacs_that_routes_everything_makes_no_loop(site, tmp_path):
    jobs, runs, own = done(site), site.runs, site.metric('objects_total{outcome="own"}')
    storescu(series(tmp_path, 2), site.pacs.port, called="ORTHANC")
    eventually(lambda: site.metric('objects_total{outcome="own"}') == own + SLICES, 120)
    all_done(site, jobs + 1)
    time.sleep(2)  # long enough for Orthanc to route again
    assert site.runs == runs + 1


def test_the_same_study_twice_is_converted_once(site, tmp_path):
    jobs, runs, instances = done(site), site.runs, site.pacs.instances
    folder = series(tmp_path, 3)
    storescu(folder, site.port, called="SYNCTA")
    storescu(folder, site.port, called="SYNCTA")
    all_done(site, jobs + 1)
    storescu(folder, site.port, called="SYNCTA")
    eventually(lambda: not site.jobs(State.INCOMING))
    assert site.runs == runs + 1
    assert site.pacs.instances == instances + SLICES


def test_two_interleaved_studies_stay_apart(site, tmp_path):
    jobs, instances = done(site), site.pacs.instances
    folders = [series(tmp_path, number, slices=20) for number in (4, 5)]
    threads = [
        threading.Thread(target=storescu, args=(folder, site.port), kwargs={"called": "SYNCTA"}) for folder in folders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    all_done(site, jobs + 2)
    assert site.pacs.instances == instances + 40
    for number in (4, 5):
        [study] = site.pacs.post(
            "/tools/find", {"Level": "Study", "Query": {"StudyInstanceUID": f"1.2.9.{number}"}, "Expand": True}
        )
        assert len(study["Series"]) == 1


def test_a_slow_sender_is_waited_for(site, tmp_path):
    jobs, runs = done(site), site.runs
    association = associate(site.port)
    for path in sorted(series(tmp_path, 6, slices=3).iterdir()):
        assert association.send_c_store(pydicom.dcmread(path)).Status == 0
        time.sleep(1.0)  # twice quiet_s
    association.release()
    all_done(site, jobs + 1)
    assert site.runs == runs + 1
    assert len(site.jobs(State.DONE)[-1].object_names()) == 3


def test_a_sender_that_dies_in_the_middle_and_comes_back_gives_one_whole_result(site, tmp_path):
    jobs, runs, instances = done(site), site.runs, site.pacs.instances
    folder = series(tmp_path, 7)
    association = associate(site.port)
    for path in sorted(folder.iterdir())[:3]:
        association.send_c_store(pydicom.dcmread(path))
    association.dul.socket.socket.close()  # no release, no abort: the cable is out
    time.sleep(0.8)  # longer than quiet_s
    storescu(folder, site.port, called="SYNCTA")
    all_done(site, jobs + 1)
    assert site.runs == runs + 1
    assert site.pacs.instances == instances + SLICES


def test_a_pacs_that_is_down_gets_the_result_when_it_is_back(site, tmp_path):
    jobs, instances = done(site), site.pacs.instances
    site.pacs.stop()
    storescu(series(tmp_path, 8), site.port, called="SYNCTA")
    failed = 'deliveries_total{outcome="failed",target="pacs"}'
    eventually(lambda: site.metric(failed) >= 2, 120)
    assert site.counts().get("sending") == 1
    site.pacs.start()
    all_done(site, jobs + 1)
    assert site.pacs.instances == instances + SLICES


def test_a_pacs_that_is_killed_while_it_receives_has_everything_once_afterwards(site, tmp_path):
    jobs, instances = done(site), site.pacs.instances
    storescu(series(tmp_path, 9, slices=80), site.port, called="SYNCTA")
    eventually(lambda: site.pacs.instances > instances, 180, every_s=0.001)
    site.pacs.kill()
    assert site.counts().get("sending") == 1
    site.pacs.start()
    all_done(site, jobs + 1)
    assert site.pacs.instances == instances + 80


def test_a_thousand_junk_files_change_nothing_for_a_good_series(site, tmp_path):
    jobs, instances = done(site), site.pacs.instances
    magnetic = series(tmp_path, 10, setting(SOPClassUID=MRImageStorage, Modality="MR"), slices=300)
    for path in magnetic.iterdir():
        ds = pydicom.dcmread(path)
        ds.file_meta.MediaStorageSOPClassUID = MRImageStorage
        ds.save_as(path)
    nameless = sorted(series(tmp_path, 11, setting(StudyInstanceUID=None, PixelData=None), slices=300).iterdir())
    queue = site.spool.folder
    for number in range(400):
        state = list(State)[number % len(State)]
        (queue / state.value / f"junk-{number}").write_bytes(bytes([number % 256]) * 1000)

    assert storescu(magnetic, site.port, called="SYNCTA", check=False).returncode != 0
    assert set(send(nameless, site.port)) == {0xC000}
    storescu(series(tmp_path, 12), site.port, called="SYNCTA")
    all_done(site, jobs + 1)
    assert site.pacs.instances == instances + SLICES
    assert site.http("/ready")[0] == 200


def test_kill_9_at_random_moments_loses_nothing_and_doubles_nothing(tmp_path):
    figures = run_campaign(tmp_path, series=5, kills=4, seed=1, interval_s=4.0)
    assert figures["kills"] == 4
    assert (figures["lost"], figures["double"], figures["partial"]) == (0, 0, 0)


def test_a_gateway_that_starts_beside_a_dead_pacs_is_ready(tmp_path):
    dead = {"name": "pacs", "kind": "dicom", "host": LOOPBACK, "port": 9, "ae_title": "DEAD"}
    with running_gateway(tmp_path, [dead]) as gateway:
        assert gateway.http("/ready")[0] == 200


def test_a_web_server_that_does_not_know_us_is_named_by_its_answer(site, tmp_path):
    target = site.pacs.stow_target(tmp_path)
    (tmp_path / "password").write_text("wrong")
    with running_gateway(tmp_path, [target], retry={"attempts": 2, "first_s": 0.1}) as gateway:
        storescu(series(tmp_path, 13), gateway.port, called="SYNCTA")
        eventually(lambda: gateway.counts() == {"dead-letter": 1})
        [job] = gateway.jobs(State.DEAD_LETTER)
    assert JobRecord.read(JobRecord.path(job.folder)).reason == "http_401"
