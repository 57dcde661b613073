"""Effects that should be absent (period, order, region), and whether the blinding worked."""

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from app.reading.protocol.items import CRITERIA
from app.reading.protocol.schedule import CTA, SYN_CTA
from app.reading.report.study_data import StudyData
from app.reading.report.table import Interval, PValue, Section, Table
from app.reading.statistics.proportions import wilson


def effects_section(data: StudyData) -> Section:
    """Mean scores by period and region, the crossover's period test, and the blinding index."""
    first = data.first_readings
    rows = [_period_row(label, criterion, first) for criterion, label in CRITERIA.items()]
    regions = first["patient"].map(data.patients["region"])
    by_region = []
    for criterion, label in CRITERIA.items():
        for region in sorted(regions.unique()):
            chosen = first[regions == region]
            means = [float(chosen[chosen["arm"] == arm][criterion].mean()) for arm in (CTA, SYN_CTA)]
            by_region.append([label, region, len(chosen), *means])
    tables = [
        Table(
            "periods",
            "Mean scores by period",
            ["Criterion", "Period 1", "Period 2", "Syn-CTA first: difference", "CTA first: difference", "Period p"],
            rows,
            "Differences are Syn-CTA - CTA within patient and reader, by which scan was read first. Period p: "
            "Mann-Whitney test of period 1 - period 2 between both orders (Hills and Armitage 1979).",
        ),
        Table("regions", "Mean scores by region", ["Criterion", "Region", "Readings", "CTA", "Syn-CTA"], by_region),
    ]
    if data.protocol.ask_origin:
        tables.append(_blinding(data, first))
    return Section("Period, order, region", [], tables)


def _period_row(label: str, criterion: str, first: pd.DataFrame) -> list:
    by_period = first.groupby("period")[criterion].mean()
    index = ["reader", "patient"]
    scores = first.pivot(index=index, columns="arm", values=criterion).dropna()
    periods = first.pivot(index=index, columns="arm", values="period").loc[scores.index]
    difference = (scores[SYN_CTA] - scores[CTA]).to_numpy(float)
    syn_first = (periods[SYN_CTA] == 1).to_numpy()
    one_less_two = np.where(syn_first, difference, -difference)
    groups = one_less_two[syn_first], one_less_two[~syn_first]
    p = float("nan")
    if min(map(len, groups)) > 1 and np.ptp(one_less_two) > 0:
        # A period effect shifts period 1 - period 2 alike in both orders: the sign of one group is inverted to test it.
        p = float(mannwhitneyu(groups[0], -groups[1], method="asymptotic").pvalue)
    means = [float(difference[chosen].mean()) if chosen.any() else float("nan") for chosen in (syn_first, ~syn_first)]
    return [label, *(float(by_period.get(period, float("nan"))) for period in (1, 2)), *means, PValue(p)]


def _blinding(data: StudyData, first: pd.DataFrame) -> Table:
    """Bang's index without a "don't know": 2 x share of right guesses - 1; 0 is perfect blinding."""
    rows = []
    for code in data.readers:
        for arm, name in ((CTA, "real"), (SYN_CTA, "synthetic")):
            own = first[(first["reader"] == code) & (first["arm"] == arm)]
            share = wilson(int((own["origin"] == name).sum()), len(own), data.protocol.alpha)
            index = Interval(*(2 * value - 1 for value in share[2:]))
            rows.append([code, "CTA" if arm == CTA else "Syn-CTA", share.total, share.positive, index])
    note = "Bang's index: 0 when readers guess, 1 when they always know, negative when they are misled."
    return Table("blinding", "Real or synthetic?", ["Reader", "Scan", "Readings", "Right", "Index"], rows, note)
