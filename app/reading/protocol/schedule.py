"""Who reads which scan when: a two-period crossover, drawn from a seed.

Each patient is read once a period; half of the patients begin with the Syn-CTA, within each stratum as nearly as whole
numbers allow; readers of odd and even number begin the other way round (mirrored), so that each scan is read first by
half of the readers. Each reader and period has its own random order of cases.
"""

import random
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from app.reading.protocol.protocol import Protocol

CTA, SYN_CTA = "cta", "syn_cta"
ARMS = (CTA, SYN_CTA)
TRAINING_PERIOD = 0
PERIODS = (1, 2)


@dataclass(frozen=True)
class ScheduledPatient:
    """A patient in the schedule.

    Attributes:
        code: pseudonym.
        stratum: region and disease, which are balanced.
        training: read in training alone.
    """

    code: str
    stratum: Hashable
    training: bool = False


@dataclass(frozen=True)
class Case:
    """One scan that a reader will see.

    Attributes:
        period: 0 for training, 1 or 2.
        patient: code.
        arm: `CTA` or `SYN_CTA`.
        is_repeat: whether this reader saw the same scan before in this period.
    """

    period: int
    patient: str
    arm: str
    is_repeat: bool = False


def first_arms(patients: Sequence[ScheduledPatient], seed: int) -> dict[str, str]:
    """Draw which arm each patient begins with, for readers of odd number.

    Args:
        patients: the analysed patients.
        seed: of the draw.

    Returns:
        Arm of period 1 for each code; the arms differ by at most one in all and in each stratum.
    """
    drawn = random.Random(f"{seed} arms")
    strata: dict[Hashable, list[str]] = {}
    for patient in sorted(patients, key=lambda each: each.code):
        strata.setdefault(patient.stratum, []).append(patient.code)
    arms: dict[str, str] = {}
    odd = list(ARMS)
    drawn.shuffle(odd)
    for stratum in sorted(strata, key=str):
        codes = strata[stratum]
        drawn.shuffle(codes)
        half = len(codes) // 2
        arms |= dict.fromkeys(codes[:half], CTA) | dict.fromkeys(codes[half : 2 * half], SYN_CTA)
        if len(codes) % 2:  # the last patients of strata of odd size alternate, so that the whole stays balanced
            arms[codes[-1]] = odd[0]
            odd.reverse()
    return arms


def schedule(protocol: Protocol, patients: Sequence[ScheduledPatient], reader: int) -> list[Case]:
    """Draw what one reader sees, in order.

    Args:
        protocol: seed, training, repeats.
        patients: all patients of the study.
        reader: number from 1.

    Returns:
        Training, period 1 and period 2.
    """
    analysed = [patient for patient in patients if not patient.training]
    first = first_arms(analysed, protocol.seed)
    cases = _training(protocol, [patient for patient in patients if patient.training], reader)
    for period in PERIODS:
        turned = (reader + period) % 2  # the odd reader's period 1 and the even reader's period 2 are as drawn
        period_cases = [
            Case(period, patient.code, _other(first[patient.code]) if turned else first[patient.code])
            for patient in sorted(analysed, key=lambda each: each.code)
        ]
        drawn = random.Random(f"{protocol.seed} order {reader} {period}")
        drawn.shuffle(period_cases)
        cases += _with_repeats(period_cases, protocol, drawn)
    return cases


def repeats_possible(protocol: Protocol, patients: int) -> int:
    """Repeats of a period: the protocol's share, or fewer where a short study leaves no room for the gap."""
    wanted = round(protocol.repeat_share * patients)
    return min(wanted, max(0, patients - protocol.repeat_gap + 1))


def _other(arm: str) -> str:
    return SYN_CTA if arm == CTA else CTA


def _training(protocol: Protocol, patients: Sequence[ScheduledPatient], reader: int) -> list[Case]:
    """Scans of the training patients, arms by turns; both scans of a patient only where patients are few."""
    codes = sorted(patient.code for patient in patients)
    drawn = random.Random(f"{protocol.seed} training {reader}")
    drawn.shuffle(codes)
    scans = [(code, ARMS[i % 2]) for i, code in enumerate(codes)]
    scans += [(code, _other(arm)) for code, arm in scans]
    return [Case(TRAINING_PERIOD, code, arm) for code, arm in scans[: protocol.training_cases]]


def _with_repeats(cases: list[Case], protocol: Protocol, drawn: random.Random) -> list[Case]:
    gap = protocol.repeat_gap
    chosen: set[Case] = set()
    placed = list(cases)
    for _ in range(repeats_possible(protocol, len(cases))):
        eligible = [
            i for i, case in enumerate(placed) if not case.is_repeat and case not in chosen and i + gap <= len(placed)
        ]
        if not eligible:
            break
        original = drawn.choice(eligible)
        case = placed[original]
        chosen.add(case)
        # Cases that are inserted later only move others further apart.
        placed.insert(drawn.randint(original + gap, len(placed)), Case(case.period, case.patient, case.arm, True))
    return placed
