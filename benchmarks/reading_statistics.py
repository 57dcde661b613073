"""Coverage of the reading study's 95 % intervals, and how often its tests reject a true null, by simulation.

    python benchmarks/reading_statistics.py                       # 60 and 212 patients, 1000 studies each; minutes
    python benchmarks/reading_statistics.py --studies 4000 --patients 60

Each line is a setting: two readers' scores (or two scans' scores) of a patient are drawn from a table of shares; the
truth is computed from that table. The seed makes it repeatable. Beside each figure is its standard error for the number
of simulated studies. Exit code 1 if a figure is outside its bounds: coverage of 91 to 98 % at 60 patients and 93 to
97 % at 212, rejections in 3 to 7 %. The exact test of McNemar is conservative and has the upper bound only.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.reading.protocol.power import joint_shares
from app.reading.statistics.agreement import gwet, kappa_of, quadratic_weights
from app.reading.statistics.bootstrap import bca
from app.reading.statistics.obuchowski_rockette import covariances, fixed_readers, random_readers
from app.reading.statistics.ordinal import ordinal_effects
from app.reading.statistics.paired import mcnemar_test, stuart_maxwell, wilcoxon
from app.reading.statistics.proportions import not_inferior_p, tango, wilson

COVERAGE = {60: (0.91, 0.98), 212: (0.93, 0.97)}
REJECTION = (0.03, 0.07)
EXACT = "McNemar, exact"

# Shares of (first reader, second reader) scores 1, 2, 3.
AGREEMENT_TABLES = {
    "even scores": np.array([[0.22, 0.06, 0.02], [0.07, 0.23, 0.06], [0.02, 0.07, 0.25]]),
    "skewed scores": np.array([[0.02, 0.02, 0.01], [0.02, 0.09, 0.06], [0.01, 0.06, 0.71]]),
}
WEIGHTS = quadratic_weights(3)
STATISTICS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "kappa": lambda tables: kappa_of(tables, np.eye(3)),
    "quadratic kappa": lambda tables: kappa_of(tables, WEIGHTS),
    "AC2": lambda tables: gwet(tables, WEIGHTS),
}


def coverage(patients: int, studies: int, rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Name and coverage of each interval."""
    for share in (0.75, 0.9, 0.95):
        counts = rng.binomial(patients, share, size=studies)
        hit = {int(count): _holds(wilson(int(count), patients)[3:], share) for count in np.unique(counts)}
        yield f"Wilson, share {share:.0%}", float(np.mean([hit[int(count)] for count in counts]))
    for cta, syn in ((0.9, 0.8), (0.95, 0.92)):
        drawn = rng.multinomial(patients, joint_shares(cta, syn, 0.2), size=studies)
        tables, times = np.unique(drawn[:, 1:3], axis=0, return_counts=True)
        held = [
            _holds(tango(int(alone_syn), int(alone_cta), patients)[1:], syn - cta) for alone_cta, alone_syn in tables
        ]
        yield f"Tango, shares {cta:.0%} and {syn:.0%}", float(np.average(held, weights=times))
    for name, table in AGREEMENT_TABLES.items():
        drawn = rng.multinomial(patients, table.ravel(), size=studies)
        for statistic, of in STATISTICS.items():
            truth = float(of(table[None])[0])
            held = []
            for counts in drawn:
                parts = rng.permutation(np.repeat(np.eye(9), counts, axis=0)).reshape(-1, 3, 3)
                held.append(_holds(bca(parts, of, seed=2024)[1:], truth))
            yield f"BCa, {statistic}, {name}", float(np.mean(held))


def rejection(patients: int, studies: int, rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Name and share of rejections of each test at 5 %, where its null is true."""
    symmetric = (AGREEMENT_TABLES["even scores"] + AGREEMENT_TABLES["even scores"].T) / 2
    scores = rng.multinomial(patients, symmetric.ravel(), size=studies).reshape(-1, 3, 3)
    first, second = np.divmod(np.arange(9), 3)
    margins, ranks, shares, exact = [], [], [], []
    for table in scores:
        margins.append(stuart_maxwell(table).p < 0.05)
        ranks.append(wilcoxon(np.repeat(first, table.ravel()), np.repeat(second, table.ravel())).p < 0.05)
        two = np.array([[table[:2, :2].sum(), table[:2, 2].sum()], [table[2, :2].sum(), table[2, 2]]])
        shares.append(mcnemar_test(two, exact=False).p < 0.05)
        exact.append(mcnemar_test(two).p < 0.05)
    yield "Stuart-Maxwell", float(np.mean(margins))
    yield "Wilcoxon signed-rank", float(np.mean(ranks))
    yield "McNemar, chi-squared", float(np.mean(shares))
    yield EXACT, float(np.mean(exact))
    yield "Ordinal GEE, two readers", float(np.mean([_ordinal_p(patients, rng) < 0.05 for _ in range(studies)]))
    at_margin = rng.multinomial(patients, joint_shares(0.9, 0.8, 0.2), size=studies)
    passed = [not_inferior_p(int(syn), int(cta), patients, 0.1) < 0.05 for _, cta, syn, _ in at_margin]
    yield "Non-inferiority at the margin (one-sided 5 %)", float(np.mean(passed))
    for name, readers, compare in (("fixed", 2, fixed_readers), ("random", 6, random_readers)):
        yield (
            f"Obuchowski-Rockette, {readers} readers {name}",
            float(np.mean([_multi_reader_p(patients, readers, compare, rng) < 0.05 for _ in range(studies)])),
        )


def _ordinal_p(patients: int, rng: np.random.Generator) -> float:
    """Scores from a latent patient, a scan, a stricter second reader, and noise; both arms alike in the mean."""
    shape = (patients, 2, 2)  # patient, arm, reader
    latent = rng.normal(size=(patients, 1, 1)) + 0.5 * rng.normal(size=(patients, 2, 1)) + rng.normal(size=shape)
    scores = np.digitize(latent + np.array([0.2, -0.2]), [-1.6, 0.2]) + 1
    patient, arm, reader = (each.ravel() for each in np.indices(shape))
    found = ordinal_effects(pd.Series(scores.ravel()), pd.DataFrame({"arm": arm, "reader": reader}), pd.Series(patient))
    return 1.0 if isinstance(found, str) else found[0].p


def _multi_reader_p(patients: int, readers: int, compare: Callable, rng: np.random.Generator) -> float:
    """Right diagnoses from a latent case, a case by test, a reader by test, and noise; both tests alike in the mean."""
    latent = rng.normal(size=patients)[None, None] * 0.7 + rng.normal(size=(2, 1, patients)) * 0.5
    if compare is random_readers:
        latent = latent + rng.normal(size=(2, readers, 1)) * 0.25
    right = (latent + rng.normal(size=(2, readers, patients)) + 1.0 > 0).astype(float)
    p = compare(right.mean(axis=2), covariances(right)).p
    return 1.0 if np.isnan(p) else p


def _holds(interval: tuple[float, ...], truth: float) -> bool:
    low, high = interval
    return bool(low <= truth <= high)


def main() -> int:
    """Simulate and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, nargs="+", default=sorted(COVERAGE), choices=sorted(COVERAGE))
    parser.add_argument("--studies", type=int, default=1000, help="simulated studies (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=2024)
    arguments = parser.parse_args()
    outside = 0
    for patients in arguments.patients:
        for what, bounds, simulate in (
            ("coverage of 95 % intervals", COVERAGE[patients], coverage),
            ("rejections of a true null at 5 %", REJECTION, rejection),
        ):
            print(
                f"{patients} patients, {arguments.studies} studies: {what}, bounds {bounds[0]:.0%} to {bounds[1]:.0%}"
            )
            for name, share in simulate(patients, arguments.studies, np.random.default_rng([arguments.seed, patients])):
                fits = (name == EXACT or bounds[0] <= share) and share <= bounds[1]
                outside += not fits
                error = (share * (1 - share) / arguments.studies) ** 0.5
                print(f"  {name:48} {share:6.1%} +- {error:.1%}{'' if fits else '   OUTSIDE'}", flush=True)
    return int(outside > 0)


if __name__ == "__main__":
    sys.exit(main())
