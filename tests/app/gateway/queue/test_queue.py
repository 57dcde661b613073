"""The queue on disk and the decision that a series is complete, without a network."""

import os
import time

import pytest

from app.gateway.queue.jobs import describe_jobs, retry_jobs
from app.gateway.queue.record import DeliveryRecord, JobRecord, is_due
from app.gateway.queue.retention import delete_expired
from app.gateway.queue.spool import Spool, State, StoreOutcome, hashed
from app.gateway.receive import intake as intake_module
from app.gateway.receive.intake import Completed, Intake, ObjectIdentity
from app.gateway.settings import QueueSettings, RetentionSettings
from operators.errors import Refusal

pytestmark = pytest.mark.slow

QUIET = {"quiet_s": 0.05, "quiet_after_abort_s": 0.25, "quiet_open_association_s": 0.5}
ONE, TWO = 1, 2  # associations


class _Clock:
    """Stands still until a test lets time pass, however slow the machine is."""

    now_s = 0.0

    def monotonic(self):
        return self.now_s

    def time(self):
        return time.time()


CLOCK = _Clock()


@pytest.fixture(autouse=True)
def _clock_of_the_intake():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake_module, "time", CLOCK)
        yield


@pytest.fixture
def intake(spool):
    return intake_of(spool)


def intake_of(spool, **settings):
    return Intake(spool, QueueSettings(folder=spool.folder, **{**QUIET, **settings}))


def store_object(spool, intake, numbers, *, series="1.2", study="1", association=ONE, content="object"):
    new = []
    for number in numbers:
        received = spool.scratch_file()
        received.write_bytes(f"{content} {number}".encode())
        new.append(intake.store_object(received, ObjectIdentity(study, series, f"{series}.{number}"), association))
    return new


def outcomes_after(intake, seconds):
    CLOCK.now_s += seconds
    return intake.complete_series()


# ---- when a series is complete ----


def test_a_series_is_queued_when_its_sender_has_left_and_nothing_came_for_a_while(spool, intake):
    store_object(spool, intake, range(3))
    intake.association_ended(ONE, released=True)
    assert intake.complete_series() == []
    assert outcomes_after(intake, 0.06) == [Completed.QUEUED]
    [job] = spool.jobs(State.QUEUED)
    assert len(job.object_names()) == 3


def test_a_slow_sender_is_waited_for_while_it_is_connected(spool, intake):
    store_object(spool, intake, [1])
    assert outcomes_after(intake, 0.3) == []
    assert outcomes_after(intake, 0.3) == [Completed.QUEUED]


def test_a_sender_that_was_cut_off_gets_time_to_come_back(spool, intake):
    store_object(spool, intake, [1])
    intake.association_ended(ONE, released=False)
    assert outcomes_after(intake, 0.1) == []
    store_object(spool, intake, [1, 2, 3], association=TWO)
    intake.association_ended(TWO, released=True)
    assert outcomes_after(intake, 0.06) == [Completed.QUEUED]
    assert len(spool.jobs(State.QUEUED)[0].object_names()) == 3


def test_a_release_that_is_noted_after_the_lost_connection_counts(spool, intake):
    store_object(spool, intake, [1])
    intake.association_ended(ONE, released=False)
    intake.association_ended(ONE, released=True)
    assert outcomes_after(intake, 0.06) == [Completed.QUEUED]


def test_two_interleaved_series_become_two_jobs(spool, intake):
    for number in range(4):
        store_object(spool, intake, [number], series="1.2", association=ONE)
        store_object(spool, intake, [number], series="1.3", association=TWO)
    intake.association_ended(ONE, released=True)
    intake.association_ended(TWO, released=True)
    assert outcomes_after(intake, 0.06) == [Completed.QUEUED] * 2
    assert [len(job.object_names()) for job in spool.jobs(State.QUEUED)] == [4, 4]


def test_a_study_can_be_the_unit(spool):
    intake = intake_of(spool, unit="study")
    store_object(spool, intake, [1], series="1.2")
    store_object(spool, intake, [1], series="1.3")
    intake.association_ended(ONE, released=True)
    assert outcomes_after(intake, 0.06) == [Completed.QUEUED]


# ---- again, and late ----


def complete(spool, intake, numbers, **how):
    """What becomes of a series of these objects."""
    store_object(spool, intake, numbers, **how)
    intake.association_ended(ONE, released=True)
    return outcomes_after(intake, 0.06)


@pytest.mark.parametrize("state", [state for state in State if state is not State.INCOMING])
def test_a_series_that_comes_again_is_left_out(spool, intake, state):
    complete(spool, intake, range(3))
    if state is not State.QUEUED:
        spool.move(spool.jobs(State.QUEUED)[0], state)
    assert complete(spool, intake, range(3)) == [Completed.REPEATED]
    assert sum(len(spool.jobs(each)) for each in State) == 1


@pytest.mark.parametrize("state", [State.REFUSED, State.DEAD_LETTER])
def test_a_corrected_series_replaces_a_job_that_failed(spool, intake, state):
    complete(spool, intake, range(3))
    failed = spool.move(spool.jobs(State.QUEUED)[0], state)
    assert complete(spool, intake, range(3), content="corrected") == [Completed.CORRECTED]
    [job] = spool.jobs(State.QUEUED)
    assert {path.read_bytes()[:9] for path in job.objects.iterdir()} == {b"corrected"}
    assert not failed.folder.exists()


def test_corrected_slices_alone_are_joined_by_the_others_of_the_job_that_failed(spool, intake):
    complete(spool, intake, range(3))
    spool.move(spool.jobs(State.QUEUED)[0], State.REFUSED)
    complete(spool, intake, [1], content="corrected")
    [job] = spool.jobs(State.QUEUED)
    assert sorted(path.read_bytes() for path in job.objects.iterdir()) == [b"corrected 1", b"object 0", b"object 2"]


@pytest.mark.parametrize("state", [state for state in State if state is not State.INCOMING])
def test_other_bytes_under_the_same_uids_are_converted_whatever_became_of_the_first(spool, intake, state):
    complete(spool, intake, range(3))
    if state is not State.QUEUED:
        spool.move(spool.jobs(State.QUEUED)[0], state)
    assert complete(spool, intake, [1], content="corrected") == [Completed.CORRECTED]
    latest = spool.jobs(State.QUEUED)[-1]
    assert sorted(path.read_bytes() for path in latest.objects.iterdir()) == [b"corrected 1", b"object 0", b"object 2"]


def test_a_damaged_slice_that_is_sent_again_whole_counts(spool, intake):
    assert store_object(spool, intake, [1], content="damaged") == [StoreOutcome.NEW]
    assert store_object(spool, intake, [1]) == [StoreOutcome.CORRECTED]
    [job] = spool.jobs(State.INCOMING)
    assert [path.read_bytes() for path in job.objects.iterdir()] == [b"object 1"]


def test_the_first_version_sent_once_more_after_a_correction_is_a_correction_too(spool, intake):
    complete(spool, intake, [1])
    complete(spool, intake, [1], content="corrected")
    assert complete(spool, intake, [1]) == [Completed.CORRECTED]


@pytest.mark.parametrize("state", list(State))
def test_a_site_that_takes_no_corrections_tells_their_sender(spool, state):
    intake = intake_of(spool, corrections="refuse")
    if state is State.INCOMING:
        store_object(spool, intake, [1])
    else:
        complete(spool, intake, [1])
        if state is not State.QUEUED:
            spool.move(spool.jobs(State.QUEUED)[0], state)
    assert store_object(spool, intake, [1], content="corrected") == [None]
    assert store_object(spool, intake, [2]) == [StoreOutcome.NEW]


def test_a_job_that_a_target_has_something_of_stays_to_be_taken_back(spool, intake):
    complete(spool, intake, range(3))
    job = spool.move(spool.jobs(State.QUEUED)[0], State.SENDING)
    DeliveryRecord(started=True).write(DeliveryRecord.path(job.folder, "pacs"))
    complete(spool, intake, [3])
    [superseded] = spool.jobs(State.DONE)
    assert JobRecord.read(JobRecord.path(superseded.folder)).superseded
    assert spool.jobs(State.SENDING) == []


def test_a_superseded_job_is_not_sent_again_by_a_retry(spool):
    ended_job(spool, State.DONE, superseded=True)
    assert retry_jobs(spool, spool.jobs(State.DONE)[0].name) == 0


def test_a_later_job_has_a_later_name_though_the_clock_was_set_back(spool, intake, monkeypatch):
    complete(spool, intake, [1])
    [first] = spool.jobs(State.QUEUED)
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    complete(spool, intake, [2])
    assert [job.name > first.name for job in spool.jobs(State.QUEUED)] == [False, True]


# ---- a disk that fails ----


def fail_to_move(spool, monkeypatch, job):
    """The disk does not let this job go on."""
    usual = spool.move

    def move(other, state):
        if other.name == job.name:
            raise OSError(28, "No space left on device")
        return usual(other, state)

    monkeypatch.setattr(spool, "move", move)


def test_a_series_that_cannot_be_queued_holds_up_no_other_and_is_queued_later(spool, intake, monkeypatch):
    for series in ("1.2", "1.3", "1.4"):
        store_object(spool, intake, [1], series=series)
    intake.association_ended(ONE, released=True)
    fail_to_move(spool, monkeypatch, spool.jobs(State.INCOMING)[0])
    assert outcomes_after(intake, 0.06) == [Completed.QUEUED] * 2
    monkeypatch.undo()
    assert outcomes_after(intake, intake_module._AFTER_ERROR_S) == [Completed.QUEUED]


def test_late_slices_wait_for_the_series_that_cannot_be_queued_yet(spool, intake, monkeypatch):
    store_object(spool, intake, [1])
    intake.association_ended(ONE, released=True)
    fail_to_move(spool, monkeypatch, spool.jobs(State.INCOMING)[0])
    assert outcomes_after(intake, 0.06) == []
    assert complete(spool, intake, [2]) == []
    monkeypatch.undo()
    assert outcomes_after(intake, intake_module._AFTER_ERROR_S) == [Completed.QUEUED, Completed.EXTENDED]


def test_late_objects_are_joined_by_the_newest_version_of_each_other_one(spool, intake):
    complete(spool, intake, [1, 2])
    complete(spool, intake, [2, 3], content="corrected")
    complete(spool, intake, [4])
    newest = spool.jobs(State.QUEUED)[-1]
    assert b"corrected 2" in {path.read_bytes() for path in newest.objects.iterdir()}


def test_the_same_object_twice_is_kept_once(spool, intake):
    assert store_object(spool, intake, [1, 1, 2]) == [StoreOutcome.NEW, StoreOutcome.REPEATED, StoreOutcome.NEW]


def test_late_objects_make_a_new_job_with_all_of_them(spool, intake):
    store_object(spool, intake, range(3))
    intake.association_ended(ONE, released=True)
    outcomes_after(intake, 0.06)
    first = spool.move(spool.jobs(State.QUEUED)[0], State.DONE)
    store_object(spool, intake, [3, 4], association=TWO)
    intake.association_ended(TWO, released=True)
    assert outcomes_after(intake, 0.06) == [Completed.EXTENDED]
    [job] = spool.jobs(State.QUEUED)
    assert len(job.object_names()) == 5
    assert first.object_names() < job.object_names()


# ---- crash ----


def test_after_a_crash_objects_are_still_there_and_their_sender_is_waited_for(spool, intake):
    store_object(spool, intake, range(3))
    spool.close()
    again = Spool(spool.folder)
    again.open()
    restarted = intake_of(again)
    assert outcomes_after(restarted, 0.1) == []
    assert outcomes_after(restarted, 0.2) == [Completed.QUEUED]
    assert len(again.jobs(State.QUEUED)[0].object_names()) == 3


def test_after_a_crash_a_job_in_processing_is_queued_and_half_written_files_are_gone(spool, intake):
    store_object(spool, intake, range(3))
    intake.association_ended(ONE, released=True)
    outcomes_after(intake, 0.06)
    job = spool.move(spool.jobs(State.QUEUED)[0], State.PROCESSING)
    (job.folder / ".abc.part").write_text("half")
    spool.scratch_file()
    spool.close()
    again = Spool(spool.folder)
    again.open()
    [job] = again.jobs(State.QUEUED)
    assert not (job.folder / ".abc.part").exists()
    assert list(again.scratch.iterdir()) == []


@pytest.mark.parametrize("made", [True, False], ids=["empty folder", "no folder yet"])
def test_after_a_crash_before_the_first_object_the_series_begins_anew(spool, made):
    job = spool.new_job(hashed("1", "1.2"))
    if not made:
        job.objects.rmdir()
    restarted = intake_of(spool)
    assert restarted.open_series == 0
    assert complete(spool, restarted, range(3)) == [Completed.QUEUED]


def test_a_queue_belongs_to_one_gateway(spool):
    with pytest.raises(Refusal, match="Another gateway"):
        Spool(spool.folder).open()


def test_junk_in_the_queue_folders_is_passed_over(spool):
    for state in State:
        folder = spool.folder / state.value
        for number in range(200):
            (folder / f"junk-{number}").write_bytes(os.urandom(50))
        (folder / "folder").mkdir()
        (folder / ("0" * 32 + "-" + "1" * 16)).write_text("a file with the name of a job")
        assert spool.jobs(state) == []


def test_a_damaged_record_counts_as_fresh(tmp_path):
    wrong_types = ('{"attempts": "3"}', '{"attempts": null}', '{"ended_s": "now"}', '{"not_before_s": [1]}')
    for text in ("{", "[]", '{"unknown": 1}', "\0\0", *wrong_types):
        (tmp_path / "job.json").write_text(text)
        assert JobRecord.read(tmp_path / "job.json") == JobRecord()


def test_a_clock_that_was_set_back_does_not_hold_a_job_for_ever():
    assert is_due(time.time() - 1, 60)
    assert not is_due(time.time() + 30, 60)
    assert is_due(time.time() + 10_000, 60)


# ---- names, permissions, retention, engineer's commands ----


def test_no_name_on_the_disk_holds_a_uid(spool, intake):
    store_object(spool, intake, range(3), series="1.2.840.4711", study="../../etc/passwd")
    names = [path.name for path in spool.folder.rglob("*")]
    assert not any("4711" in name or "passwd" in name for name in names)


def test_the_queue_is_for_its_owner_alone(spool, intake):
    store_object(spool, intake, [1])
    assert all(path.stat().st_mode & 0o077 == 0 for path in [spool.folder, *spool.folder.rglob("*")])


def ended_job(spool, state, *, hours_ago=0.0, key="a" * 32, **record):
    job = spool.move(spool.new_job(key), state)
    JobRecord(ended_s=time.time() - hours_ago * 3600, **record).write(JobRecord.path(job.folder))
    return job


def test_retention_deletes_by_state_and_age_and_zero_keeps(spool):
    old = [ended_job(spool, state, hours_ago=30) for state in (State.DONE, State.REFUSED, State.DEAD_LETTER)]
    fresh = ended_job(spool, State.DONE, hours_ago=20)
    settings = RetentionSettings(done_hours=24, refused_hours=48, dead_letter_hours=0)
    assert delete_expired(spool, settings) == 1
    assert [job.folder.exists() for job in (*old, fresh)] == [False, True, True, True]
    assert list(spool.scratch.iterdir()) == []


def test_retry_after_a_failed_delivery_sends_only_to_who_lacks_it(spool):
    job = ended_job(spool, State.DEAD_LETTER, failed_in="sending", reason="no_association")
    DeliveryRecord(sent=True).write(DeliveryRecord.path(job.folder, "a"))
    DeliveryRecord(given_up=True).write(DeliveryRecord.path(job.folder, "b"))
    assert retry_jobs(spool, "all") == 1
    [job] = spool.jobs(State.SENDING)
    assert DeliveryRecord.read(DeliveryRecord.path(job.folder, "a")).sent
    assert not DeliveryRecord.read(DeliveryRecord.path(job.folder, "b")).given_up


def test_retry_by_name_runs_a_refused_job_again(spool):
    job = ended_job(spool, State.REFUSED, reason="contrast", attempts=1)
    assert retry_jobs(spool, "all") == 0
    assert retry_jobs(spool, job.name) == 1
    [job] = spool.jobs(State.QUEUED)
    assert JobRecord.read(JobRecord.path(job.folder)) == JobRecord()


def test_the_list_tells_state_and_reason(spool):
    ended_job(spool, State.REFUSED, reason="contrast")
    [line] = describe_jobs(spool)
    assert (line["state"], line["reason"], line["objects"]) == ("refused", "contrast", 0)


def test_a_series_whose_folder_somebody_took_away_is_given_up(spool, intake):
    store_object(spool, intake, [1])
    intake.association_ended(ONE, released=True)
    spool.delete(spool.jobs(State.INCOMING)[0])
    assert outcomes_after(intake, 0.06) == []
    assert intake.open_series == 0
