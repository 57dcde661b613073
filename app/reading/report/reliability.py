"""Agreement between readers, and of each reader with themselves."""

from itertools import combinations

import numpy as np
import pandas as pd

from app.reading.protocol.items import CRITERIA, DIAGNOSES
from app.reading.protocol.schedule import ARMS
from app.reading.report.quality import ARM_NAMES
from app.reading.report.study_data import StudyData, diagnosis_numbers
from app.reading.report.table import Interval, Section, Table
from app.reading.statistics.agreement import gwet, kappa_of, quadratic_weights
from app.reading.statistics.bootstrap import bca

_LABELS = {**CRITERIA, "diagnosis": "Diagnosis"}
_COLUMNS = ["Item", "Scan", "Readers", "Ratings", "Agreement", "Kappa", "Quadratic kappa", "AC2 (diagnosis: AC1)"]

WHY_BOTH = (
    "Kappa and AC2 give different values when nearly all scores are equal. Kappa takes the agreement expected by "
    "chance from the margins: with 95 % of scores in one category it expects about 90 % by chance, and few "
    "disagreements then push it down, although readers hardly ever differ (87 % agreement can be a kappa of .33 and "
    "an AC2 of .94). AC2 stays near the observed agreement. Read both together with the raw agreement."
)

NO_INTERVAL = (
    "No interval: all resamples gave one value, as when readers never differ, or too many gave none. Where n ratings "
    "all agree, readers may still differ on up to 3 / n of the scans (rule of three, 95 %). Bootstrap intervals of few "
    "ratings are too narrow; their coverage is known from 60 patients on."
)


def reliability_section(data: StudyData) -> Section:
    """Both kinds of agreement with BCa intervals over patients."""
    between = [
        _row(data, item, arm, f"{one} - {other}", _pairs(data, item, arm, one, other))
        for item in _LABELS
        for arm in ARMS
        for one, other in combinations(data.readers, 2)
    ]
    within = [
        _row(data, item, "both", reader, pairs)
        for item in _LABELS
        for reader in data.readers
        if len(pairs := _repeats(data, item, reader))
    ]
    tables = [Table("agreement_between", "Between readers", _COLUMNS, between, NO_INTERVAL)]
    if within:
        tables.append(Table("agreement_within", "Within readers: a scan and its repeat", _COLUMNS, within, NO_INTERVAL))
    text = [WHY_BOTH]
    if not within:
        text.append("There were no repeats: agreement within readers was not measured.")
    return Section("Agreement", text, tables)


def _pairs(data: StudyData, item: str, arm: str, one: str, other: str) -> pd.DataFrame:
    first = data.first_readings
    wide = first[first["arm"] == arm].pivot(index="patient", columns="reader", values=item)
    both = wide.reindex(columns=[one, other]).dropna().sort_index()
    return pd.DataFrame({"patient": both.index, "first": both[one].to_numpy(), "second": both[other].to_numpy()})


def _repeats(data: StudyData, item: str, reader: str) -> pd.DataFrame:
    own = data.readings[data.readings["reader"] == reader]
    joined = own[own["is_repeat"]].merge(own[~own["is_repeat"]], on=["patient", "arm", "period"], suffixes=("_2", "_1"))
    pairs = joined[["patient", f"{item}_1", f"{item}_2"]].set_axis(["patient", "first", "second"], axis=1)
    return pairs.sort_values("patient", kind="stable")


def _row(data: StudyData, item: str, arm: str, who: str, pairs: pd.DataFrame) -> list:
    ordered = item != "diagnosis"
    categories = 3 if ordered else len(DIAGNOSES)
    numbers = [
        pairs[name].to_numpy(int) - 1 if ordered else diagnosis_numbers(pairs[name]) for name in ("first", "second")
    ]
    codes, patients = pd.factorize(pairs["patient"], sort=True)
    parts = np.zeros((len(patients), categories, categories))
    np.add.at(parts, (codes, *numbers), 1)
    identity, squares = np.eye(categories), quadratic_weights(categories)
    statistics = [
        lambda tables: np.trace(tables, axis1=-2, axis2=-1) / tables.sum(axis=(-2, -1)),
        lambda tables: kappa_of(tables, identity),
        lambda tables: kappa_of(tables, squares),
        lambda tables: gwet(tables, squares if ordered else identity),
    ]
    estimates: list[Interval | str] = [
        Interval(*bca(parts, statistic, seed=data.protocol.seed, alpha=data.protocol.alpha)) for statistic in statistics
    ]
    if not ordered:
        estimates[2] = "no order"
    return [_LABELS[item], ARM_NAMES.get(arm, arm), who, len(pairs), *estimates]
