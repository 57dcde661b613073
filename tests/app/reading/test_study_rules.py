"""A study keeps its rules: order, washout, one answer a case, consensus, lock, audit."""

import sqlite3

import pytest
from django.db import DatabaseError, connection, transaction

from app.reading.record.verify import verify_study
from app.reading.study.answers import AlreadyAnswered, CaseNotOpen, submit
from app.reading.study.configuration import DATABASE_FILE
from app.reading.study.consensus import NothingToDecide, cases, decide, open_items
from app.reading.study.events import StudyLocked
from app.reading.study.lock import StudyNotComplete, lock
from app.reading.study.models import Answer, Assignment, Consensus, Event, Patient, Reader
from operators.errors import Refusal
from tests.app.reading.conftest import GOOD, SECRET_PATIENT, write_pairs

pytestmark = pytest.mark.slow  # a study in a database for each test

BAD = {**GOOD, "wall_clarity": "1", "diagnosis": "aneurysm"}


def first_case(code="R1"):
    reader = Reader.objects.get(code=code)
    return reader, reader.assignments.order_by("position").first().token


def differing(code, scan):
    return BAD if code == "R2" and scan.arm == "syn_cta" and scan.patient.disease == "healthy" else GOOD


def test_nothing_of_a_patients_identity_is_in_the_database(make_study):
    content = (make_study() / DATABASE_FILE).read_bytes()
    assert SECRET_PATIENT.encode() not in content


def test_a_study_that_fails_to_be_made_leaves_nothing(make_study, tmp_path):
    path = write_pairs(tmp_path)
    (tmp_path / f"{SECRET_PATIENT}-1-syn.nii.gz").write_bytes(b"no image")
    before = set(tmp_path.iterdir())
    from app.reading.intake.pairs import read_pairs
    from app.reading.protocol.protocol import protocol_from
    from app.reading.study.creation import create_study

    protocol = protocol_from({"training_cases": 1})
    with pytest.raises(Refusal, match=r"line 3"):
        create_study(tmp_path / "s", protocol, read_pairs(path, protocol), None, report_progress=lambda line: None)
    assert set(tmp_path.iterdir()) == before


def test_period_2_is_closed_until_the_washout_is_over(make_study, read_all, moving_clock):
    make_study()
    read_all("R1")
    done = Answer.objects.count()
    moving_clock.forward(days=27)
    read_all("R1")
    assert Answer.objects.count() == done
    moving_clock.forward(days=1)
    read_all("R1")
    assert Answer.objects.count() == done + 3


def test_the_same_answer_sent_twice_is_stored_once(make_study, moving_clock):
    make_study()
    reader, token = first_case()
    for _ in range(2):
        submit(reader, token, GOOD, 5, moving_clock.at)
    assert (Answer.objects.count(), Event.objects.filter(action="answered").count()) == (1, 1)


def test_another_answer_to_the_same_case_is_refused(make_study, moving_clock):
    make_study()
    reader, token = first_case()
    submit(reader, token, GOOD, 5, moving_clock.at)
    with pytest.raises(AlreadyAnswered):
        submit(reader, token, BAD, 5, moving_clock.at)


def test_a_later_case_cannot_be_answered_first(make_study, moving_clock):
    make_study()
    reader = Reader.objects.get(code="R1")
    with pytest.raises(CaseNotOpen):
        submit(reader, reader.assignments.get(position=2).token, GOOD, 5, moving_clock.at)


def test_a_case_of_another_reader_cannot_be_answered(make_study, moving_clock):
    make_study()
    with pytest.raises(CaseNotOpen):
        submit(Reader.objects.get(code="R2"), first_case("R1")[1], GOOD, 5, moving_clock.at)


def test_the_database_refuses_to_change_an_answer(make_study, moving_clock):
    make_study()
    reader, token = first_case()
    submit(reader, token, GOOD, 5, moving_clock.at)
    with pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.update(wall_clarity=1)


def test_consensus_lists_exactly_what_differs(complete_study):
    complete_study(differing, patients=4)
    (case,) = cases()
    assert (case.scan.arm, case.scan.patient.disease) == ("syn_cta", "healthy")
    assert open_items(case.scan) == ["wall_clarity", "diagnosis"]


def test_consensus_takes_no_item_on_which_readers_agree(complete_study, moving_clock):
    complete_study(differing, patients=4)
    (case,) = cases()
    with pytest.raises(NothingToDecide):
        decide(case.token, {"lumen_edge_clarity": "1"}, "C1", moving_clock.at)


def test_a_decision_sent_twice_is_stored_once(complete_study, moving_clock):
    complete_study(differing, patients=4)
    (case,) = cases()
    for _ in range(2):
        decide(case.token, {"wall_clarity": "2", "diagnosis": "healthy"}, "C1", moving_clock.at)
    assert Event.objects.filter(action="agreed").count() == Consensus.objects.count() == 2


def test_a_decision_cannot_be_changed(complete_study, moving_clock):
    complete_study(differing, patients=4)
    (case,) = cases()
    decide(case.token, {"wall_clarity": "2", "diagnosis": "healthy"}, "C1", moving_clock.at)
    with pytest.raises(NothingToDecide):
        decide(case.token, {"wall_clarity": "3", "diagnosis": "healthy"}, "C1", moving_clock.at)


def test_one_item_of_two_is_not_enough(complete_study, moving_clock):
    complete_study(differing, patients=4)
    (case,) = cases()
    with pytest.raises(ValueError, match="Diagnosis"):
        decide(case.token, {"wall_clarity": "2"}, "C1", moving_clock.at)
    assert not Consensus.objects.exists()


def test_repeats_and_training_cases_are_no_matter_of_consensus(complete_study):
    """Only what two readers said of one scan counts: not what one of them said of it later, and no training case."""
    seen = set()

    def second_time_or_training(code, scan):
        again = (code, scan.pk) in seen
        seen.add((code, scan.pk))
        return BAD if again or (scan.patient.is_training and code == "R2") else GOOD

    complete_study(second_time_or_training, patients=4, repeat_share=0.5, repeat_gap=2)
    assert Assignment.objects.filter(is_repeat=True).exists()
    assert Answer.objects.filter(wall_clarity=1, assignment__is_repeat=True).exists()
    assert cases() == []


def test_consensus_of_three_readers_lists_what_one_of_them_sees_otherwise(complete_study, read_all, moving_clock):
    complete_study(patients=4, readers=3)
    for _ in range(2):
        read_all("R3", lambda scan: BAD if scan.arm == "cta" else GOOD)
        moving_clock.forward(days=29)
    assert {case.scan.arm for case in cases()} == {"cta"} and len(cases()) == 4
    assert {tuple(open_items(case.scan)) for case in cases()} == {("wall_clarity", "diagnosis")}


def test_lock_needs_all_of_the_consensus(complete_study, moving_clock):
    complete_study(differing, patients=4)
    with pytest.raises(StudyNotComplete, match="2 item"):
        lock("L1", moving_clock.at)
    (case,) = cases()
    decide(case.token, {"wall_clarity": "2", "diagnosis": "healthy"}, "C1", moving_clock.at)
    lock("L1", moving_clock.at)


def test_lock_needs_all_answers(make_study, moving_clock):
    make_study()
    with pytest.raises(StudyNotComplete, match="14 case"):
        lock("L1", moving_clock.at)


def test_nothing_is_written_after_the_lock(complete_study, moving_clock):
    complete_study()
    lock("L1", moving_clock.at)
    reader, token = first_case()
    with pytest.raises(StudyLocked):
        submit(reader, token, GOOD, 5, moving_clock.at)


def test_a_sound_study_verifies(complete_study, moving_clock):
    complete_study(differing, patients=4)
    (case,) = cases()
    decide(case.token, {"wall_clarity": "2", "diagnosis": "healthy"}, "C1", moving_clock.at)
    link = lock("L1", moving_clock.at)
    assert verify_study(link.hash) == []


EDITS = {
    "answer": ("UPDATE reading_answer SET wall_clarity = 1", "answer of R1"),
    "deleted answer": ("DELETE FROM reading_answer", "was deleted"),
    "event": ("UPDATE reading_event SET actor = 'R2' WHERE sequence = 2", "event 2"),
    "cut chain": ("DELETE FROM reading_event WHERE sequence = 2", "event 2 is missing|no event"),
    "schedule": ("UPDATE reading_assignment SET scan_id = 3", "schedule"),
    "patient": ("UPDATE reading_patient SET disease = 'aneurysm'", "patients"),
    "protocol": ("UPDATE reading_study SET protocol = replace(protocol, '0.1', '0.2')", "protocol"),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_behind_the_studys_back_is_named(what, make_study, moving_clock):
    make_study()
    reader, token = first_case()
    submit(reader, token, GOOD, 5, moving_clock.at)
    statement, named = EDITS[what]
    with connection.cursor() as cursor:
        for table in ("answer", "consensus", "event"):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER reading_{table}_no_update")
                cursor.execute(f"DROP TRIGGER reading_{table}_no_delete")
            else:
                cursor.execute(f"DROP TRIGGER reading_{table}_final ON reading_{table}")
        cursor.execute(statement)
    problems = "; ".join(verify_study())
    assert any(words in problems for words in named.split("|")), problems


def test_an_edited_volume_is_named(make_study):
    path = next((make_study() / "volumes").iterdir())
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert verify_study() == ["a volume was edited after the study was created"]


def test_every_assignment_has_a_token_of_its_own(make_study):
    make_study()
    tokens = set(Assignment.objects.values_list("token", flat=True))
    assert len(tokens) == Assignment.objects.count()


def test_codes_do_not_follow_the_list(make_study):
    folder = make_study(patients=8)
    lines = (folder / "key.csv").read_text().split()[1:]
    assert [line.split("-")[-1] for line in lines] != [str(i) for i in range(9)]
    assert Patient.objects.count() == 9


def test_the_database_is_in_wal_mode(make_study):
    with sqlite3.connect(make_study() / DATABASE_FILE) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
