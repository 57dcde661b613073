"""Patients whose split is not that of an earlier run, and what it means for weights trained before and after."""

from collections import Counter
from collections.abc import Collection, Mapping

_SEEN_IN_TRAINING = ("training", "validation")  # validation chooses the weights; every other split is held out


def split_change_warnings(earlier: Mapping[str, str], splits: Mapping[str, str], listed: Collection[str]) -> list[str]:
    """Say how many patients moved, why, and which weights must not be scored on which test set.

    Args:
        earlier: split by patient in an earlier run.
        splits: split by patient now.
        listed: patients whose split a list or the layout names; all others that moved were drawn again.

    Returns:
        One warning for each reason for which patients moved; they name no patient.
    """
    reasons = {
        "because a list or the layout of the source sets it": [p for p in splits if p in listed],
        "because the split of all patients was drawn again (resplit)": [p for p in splits if p not in listed],
    }
    warnings = []
    for why, patients in reasons.items():
        moves = Counter((earlier.get(p, splits[p]), splits[p]) for p in patients)
        moved = Counter({(old, new): count for (old, new), count in moves.items() if old != new})
        if moved:
            warnings.append(_warning(moved, why))
    return warnings


def _warning(moved: Mapping[tuple[str, str], int], why: str) -> str:
    left: Counter[str] = Counter()
    for (old, _), count in moved.items():
        left[old] += count
    words = ", ".join(f"{count} left {name}" for name, count in sorted(left.items()))
    sentences = [f"{left.total()} patients have another split than in an earlier run, {why}: {words}"]
    if seen := sum(count for (old, new), count in moved.items() if _in_training(old) and not _in_training(new)):
        sentences.append(
            f"Do not score earlier weights on this test set: {seen} of its patients were in training or validation then"
        )
    if unseen := sum(count for (old, new), count in moved.items() if not _in_training(old) and _in_training(new)):
        sentences.append(
            f"Do not score new weights on the earlier test set: {unseen} of its patients are in training or validation "
            "now"
        )
    return ". ".join(sentences)


def _in_training(split: str) -> bool:
    return split in _SEEN_IN_TRAINING
