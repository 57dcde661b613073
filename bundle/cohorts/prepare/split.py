"""Which patients are for training, validation and test: by list, as in an earlier run, by number or by share."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

Amounts = Mapping[str, float | int]
"""Shares (0.65) or numbers (1137) by split, not mixed. Any name is a split: "external" is one that lists can fill."""


def check_amounts(amounts: Amounts) -> None:
    """Raise ValueError when they are neither shares nor numbers."""
    values = list(amounts.values())
    if not values or any(value < 0 for value in values) or sum(values) == 0:
        raise ValueError(f"Shares or numbers of a split must be 0 or more, found {dict(amounts)}.")
    if _are_shares(amounts) and sum(values) > 1 + 1e-6:
        raise ValueError(
            f"Shares of a split must not add up to more than 1, found {dict(amounts)}. Write numbers of patients "
            "without a point."
        )


def split_patients(
    patients: Sequence[str],
    amounts: Amounts,
    seed: int,
    listed: Mapping[str, str],
    earlier: Mapping[str, str] | None = None,
) -> tuple[dict[str, str], list[str]]:
    """Give each patient a split.

    Listed patients go where the list says, others of an earlier run stay where they were. New patients are put in an
    order that only their id and the seed decide, and fill up what the splits lack, one after the other; who is left
    goes to the first split. Nobody's split depends on the order in which patients were found.

    Args:
        patients: ids.
        amounts: shares or numbers of the patients that are not listed; those of an earlier run count, but not where
            their split has no amount.
        seed: of the order.
        listed: split by patient.
        earlier: split by patient in an earlier run; none when all are to be drawn.

    Returns:
        Split by patient, and remarks for the report.

    Raises:
        ValueError: the amounts are neither shares nor numbers.
    """
    check_amounts(amounts)
    known = {**(earlier or {}), **listed}
    splits = {patient: known[patient] for patient in patients if patient in known}
    kept = Counter(split for patient, split in splits.items() if patient not in listed)
    new = sorted(
        (patient for patient in patients if patient not in known),
        key=lambda patient: hashlib.sha256(f"{seed}:{patient}".encode()).digest(),
    )
    wanted = _wanted(amounts, len(new) + sum(kept[name] for name in amounts))
    lacking = {name: max(0, count - kept[name]) for name, count in wanted.items()}
    added = _largest_gap_first(lacking, len(new)) if _are_shares(amounts) else _one_by_one(lacking, len(new))
    start = 0
    for name, count in added.items():
        splits |= dict.fromkeys(new[start : start + count], name)
        start += count
    notes = _unchanged_note(kept.total(), len(new)) + _off_target(amounts, wanted, kept, added)
    if start < len(new):
        first = next(iter(amounts))
        notes.append(f"{len(new) - start} patients more than the numbers of the split went to {first}")
        splits |= dict.fromkeys(new[start:], first)
    return splits, _empty_notes(amounts, splits) + notes


def _are_shares(amounts: Amounts) -> bool:
    return any(isinstance(amount, float) for amount in amounts.values())


def _wanted(amounts: Amounts, patients: int) -> dict[str, int]:
    """Patients each split is to have; shares are rounded on the running sum, so that every patient gets a split."""
    if not _are_shares(amounts):
        return {name: int(amount) for name, amount in amounts.items()}
    total, start, wanted = 0.0, 0, {}
    for name, amount in amounts.items():
        total += amount
        stop = round(total * patients + 1e-9)
        wanted[name], start = stop - start, stop
    return _none_empty(amounts, wanted)


def _none_empty(amounts: Amounts, wanted: dict[str, int]) -> dict[str, int]:
    """One patient at least for every split with a share, from the largest, as long as there are enough."""
    for name in (name for name, amount in amounts.items() if amount > 0 and not wanted[name]):
        largest = max(wanted, key=wanted.__getitem__)
        if wanted[largest] > 1:
            wanted[largest] -= 1
            wanted[name] += 1
    return wanted


def _one_by_one(lacking: Mapping[str, int], patients: int) -> dict[str, int]:
    """Share `patients` out so that the first splits are filled up first."""
    added = {}
    for name, count in lacking.items():
        added[name] = min(count, patients)
        patients -= added[name]
    return added


def _largest_gap_first(lacking: Mapping[str, int], patients: int) -> dict[str, int]:
    """Share `patients` out one at a time to the split that lacks most, which leaves the smallest squared error."""
    left = dict(lacking)
    for _ in range(min(patients, sum(lacking.values()))):
        left[max(left, key=left.__getitem__)] -= 1
    return {name: lacking[name] - left[name] for name in lacking}


def _empty_notes(amounts: Amounts, splits: Mapping[str, str]) -> list[str]:
    have = set(splits.values())
    return [
        f"NO PATIENT for {name}: there are too few. Training needs at least one for training and one for validation"
        for name, amount in amounts.items()
        if amount > 0 and name not in have
    ]


def _unchanged_note(kept: int, new: int) -> list[str]:
    if not kept:
        return []
    return [f"{kept} patients keep the split of an earlier run and {new} are new; resplit draws all of them again"]


def _off_target(
    amounts: Amounts, wanted: Mapping[str, int], kept: Mapping[str, int], added: Mapping[str, int]
) -> list[str]:
    shares = _are_shares(amounts)
    tolerance = 1 if shares else 0  # rounding moves a share by one patient when others join
    notes = []
    for name, count in wanted.items():
        have = kept[name] + added[name]
        short = have < count and not shares
        why = "there are no more" if short else "patients of an earlier run keep their split"
        if abs(have - count) > tolerance:
            notes.append(f"{name} has {have} patients instead of {count}: {why}")
    return notes
