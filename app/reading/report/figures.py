"""Figures of the report as SVG, the same bytes for the same data."""

import io

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from app.reading.protocol.items import CRITERIA, DIAGNOSES, SCORES
from app.reading.protocol.schedule import ARMS
from app.reading.report.quality import ARM_NAMES
from app.reading.report.study_data import StudyData, diagnosis_numbers
from app.reading.statistics.agreement import table_of

_SCORE_COLOURS = ("#b5473c", "#d9b44a", "#3f7f5f")


def draw_figures(data: StudyData) -> dict[str, bytes]:
    """All figures, by name."""
    return {"quality": _svg(_quality(data)), "confusion": _svg(_confusion(data))}


def _quality(data: StudyData) -> Figure:
    people = [*data.readers, "consensus"]
    figure = Figure(figsize=(10, 1.2 + 0.36 * len(people) * 2), layout="constrained")
    panels = figure.subplots(1, len(CRITERIA), sharey=True)
    labels = [f"{who}, {ARM_NAMES[arm]}" for who in people for arm in ARMS]
    for axes, (criterion, title) in zip(panels, CRITERIA.items(), strict=True):
        scores = [data.scores(who, criterion)[arm] for who in people for arm in ARMS]
        left = np.zeros(len(scores))
        for score, colour in zip(SCORES, _SCORE_COLOURS, strict=True):
            share = np.array([100 * float((each == score).mean()) if len(each) else 0.0 for each in scores])
            axes.barh(labels, share, left=left, color=colour, label=f"{score} {SCORES[score]}")
            left += share
        axes.set_title(title, fontsize=10)
        axes.set_xlim(0, 100)
        axes.set_xlabel("scans, %")
    panels[0].invert_yaxis()
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(SCORES), frameon=False)
    return figure


def _confusion(data: StudyData) -> Figure:
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    named = data.scores("consensus", "diagnosis")
    truth = diagnosis_numbers(data.truth.loc[named.index])
    for axes, arm in zip(figure.subplots(1, len(ARMS)), ARMS, strict=True):
        table = table_of(truth, diagnosis_numbers(named[arm]), len(DIAGNOSES))
        share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
        axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(table):
            ink = "white" if share[row, column] > 0.5 else "black"
            axes.text(column, row, f"{int(count)}", ha="center", va="center", color=ink)
        axes.set_xticks(range(len(DIAGNOSES)), DIAGNOSES, rotation=30, ha="right")
        axes.set_yticks(range(len(DIAGNOSES)), DIAGNOSES)
        axes.set_xlabel(f"consensus on {ARM_NAMES[arm]}")
        axes.set_ylabel("truth")
    return figure


def _svg(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "reading study", "font.family": "DejaVu Sans"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
