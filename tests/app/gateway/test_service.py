"""The whole gateway in its own process, with pynetdicom peers on loopback and a stub for the app."""

import random
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter
from io import BytesIO

import pydicom
import pytest
from pydicom.uid import (
    JPEG2000,
    MPEG2MPML,
    HTJ2KLossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSLossless,
    RLELossless,
)
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.sop_class import CTImageStorage, EnhancedCTImageStorage, MRImageStorage

from app.gateway.__main__ import main
from app.gateway.queue.record import JobRecord
from app.gateway.queue.spool import State, hashed
from app.gateway.send.paused_reactor import paused_reactor
from tests.app.gateway.running import LOOPBACK, PLAIN, ROOT, Sink, associate, eventually, running_gateway, send
from tests.dicom_series import IDENTIFYING, body_hu, setting, write_series

pytestmark = [pytest.mark.slow, pytest.mark.long]

SLICES = 5


@pytest.fixture
def sink():
    sink = Sink().start()
    yield sink
    sink.stop()


@pytest.fixture
def source(tmp_path):
    return sorted(write_series(tmp_path / "source", hu=body_hu(SLICES)).iterdir())


def series_of(tmp_path, number, slices=SLICES):
    uid = f"1.2.3.4.{number}"
    return sorted(write_series(tmp_path / f"source-{number}", hu=body_hu(slices), series=uid).iterdir())


# ---- the way there and back; one gateway for all of these ----


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    sink = Sink().start()
    with running_gateway(tmp_path_factory.mktemp("shared"), [sink.target]) as gateway:
        gateway.sink = sink
        yield gateway
    sink.stop()


def test_a_series_comes_back_as_a_synthetic_one_each_object_once(shared, tmp_path):
    files = series_of(tmp_path, 1)
    before = Counter(shared.sink.received)
    assert send(files, shared.port) == [0] * SLICES
    eventually(lambda: shared.counts().get("done") == 1)
    received = shared.sink.received - before
    assert sorted(received.values()) == [1] * SLICES
    objects = [shared.sink.datasets[uid] for uid in received]
    assert {ds.SyntheticData for ds in objects} == {"YES"}
    assert {ds.StudyInstanceUID for ds in objects} == {"1.2.3.4"}


def test_its_own_output_does_not_start_a_run(shared, tmp_path):
    send(series_of(tmp_path, 2), shared.port)
    eventually(lambda: shared.metric('deliveries_total{outcome="ok",target="sink"}') >= 1)
    eventually(lambda: not set(shared.counts()) - {"done"})
    runs, before = shared.runs, shared.metric('objects_total{outcome="own"}')
    folder = tmp_path / "own"
    folder.mkdir()
    for i, ds in enumerate(shared.sink.datasets.values()):
        if i % 2:  # a PACS that rewrites headers: only the UIDs are left to tell
            del ds.SyntheticData
            ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.file_meta = pydicom.dataset.FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        ds.save_as(folder / f"{i}.dcm", enforce_file_format=True)
    files = sorted(folder.iterdir())
    assert send(files, shared.port) == [0] * len(files)
    assert shared.metric('objects_total{outcome="own"}') == before + len(files)
    time.sleep(1.0)
    assert shared.runs == runs
    assert not shared.jobs(State.INCOMING)


def test_a_series_sent_twice_runs_once_and_arrives_once(shared, tmp_path):
    files = series_of(tmp_path, 3)
    runs, before = shared.runs, Counter(shared.sink.received)
    repeated = shared.metric('series_total{outcome="repeated"}')
    send(files, shared.port)
    send(files, shared.port)
    eventually(lambda: shared.runs == runs + 1)
    send(files, shared.port)
    eventually(lambda: shared.metric('series_total{outcome="repeated"}') == repeated + 1)
    eventually(lambda: not set(shared.counts()) - {"done"})
    assert shared.runs == runs + 1
    assert sorted((shared.sink.received - before).values()) == [1] * SLICES


def test_two_interleaved_series_stay_apart(shared, tmp_path):
    runs, before = shared.runs, Counter(shared.sink.received)
    first, second = associate(shared.port), associate(shared.port)
    with paused_reactor(first), paused_reactor(second):
        for one, other in zip(series_of(tmp_path, 4), series_of(tmp_path, 5), strict=True):
            assert first.send_c_store(pydicom.dcmread(one)).Status == 0
            assert second.send_c_store(pydicom.dcmread(other)).Status == 0
    first.release()
    second.release()
    eventually(lambda: sum((shared.sink.received - before).values()) == 2 * SLICES)
    series = Counter(shared.sink.datasets[uid].SeriesInstanceUID for uid in shared.sink.received - before)
    assert sorted(series.values()) == [SLICES, SLICES]
    assert shared.runs == runs + 2


def test_the_senders_of_the_environment_reach_it_as_the_docs_say(shared, tmp_path):
    folder = series_of(tmp_path, 40)[0].parent
    before = shared.metric('objects_total{outcome="stored"}')
    command = ["storescu", "-aet", "SENDER", "-aec", "SYNCTA", "-r", LOOPBACK, str(shared.port), str(folder)]
    subprocess.run([sys.executable, "-m", "pynetdicom", *command], check=True, capture_output=True, timeout=60)
    assert shared.metric('objects_total{outcome="stored"}') == before + SLICES


def test_an_echo_is_answered(shared):
    association = associate(shared.port)
    assert association.send_c_echo().Status == 0
    association.release()


@pytest.mark.parametrize("titles", [{"ae_title": "STRANGER"}, {"called": "OTHER"}])
def test_strangers_and_wrong_numbers_are_rejected(shared, titles):
    association = associate(shared.port, **titles)
    assert association.is_rejected


def test_the_number_of_associations_has_a_limit_and_probes_do_not_count(shared):
    probes = [socket.create_connection((LOOPBACK, shared.port)) for _ in range(20)]
    associations = [associate(shared.port) for _ in range(10)]
    assert all(association.is_established for association in associations)
    assert associate(shared.port).is_rejected
    for association in associations:
        association.release()
    for probe in probes:
        probe.close()


@pytest.mark.parametrize(
    ("edit", "status"),
    [
        pytest.param(setting(StudyInstanceUID=None), 0xC000, id="no study"),
        pytest.param(setting(SeriesInstanceUID=""), 0xC000, id="empty series"),
        pytest.param(setting(PixelData=None), 0, id="no pixels: for the app to say"),
    ],
)
def test_an_object_that_cannot_be_filed_is_refused(shared, tmp_path, edit, status):
    files = sorted(write_series(tmp_path / "in", edit, hu=body_hu(2), series="1.2.3.4.99").iterdir())
    assert send(files, shared.port) == [status] * 2


def test_an_object_that_is_no_ct_has_no_way_in(shared, tmp_path):
    association = associate(shared.port, contexts=[(MRImageStorage, PLAIN)])
    assert not association.is_established


@pytest.mark.parametrize("syntax", [JPEGExtended12Bit, HTJ2KLossless, MPEG2MPML])
def test_a_transfer_syntax_that_the_app_cannot_decode_is_not_agreed_to(shared, syntax):
    association = associate(shared.port, contexts=[(CTImageStorage, [syntax]), (CTImageStorage, PLAIN)])
    assert [context.transfer_syntax for context in association.accepted_contexts] == [[PLAIN[0]]]
    association.release()


def test_a_sender_is_never_brought_to_compress_with_loss(shared):
    offered = [JPEG2000, JPEGBaseline8Bit, JPEGLSLossless]
    association = associate(shared.port, contexts=[(CTImageStorage, offered)])
    assert [context.transfer_syntax for context in association.accepted_contexts] == [[JPEGLSLossless]]
    association.release()


def test_multi_frame_ct_has_a_way_in(shared):
    association = associate(shared.port, contexts=[(EnhancedCTImageStorage, PLAIN)])
    assert association.is_established
    association.release()


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
def test_a_compressed_object_is_kept_as_it_came(shared, tmp_path, syntax):
    uid = f"1.2.3.4.{int(syntax[-1]) + 50}"
    [path] = write_series(tmp_path / "in", hu=body_hu(1), series=uid).iterdir()
    ds = pydicom.dcmread(path)
    ds.compress(syntax, generate_instance_uid=False)
    association = associate(shared.port, contexts=[(CTImageStorage, [syntax])])
    assert association.send_c_store(ds).Status == 0
    [stored] = shared.spool.folder.glob(f"*/{hashed('1.2.3.4', uid)}-*/objects/*")
    association.release()
    kept = pydicom.dcmread(stored)
    assert kept.file_meta.TransferSyntaxUID == syntax
    assert kept.PixelData == ds.PixelData


def test_garbage_on_the_wire_harms_nobody(shared, source):
    generator = random.Random(3)
    for _ in range(20):
        with socket.create_connection((LOOPBACK, shared.port), timeout=5) as connection:
            connection.sendall(generator.randbytes(generator.randint(1, 400)))
    association = associate(shared.port)
    assert association.send_c_echo().Status == 0
    association.release()
    assert shared.http("/health")[0] == 200


def test_damaged_data_sets_are_refused_and_harm_nobody(shared, source):
    generator = random.Random(4)
    association = associate(shared.port)
    context = association._get_valid_context(CTImageStorage, "", "scu")
    statuses = Counter()
    with paused_reactor(association):
        for number in range(60):
            statuses[_store_bytes(association, context.context_id, f"1.2.3.{number}", generator.randbytes(300))] += 1
    association.release()
    assert set(statuses) == {0xC000}
    assert shared.http("/health")[0] == 200
    assert list(shared.spool.scratch.iterdir()) == []


def _store_bytes(association, context_id, instance_uid, data):
    """C-STORE of bytes that are no data set."""
    request = C_STORE()
    request.MessageID = 1
    request.AffectedSOPClassUID = CTImageStorage
    request.AffectedSOPInstanceUID = instance_uid
    request.Priority = 0
    request.DataSet = BytesIO(data)
    association.dimse.send_msg(request, context_id)
    _, answer = association.dimse.get_msg(block=True)
    return answer.Status


def test_health_and_metrics_are_served_and_nothing_else(shared):
    assert shared.http("/health")[0] == 200
    assert '"dicom": true' in shared.http("/ready")[1]
    assert "syn_cta_gateway_jobs{" in shared.http("/metrics")[1]
    assert "Syn-CTA gateway" in shared.http("/")[1]
    assert shared.http("/../etc/passwd")[0] == 404


def test_no_log_and_no_metric_holds_patient_data(shared):
    text = shared.log + shared.http("/metrics")[1] + shared.http("/")[1]
    assert "queued" in text
    assert not any(word in text for word in (*IDENTIFYING, "1.2.3.4", str(shared.folder)))


# ---- one gateway for each of these ----


def test_a_refusal_is_recorded_with_its_reason_and_never_retried(tmp_path, sink, source):
    options = ["--runs", str(tmp_path / "runs"), "--exit", "65", "--reason", "contrast"]
    with running_gateway(tmp_path, [sink.target], worker={"options": options}) as gateway:
        send(source, gateway.port)
        eventually(lambda: gateway.counts() == {"refused": 1})
        time.sleep(0.7)
        assert gateway.runs == 1
        assert gateway.metric('refusals_total{reason="contrast"}') == 1
        [job] = gateway.jobs(State.REFUSED)
        assert JobRecord.read(JobRecord.path(job.folder)).reason == "contrast"
    assert not sink.received


def test_failing_runs_end_in_dead_letter_and_retry_brings_them_back(tmp_path, sink, source):
    repaired = tmp_path / "repaired"
    options = ["--runs", str(tmp_path / "runs"), "--exit", "75", "--reason", "out_of_memory", "--until", str(repaired)]
    with running_gateway(tmp_path, [sink.target], worker={"options": options}) as gateway:
        send(source, gateway.port)
        eventually(lambda: gateway.counts() == {"dead-letter": 1})
        assert gateway.runs == 3
        repaired.touch()
        assert main(["--settings", str(gateway.settings_file), "--retry", "all"]) == 0
        eventually(lambda: gateway.counts() == {"done": 1})
    assert sorted(sink.received.values()) == [1] * SLICES


def test_a_dead_target_holds_up_neither_the_other_target_nor_the_worker(tmp_path, sink):
    late = Sink()
    with running_gateway(tmp_path, [sink.target, {**late.target, "name": "late"}]) as gateway:
        send(series_of(tmp_path, 1), gateway.port)
        send(series_of(tmp_path, 2), gateway.port)
        eventually(lambda: len(sink.received) == 2 * SLICES)
        assert gateway.counts() == {"sending": 2}
        late.start()
        try:
            eventually(lambda: gateway.counts() == {"done": 2})
        finally:
            late.stop()
    assert set(sink.received.values()) == set(late.received.values()) == {1}
    assert sink.received.keys() == late.received.keys()


def test_a_target_that_breaks_off_gets_the_rest_later(tmp_path, sink, source):
    sink.abort_after = 2
    with running_gateway(tmp_path, [sink.target]) as gateway:
        send(source, gateway.port)
        eventually(lambda: gateway.metric('deliveries_total{outcome="failed",target="sink"}') >= 1)
        sink.abort_after = None
        eventually(lambda: gateway.counts() == {"done": 1})
    assert len(sink.received) == SLICES


def test_a_target_that_never_takes_the_result_ends_in_dead_letter(tmp_path, sink, source):
    sink.status = 0xA700
    with running_gateway(tmp_path, [sink.target], retry={"attempts": 2, "first_s": 0.1}) as gateway:
        send(source, gateway.port)
        eventually(lambda: gateway.counts() == {"dead-letter": 1})
        [job] = gateway.jobs(State.DEAD_LETTER)
        record = JobRecord.read(JobRecord.path(job.folder))
        assert (record.failed_in, record.reason) == ("sending", "status_a700")
        assert len(list(job.result.rglob("*.dcm"))) == SLICES


def test_sigterm_lets_the_current_run_end(tmp_path, sink, source):
    options = ["--runs", str(tmp_path / "runs"), "--seconds", "1.5"]
    with running_gateway(tmp_path, [sink.target], worker={"options": options}) as gateway:
        send(source, gateway.port)
        eventually(lambda: gateway.runs == 1)
        assert gateway.stop() == 0
        assert gateway.counts() in ({"sending": 1}, {"done": 1})
        gateway.start()
        eventually(lambda: gateway.counts() == {"done": 1})
        assert gateway.runs == 1
    assert sorted(sink.received.values()) == [1] * SLICES


def test_sigterm_puts_a_long_run_back(tmp_path, sink, source):
    options = ["--runs", str(tmp_path / "runs"), "--seconds", "60"]
    with running_gateway(tmp_path, [sink.target], worker={"options": options}, stop_grace_s=0.2) as gateway:
        send(source, gateway.port)
        eventually(lambda: gateway.runs == 1)
        assert gateway.stop() == 0
        assert gateway.counts() == {"queued": 1}
        assert JobRecord.read(JobRecord.path(gateway.jobs(State.QUEUED)[0].folder)).attempts == 0


@pytest.mark.parametrize("state", [State.INCOMING, State.QUEUED, State.PROCESSING, State.SENDING, State.DONE])
def test_kill_9_in_any_state_loses_nothing_and_doubles_nothing(tmp_path, source, state):
    sink = Sink()
    go_on = tmp_path / "go-on"  # the run waits for it, so that the job is in its state when the gateway is killed
    held = {"options": ["--runs", str(tmp_path / "runs"), "--hold", str(go_on)]}
    slow = {"quiet_s": 60} if state is State.INCOMING else {}
    with running_gateway(tmp_path, [sink.target], worker=held, queue=slow) as gateway:
        if state in (State.SENDING, State.DONE):
            go_on.touch()
        if state is State.QUEUED:
            send(series_of(tmp_path, 77), gateway.port)  # keeps the worker busy
            eventually(lambda: gateway.jobs(State.PROCESSING))
        if state is State.DONE:
            sink.start()
        send(source, gateway.port)
        eventually(lambda: gateway.jobs(state))
        gateway.kill()
        assert gateway.jobs(state)
        go_on.touch()
        if state is not State.DONE:
            sink.start()
        gateway.start()
        number = 2 if state is State.QUEUED else 1
        eventually(lambda: gateway.counts() == {"done": number})
    sink.stop()
    assert sorted(sink.received.values()) == [1] * (SLICES * number)


def test_a_job_that_takes_the_gateway_down_is_set_aside_at_a_later_start(tmp_path, sink, source):
    options = ["--runs", str(tmp_path / "runs"), "--kill-gateway", "--seconds", "60"]
    with running_gateway(tmp_path, [sink.target], worker={"options": options, "attempts": 1}) as gateway:
        send(source, gateway.port)
        gateway.process.wait(60)
        gateway.start()
        eventually(lambda: gateway.counts() == {"dead-letter": 1})
        assert gateway.runs == 1


def test_a_full_disk_is_told_to_the_sender_and_to_ready(tmp_path, sink, source):
    with running_gateway(tmp_path, [sink.target]) as gateway:
        gateway.stop()
        text = gateway.settings_file.read_text()
        gateway.settings_file.write_text(text.replace("min_free_mb: 1", f"min_free_mb: {10**9}"))
        gateway.start(ready=503)
        assert send(source, gateway.port) == [0xA700] * SLICES
        assert gateway.http("/health")[0] == 200


def test_a_second_gateway_on_the_same_queue_is_refused(tmp_path, sink):
    with running_gateway(tmp_path, [sink.target]) as gateway:
        command = [sys.executable, "-m", "app.gateway", "--settings", str(gateway.settings_file)]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 78
    assert "Another gateway" in second.stderr


# ---- TLS ----


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for loopback, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=gateway"
    files = folder / "crt.pem", folder / "key.pem"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    return files


def test_tls_both_ways_with_certificates_on_both_sides(tmp_path, source, certificate):
    crt, key = certificate
    context = ssl.create_default_context(cafile=crt)
    context.load_cert_chain(crt, key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(crt, key)
    sink = Sink().start(server)
    tls = {"ca": str(crt), "certificate": str(crt), "key": str(key)}
    node = {"tls": {"certificate": str(crt), "key": str(key), "client_ca": str(crt)}}
    with running_gateway(tmp_path, [{**sink.target, "tls": tls}], dicom=node) as gateway:
        silent = [socket.create_connection((LOOPBACK, gateway.port)) for _ in range(3)]  # never shake hands
        assert send(source, gateway.port, tls=(context, LOOPBACK)) == [0] * SLICES
        for connection in silent:
            connection.close()
        eventually(lambda: gateway.counts() == {"done": 1})
        assert not associate(gateway.port).is_established
        without = ssl.create_default_context(cafile=crt)
        assert not associate(gateway.port, tls=(without, LOOPBACK)).is_established
    sink.stop()
    assert sorted(sink.received.values()) == [1] * SLICES


def test_a_target_with_a_certificate_that_nobody_vouches_for_gets_nothing(tmp_path, source, certificate):
    crt, key = certificate
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(crt, key)
    sink = Sink().start(server)
    with running_gateway(tmp_path, [{**sink.target, "tls": {}}], retry={"attempts": 1}) as gateway:
        send(source, gateway.port)
        eventually(lambda: gateway.counts() == {"dead-letter": 1})
    sink.stop()
    assert not sink.received
