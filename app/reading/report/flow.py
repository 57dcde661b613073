"""Patients read, missing answers, reading time."""

import pandas as pd

from app.reading.protocol.items import CRITERIA
from app.reading.protocol.schedule import PERIODS
from app.reading.report.study_data import StudyData
from app.reading.report.table import Section, Table


def flow_section(data: StudyData) -> Section:
    """Patients by region and disease; cases of each reader; items that went to consensus."""
    counts = pd.crosstab(data.patients["region"], data.patients["disease"])
    patients = Table(
        "patients",
        "Patients by region and disease",
        ["Region", *counts.columns],
        [[region, *map(int, row)] for region, row in zip(counts.index, counts.to_numpy(), strict=True)],
    )
    rows = []
    for code in data.readers:
        assigned = data.assigned[data.assigned["reader"] == code]
        done = data.readings[data.readings["reader"] == code]
        rows.append(
            [code, len(assigned), len(done), len(assigned) - len(done), int(done["is_repeat"].sum())]
            + [round(float(done["active_seconds"].median())) if len(done) else float("nan"), _washout_days(done)]
        )
    columns = ["Reader", "Cases", "Answered", "Missing", "Of them repeats", "Median seconds a case"]
    columns += ["Days between periods"]
    share = data.disputed.groupby(level="item").agg(["sum", "count"])
    labels = {**CRITERIA, "diagnosis": "Diagnosis"}
    disputed = [[labels[item], int(row["sum"]), int(row["count"])] for item, row in share.iterrows()]
    return Section(
        "Flow and missing data",
        [f"{len(data.patients)} patients, {len(data.readers)} readers, {data.events} events in the audit log."],
        [
            patients,
            Table("flow", "Cases of each reader, training left out", columns, rows),
            Table("disputed", "Scans that went to consensus", ["Item", "Disputed", "Scans"], disputed),
        ],
    )


def _washout_days(done: pd.DataFrame) -> int | float:
    """Whole days from a reader's last answer of period 1 to the first of period 2."""
    at = pd.to_datetime(done["submitted_at"], format="ISO8601", utc=True)
    first, second = (at[done["period"] == period] for period in PERIODS)
    return (second.min() - first.max()).days if len(first) and len(second) else float("nan")
