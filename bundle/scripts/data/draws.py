"""Logs how a run will sample its cohort, before it starts."""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence

logger = logging.getLogger(__name__)

_MUCH_MORE_OFTEN = 10


def log_draws(records: Sequence[dict], by: Sequence[str], slices_per_epoch: int, max_epochs: int) -> None:
    """Log how often a run goes through its slices, and what share of the draws each group has.

    A group has the same share however few patients it has (`BalancedSampler`): warn when a patient of one is drawn far
    more often than a patient of another.

    Args:
        records: slice records.
        by: keys that make a group.
        slices_per_epoch: draws of an epoch.
        max_epochs: epochs of the run.
    """
    patients: dict[tuple, set[tuple]] = defaultdict(set)
    slices: Counter = Counter()
    for record in records:
        group = tuple(record[key] for key in by)
        patients[group].add((record["cohort"], record["patient"]))
        slices[group] += 1
    logger.info(
        "An epoch draws %d times from %d slices of %d patients; the run uses each slice %.2g times on average.",
        slices_per_epoch, len(records), sum(map(len, patients.values())), slices_per_epoch * max_epochs / len(records),
    )  # fmt: skip
    share = 100 / len(patients)
    for group, members in sorted(patients.items()):
        logger.info(
            "%s: %d patients with %d slices, %.3g %% of the draws", _name(group), len(members), slices[group], share
        )
    rarest, most = (choose(patients, key=lambda group: len(patients[group])) for choose in (max, min))
    times = len(patients[rarest]) / len(patients[most])
    if times > _MUCH_MORE_OFTEN:
        logger.warning(
            "A patient of %s is drawn %.0f times as often as one of %s: each group has the same share (balance_by).",
            _name(most), times, _name(rarest),
        )  # fmt: skip


def _name(group: tuple) -> str:
    return ", ".join(map(str, group)) or "all"
