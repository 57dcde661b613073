"""The order of reading is balanced, mirrored, seeded, and keeps repeats apart."""

from collections import Counter

import pytest

from app.reading.protocol.protocol import protocol_from
from app.reading.protocol.schedule import CTA, SYN_CTA, ScheduledPatient, first_arms, repeats_possible, schedule

STRATA = [("chest", "healthy"), ("chest", "aneurysm"), ("neck", "healthy")]
TWELVE = [ScheduledPatient(f"P{i:03}", STRATA[i % 3]) for i in range(12)]
TRAINING = [ScheduledPatient(f"T{i}", STRATA[0], training=True) for i in range(3)]


def read(reader, period, *, seed=1, patients=TWELVE, **changes):
    cases = schedule(protocol_from({"seed": seed, **changes}), patients, reader)
    return [case for case in cases if case.period == period]


@pytest.mark.parametrize("reader", [1, 2, 3])
@pytest.mark.parametrize("period", [1, 2])
def test_each_patient_is_read_once_a_period(reader, period):
    assert sorted(case.patient for case in read(reader, period)) == sorted(each.code for each in TWELVE)


@pytest.mark.parametrize("reader", [1, 2])
def test_a_reader_sees_both_scans_of_each_patient_over_the_periods(reader):
    seen = {(case.patient, case.arm) for period in (1, 2) for case in read(reader, period)}
    assert len(seen) == 24


@pytest.mark.parametrize("reader", [1, 2])
@pytest.mark.parametrize("period", [1, 2])
def test_half_of_a_period_is_syn_cta(reader, period):
    assert Counter(case.arm for case in read(reader, period)) == {CTA: 6, SYN_CTA: 6}


def test_readers_are_mirrored():
    first, second = ({case.patient: case.arm for case in read(reader, 1)} for reader in (1, 2))
    assert all(first[code] != second[code] for code in first)


@pytest.mark.parametrize("size", [11, 13, 30])
def test_arms_differ_by_at_most_one_in_every_stratum_and_in_all(size):
    patients = [ScheduledPatient(f"P{i:03}", STRATA[i * i % 3]) for i in range(size)]
    arms = first_arms(patients, 5)
    groups = [patients, *([each for each in patients if each.stratum == stratum] for stratum in STRATA)]
    for group in groups:
        counts = Counter(arms[each.code] for each in group)
        assert abs(counts[CTA] - counts[SYN_CTA]) <= 1


def test_the_same_seed_gives_the_same_order():
    assert read(1, 1, seed=3) == read(1, 1, seed=3)


def test_another_seed_gives_another_order():
    assert read(1, 1, seed=3) != read(1, 1, seed=4)


def test_readers_have_orders_of_their_own():
    assert [case.patient for case in read(1, 1)] != [case.patient for case in read(2, 1)]


def test_repeats_come_at_least_the_gap_later():
    patients = [ScheduledPatient(f"P{i:03}", STRATA[i % 3]) for i in range(60)]
    for reader in range(1, 9):
        cases = read(reader, 1, patients=patients)
        repeats = [i for i, case in enumerate(cases) if case.is_repeat]
        assert len(repeats) == 6
        for place in repeats:
            first = next(i for i, case in enumerate(cases) if case.patient == cases[place].patient)
            assert place - first >= 20


def test_a_short_study_has_no_repeats():
    assert repeats_possible(protocol_from({}), 12) == 0


def test_training_takes_the_arms_by_turns_and_no_analysed_patient():
    cases = read(1, 0, patients=TWELVE + TRAINING, training_cases=6)
    assert Counter(case.arm for case in cases) == {CTA: 3, SYN_CTA: 3}
    assert {case.patient for case in cases} == {"T0", "T1", "T2"}
