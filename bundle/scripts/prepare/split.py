"""Which patients are for training, validation and test: by list, by number or by share, the same for the same seed."""

import hashlib
from collections.abc import Mapping, Sequence

Amounts = Mapping[str, float | int]
"""Shares (0.65) or numbers (1137) by split, not mixed. Any name is a split: "external" is one that lists can fill."""


def check_amounts(amounts: Amounts) -> None:
    """Raise ValueError when they are neither shares nor numbers."""
    values = list(amounts.values())
    if not values or any(value < 0 for value in values) or sum(values) == 0:
        raise ValueError(f"A split has shares or numbers of at least 0, found {dict(amounts)}.")
    if any(isinstance(value, float) for value in values) and sum(values) > 1 + 1e-6:
        raise ValueError(
            f"Shares of a split add up to 1 at most, found {dict(amounts)}; numbers are written without a point."
        )


def split_patients(
    patients: Sequence[str], amounts: Amounts, seed: int, listed: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Give each patient a split.

    Listed patients go where the list says. The others are put in an order that only their id and the seed decide, and
    fill the splits one after the other; who is left when numbers are used up goes to the first split. Nobody's split
    depends on the order in which patients were found; with other patients in the cohort it may change, so give the
    linking list of the first run as patients' list to keep it.

    Args:
        patients: ids.
        amounts: shares or numbers for those that are not listed.
        seed: of the order.
        listed: split by patient.

    Returns:
        Split by patient, and remarks for the report.
    """
    check_amounts(amounts)
    free = sorted(
        (patient for patient in patients if patient not in listed),
        key=lambda patient: hashlib.sha256(f"{seed}:{patient}".encode()).digest(),
    )
    splits = {patient: listed[patient] for patient in patients if patient in listed}
    notes = []
    shares = any(isinstance(value, float) for value in amounts.values())
    stops = _stops(amounts, len(free)) if shares else None
    start = 0
    for index, (name, amount) in enumerate(amounts.items()):
        stop = stops[index] if stops else start + int(amount)
        if stop > len(free):
            notes.append(f"{name} has {max(0, len(free) - start)} patients instead of {amount}: there are no more")
        splits |= dict.fromkeys(free[start:stop], name)
        start = min(stop, len(free))
    if start < len(free):
        first = next(iter(amounts))
        notes.append(f"{len(free) - start} patients beyond the numbers asked for went to {first}")
        splits |= dict.fromkeys(free[start:], first)
    return splits, notes


def _stops(amounts: Amounts, count: int) -> list[int]:
    """Where each share ends, rounded on the running sum so that all of them together lose nobody."""
    total, stops = 0.0, []
    for amount in amounts.values():
        total += amount
        stops.append(round(total * count + 1e-9))
    return stops
