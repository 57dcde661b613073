"""Visual quality: Syn-CTA against CTA, criterion by criterion, reader by reader and in consensus."""

from typing import Any

import pandas as pd

from app.reading.protocol.items import CRITERIA, SCORES
from app.reading.protocol.schedule import ARMS, CTA, SYN_CTA
from app.reading.report.study_data import StudyData
from app.reading.report.table import Interval, PValue, Section, Table
from app.reading.statistics.agreement import table_of
from app.reading.statistics.ordinal import ordinal_effects
from app.reading.statistics.paired import holm, stuart_maxwell, wilcoxon
from app.reading.statistics.proportions import not_inferior_p, tango, wilson

ARM_NAMES = {CTA: "CTA", SYN_CTA: "Syn-CTA"}

FEW_PAIRS = (
    "The p values of Stuart-Maxwell and Wilcoxon are approximations for many patients; if fewer than about ten pairs "
    "differ, rely on the intervals."
)


def primary_section(data: StudyData) -> Section:
    """The primary endpoint and its verdict."""
    primary, alpha = data.protocol.primary, data.protocol.alpha
    good = data.scores("consensus", primary.criterion) >= primary.at_least
    n, b, c = len(good), int((good[SYN_CTA] & ~good[CTA]).sum()), int((good[CTA] & ~good[SYN_CTA]).sum())
    found = tango(b, c, n, alpha)
    verdict = "not inferior" if found.low > -primary.margin else "non-inferiority not shown"
    rows = [
        [
            CRITERIA[primary.criterion],
            f"{primary.at_least} or more",
            *(Interval(*wilson(int(good[arm].sum()), n, alpha)[2:]) for arm in ARMS),
            Interval(*found),
            primary.margin,
            PValue(not_inferior_p(b, c, n, primary.margin)),
            verdict,
        ]
    ]
    columns = ["Criterion", "Score", "CTA", "Syn-CTA", "Syn-CTA - CTA", "Margin", "p, one-sided", "Verdict"]
    text = (
        f"Primary endpoint, named before the first answer: share of scans whose {CRITERIA[primary.criterion].lower()} "
        f"is {primary.at_least} or more in consensus. The Syn-CTA is not inferior when the lower end of the "
        f"{1 - alpha:.0%} interval of the difference (Tango) is above -{primary.margin:g}, "
        f"which is a one-sided test at {alpha / 2:g}. "
        f"Result: {verdict}, {n} patients."
    )
    return Section("Primary endpoint", [text], [Table("primary", "Primary endpoint", columns, rows)])


def quality_section(data: StudyData) -> Section:
    """Counts, shares, paired comparisons, and the model of all readings."""
    people = [*data.readers, "consensus"]
    counts, comparisons, p_values = [], [], []
    for criterion, label in CRITERIA.items():
        for who in people:
            scores = data.scores(who, criterion)
            counts += [_counts_row(label, who, arm, scores[arm], data.protocol.alpha) for arm in ARMS]
            row, p = _comparison_row(label, who, scores, data.protocol.alpha)
            comparisons.append(row)
            p_values.append(p)
    adjusted = holm(p_values) if data.protocol.multiplicity == "holm" else [float("nan")] * len(p_values)
    for row, p in zip(comparisons, adjusted, strict=True):
        row.append(PValue(p))
    columns = ["Criterion", "Who", "Pairs", "Worse", "Equal", "Better", "Share of 3: difference"]
    columns += ["Share of 2 or more: difference", "Stuart-Maxwell p", "Wilcoxon p", "Wilcoxon p, Holm"]
    return Section(
        "Visual quality",
        ["Worse, equal, better: the Syn-CTA beside the CTA of the same patient. Differences are Syn-CTA - CTA."],
        [
            Table(
                "quality_counts",
                "Scores and shares, with Wilson's interval",
                [
                    "Criterion",
                    "Who",
                    "Scan",
                    *(f"{k} {v}" for k, v in SCORES.items()),
                    "Share of 3",
                    "Share of 2 or more",
                ],
                counts,
            ),
            Table("quality_comparison", "Syn-CTA against CTA, with Tango's interval", columns, comparisons, FEW_PAIRS),
            _paired_tables(data, people),
            _model(data),
        ],
        ["quality"],
    )


def _counts_row(label: str, who: str, arm: str, scores: pd.Series, alpha: float) -> list:
    n = len(scores)
    counts = [int((scores == score).sum()) for score in SCORES]
    shares = (wilson(sum(counts[k:]), n, alpha) for k in (2, 1))
    return [label, who, ARM_NAMES[arm], *counts, *(Interval(*share[2:]) for share in shares)]


def _comparison_row(label: str, who: str, scores: pd.DataFrame, alpha: float) -> tuple[list, float]:
    cta, syn_cta = scores[CTA].to_numpy(int), scores[SYN_CTA].to_numpy(int)
    differences = []
    for least in (3, 2):
        a, b = cta >= least, syn_cta >= least
        differences.append(Interval(*tango(int((b & ~a).sum()), int((a & ~b).sum()), len(scores), alpha)))
    rank = wilcoxon(syn_cta, cta)
    order = [int((syn_cta < cta).sum()), int((syn_cta == cta).sum()), int((syn_cta > cta).sum())]
    margins = stuart_maxwell(table_of(cta - 1, syn_cta - 1, 3))
    return [label, who, len(scores), *order, *differences, PValue(margins.p), PValue(rank.p)], rank.p


def _paired_tables(data: StudyData, people: list[str]) -> Table:
    rows = []
    for criterion, label in CRITERIA.items():
        for who in people:
            scores = data.scores(who, criterion)
            table = table_of(scores[CTA].to_numpy(int) - 1, scores[SYN_CTA].to_numpy(int) - 1, 3)
            rows += [[label, who, f"CTA {i + 1}", *map(int, table[i])] for i in range(3)]
    columns = ["Criterion", "Who", "", "Syn-CTA 1", "Syn-CTA 2", "Syn-CTA 3"]
    return Table("quality_pairs", "Paired scores: patients by both scans", columns, rows)


def _model(data: StudyData) -> Table:
    """Ordinal GEE of all first readings: arm, period, reader, region, with patients as clusters."""
    readings = data.first_readings
    terms = pd.DataFrame(
        {"Syn-CTA": (readings["arm"] == SYN_CTA).to_numpy(int), "period 2": (readings["period"] == 2).to_numpy(int)}
    )
    for code in data.readers[1:]:
        terms[f"reader {code}"] = (readings["reader"] == code).to_numpy(int)
    regions = readings["patient"].map(data.patients["region"])
    for region in sorted(regions.unique())[1:]:
        terms[region] = (regions == region).to_numpy(int)
    rows: list[list[Any]] = []
    for criterion, label in CRITERIA.items():
        effects = ordinal_effects(
            readings[criterion].reset_index(drop=True),
            terms,
            readings["patient"].reset_index(drop=True),
            data.protocol.alpha,
        )
        if isinstance(effects, str):
            rows.append([label, "all", f"not estimable: {effects}", ""])
        else:
            rows += [
                [label, each.term, Interval(each.odds_ratio, each.low, each.high), PValue(each.p)] for each in effects
            ]
    note = (
        "Cumulative-logit model of all first readings by generalised estimating equations (independence working "
        "correlation, robust errors), patients as clusters. An odds ratio above 1 means higher scores. Few patients "
        "or nearly equal scores make it unstable."
    )
    return Table("quality_model", "Ordinal GEE: odds ratios", ["Criterion", "Term", "Odds ratio", "p"], rows, note)
