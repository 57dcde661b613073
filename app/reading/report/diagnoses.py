"""Diagnoses: accuracy of both scans against the truth, a reader and in consensus, and over readers (MRMC)."""

import numpy as np
import pandas as pd

from app.reading.protocol.items import DIAGNOSES
from app.reading.protocol.schedule import ARMS, CTA, SYN_CTA
from app.reading.report.quality import ARM_NAMES
from app.reading.report.study_data import StudyData, diagnosis_numbers
from app.reading.report.table import Interval, PValue, Section, Table
from app.reading.statistics.agreement import table_of
from app.reading.statistics.bootstrap import bca
from app.reading.statistics.diagnosis import accuracy, macro_f1, sensitivity, specificity
from app.reading.statistics.obuchowski_rockette import (
    auc_covariances,
    covariances,
    fixed_readers,
    random_readers,
)
from app.reading.statistics.paired import mcnemar_test
from app.reading.statistics.proportions import tango

MIN_RANDOM_READERS = 4
CIRCULAR = (
    "The truth is the consensus on the real CTA, as in the paper. The CTA's own accuracy is circular then: in "
    "consensus it is 1 by definition. The table shows how often the Syn-CTA leads to the diagnosis of the CTA."
)
PANEL = "The truth is the diagnosis by a panel of readers who were not in the study."


def diagnosis_section(data: StudyData) -> Section:
    """The section on diagnoses."""
    confusion_rows, accuracy_rows, disease_rows, test_rows = [], [], [], []
    for who in [*data.readers, "consensus"]:
        named = data.scores(who, "diagnosis")
        truth = diagnosis_numbers(data.truth.loc[named.index])
        right = {}
        for arm in ARMS:
            said = diagnosis_numbers(named[arm])
            right[arm] = said == truth
            parts = np.zeros((len(said), len(DIAGNOSES), len(DIAGNOSES)))
            parts[np.arange(len(said)), truth, said] = 1
            table = table_of(truth, said, len(DIAGNOSES))
            confusion_rows += [[who, ARM_NAMES[arm], name, *map(int, table[i])] for i, name in enumerate(DIAGNOSES)]
            f1 = bca(parts, macro_f1, seed=data.protocol.seed, alpha=data.protocol.alpha)
            share = accuracy(table, data.protocol.alpha)
            accuracy_rows.append([who, ARM_NAMES[arm], share.total, Interval(*share[2:]), Interval(*f1)])
            disease_rows += [_disease_row(who, arm, table, i, data.protocol.alpha) for i in range(len(DIAGNOSES))]
        test_rows.append(_test_row(who, right, data.protocol.alpha))
    panel = data.protocol.truth == "panel"
    return Section(
        "Diagnosis",
        [PANEL if panel else CIRCULAR],
        [
            Table("accuracy", "Accuracy and macro-F1", ["Who", "Scan", "Scans", "Accuracy", "Macro-F1"], accuracy_rows),
            Table(
                "accuracy_tests",
                "Syn-CTA against CTA: right diagnoses",
                ["Who", "Both", "CTA alone", "Syn-CTA alone", "Neither", "Difference", "McNemar p, exact"],
                test_rows,
            ),
            Table(
                "diseases",
                "Sensitivity and specificity",
                ["Who", "Scan", "Disease", "Patients", "Sensitivity", "Specificity"],
                disease_rows,
            ),
            Table("confusion", "Confusion: truth by rows", ["Who", "Scan", "Truth", *DIAGNOSES], confusion_rows),
            _multi_reader(data),
        ],
        ["confusion"],
    )


def _disease_row(who: str, arm: str, table: np.ndarray, disease: int, alpha: float) -> list:
    found = sensitivity(table, disease, alpha), specificity(table, disease, alpha)
    shares = (Interval(*share[2:]) for share in found)
    return [who, ARM_NAMES[arm], DIAGNOSES[disease], int(table[disease].sum()), *shares]


def _test_row(who: str, right: dict[str, np.ndarray], alpha: float) -> list:
    cta, syn_cta = right[CTA], right[SYN_CTA]
    both, neither = int((cta & syn_cta).sum()), int((~cta & ~syn_cta).sum())
    cta_alone, syn_alone = int((cta & ~syn_cta).sum()), int((syn_cta & ~cta).sum())
    test = mcnemar_test(np.array([[both, cta_alone], [syn_alone, neither]]))
    difference = Interval(*tango(syn_alone, cta_alone, len(cta), alpha))
    return [who, both, cta_alone, syn_alone, neither, difference, PValue(test.p)]


def _multi_reader(data: StudyData) -> Table:
    """Obuchowski-Rockette on accuracy and on the area under the ROC curve for any disease."""
    complete = _complete(data)
    rows = []
    if len(complete):
        right, rating, diseased = _arrays(data, complete)
        figures = {"Accuracy": (right.mean(axis=2), covariances(right))} if len(complete) > 1 else {}
        if 2 <= diseased.sum() <= len(diseased) - 2:
            figures["Area under the ROC curve, any disease"] = auc_covariances(
                rating[..., diseased], rating[..., ~diseased]
            )
        for name, (values, cov) in figures.items():
            kinds = [("fixed", fixed_readers)]
            if len(data.readers) >= MIN_RANDOM_READERS:
                kinds.append(("random", random_readers))
            for kind, compare in kinds:
                # Syn-CTA first, so that differences have the sign of all other tables.
                found = compare(values[::-1], cov, data.protocol.alpha)
                rows.append(
                    [name, kind, len(complete), found.means[1], found.means[0]]
                    + [Interval(found.difference, found.low, found.high), PValue(found.p)]
                )
    note = (
        "Readers fixed: the result holds for these readers alone. "
        + ("" if len(data.readers) >= MIN_RANDOM_READERS else "Random readers are not computed with fewer than four. ")
        + "The ROC rating is the confidence, negative where the diagnosis is healthy. p is not estimable where "
        "accuracy does not vary."
    )
    columns = ["Figure of merit", "Readers", "Patients", "CTA", "Syn-CTA", "Syn-CTA - CTA", "p"]
    return Table("mrmc", "All readers together (Obuchowski-Rockette)", columns, rows, note)


def _complete(data: StudyData) -> list[str]:
    """Patients whose both scans all readers read."""
    counts = data.first_readings.groupby("patient").size()
    return sorted(counts.index[counts == 2 * len(data.readers)])


def _arrays(data: StudyData, patients: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(arm, reader, patient) right diagnoses and ROC ratings, and which patients are diseased."""
    first = data.first_readings.set_index(["arm", "reader", "patient"]).sort_index()
    order = pd.MultiIndex.from_product([ARMS, data.readers, patients])
    chosen = first.reindex(order)
    shape = (len(ARMS), len(data.readers), len(patients))
    truth = data.truth.loc[patients].to_numpy()
    diagnosis = chosen["diagnosis"].to_numpy().reshape(shape)
    confidence = chosen["confidence"].to_numpy(float).reshape(shape)
    rating = np.where(diagnosis == "healthy", -confidence, confidence)
    return (diagnosis == truth).astype(float), rating, truth != "healthy"
