"""The methods section in words, from the protocol, ready for use in a paper."""

from app.reading.protocol.items import CRITERIA, SCORES
from app.reading.report.study_data import StudyData
from app.reading.report.table import Section
from app.version import VERSION


def methods_section(data: StudyData) -> Section:
    """Design, reading, truth, statistics."""
    protocol = data.protocol
    scale = ", ".join(f"{score} {word}" for score, word in SCORES.items())
    truth = (
        "the consensus reading of the real CTA"
        if protocol.truth == "cta_consensus"
        else "the diagnosis by a panel that took no part in the study"
    )
    design = (
        f"Two-period crossover with {len(data.readers)} readers. In each period a reader saw one scan of every "
        "patient, CTA or Syn-CTA; half of them began with the Syn-CTA, balanced by region and disease, "
        "the other way round for every second reader. The order was random for each reader and period (seed "
        f"{protocol.seed}). At least {protocol.washout_days} days lay between the periods. {protocol.training_cases} "
        "training cases with feedback came first and are not analysed. "
        f"{protocol.repeat_share:.0%} of the cases were planned to be read "
        f"twice in a period, at least {protocol.repeat_gap} cases apart."
    )
    reading = (
        "Both scans of a pair were brought to one extent and grid and shown as HU in one viewer, without any header, "
        f"name, date or mark of origin. Readers scored {', '.join(map(str.lower, CRITERIA.values()))} ({scale}), named "
        "one diagnosis and their confidence in it (1 to 5). Answers could not be changed after submission. Where "
        f"readers differed they agreed in consensus, without seeing whose answer was which. The truth is {truth}."
    )
    statistics = (
        "Shares have Wilson's intervals, differences of paired shares Tango's score intervals "
        f"({1 - protocol.alpha:.0%}). "
        "Paired scores were compared by the Wilcoxon signed-rank test (equal pairs left out), margins by Stuart and "
        "Maxwell's test, all readings by an ordinal model with generalised estimating equations, patients as clusters. "
        "Agreement: raw, Cohen's kappa, quadratic kappa, Gwet's AC2 (AC1 for diagnoses), with bias-corrected and "
        "accelerated bootstrap intervals over patients (2000 resamples; expanded for few patients after Hesterberg). "
        "Diagnoses: exact McNemar test; readers "
        "together by Obuchowski and Rockette. "
        + (
            "p values of the quality comparisons are adjusted by Holm; all other secondary p values are not adjusted."
            if protocol.multiplicity == "holm"
            else "Secondary p values are not adjusted for multiplicity."
        )
    )
    frozen = (
        f"The protocol was frozen before the first answer; SHA-256 {protocol.sha256}. "
        f"Computed by the reading study of Syn-CTA {VERSION}."
    )
    return Section("Methods", [design, reading, statistics, frozen])
