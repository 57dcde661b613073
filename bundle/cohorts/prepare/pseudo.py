"""CTA with vessel masks only: handed over to cohorts.pseudo_pairs, which makes the NCCT."""

import zlib
from pathlib import Path

import numpy as np

from cohorts.ct.reading import Volume
from cohorts.prepare.candidates import Candidate
from cohorts.prepare.reasons import PairRejected, Reason
from cohorts.prepare.settings import PairOptions
from cohorts.pseudo_pairs.cohort import make_pair, misaligned
from cohorts.pseudo_pairs.recipe import Component, Series


def make_pseudo_pair(
    case: str, candidate: Candidate, pair_options: PairOptions
) -> tuple[Volume, dict[str, np.ndarray]]:
    """Make a pseudo-pair; the masked arteries are set back to unenhanced blood, nothing else is.

    Returns:
        The volume that gives the grid, and ncct, cta, cta_aligned, structures, (slices, rows, columns).

    Raises:
        PairRejected: the mask is of no use.
    """
    if candidate.cta is None:
        raise PairRejected(Reason.NO_CTA)
    lumen = Component("lumen", "artery", masks=tuple(str(path.resolve()) for path in candidate.masks))
    series = Series(
        patient=case,
        series=str(candidate.cta.path.resolve()),
        region=candidate.region or "unknown",
        label=candidate.label or "unknown",
        split="training",
        components=(lumen,),
        threshold_hu=100.0,
    )
    rng = np.random.default_rng([pair_options.seed, zlib.crc32(case.encode())])
    try:
        volume, pair, structures, _ = make_pair(Path("/"), series, pair_options.target_lumen_hu, rng)
    except (RuntimeError, ValueError) as error:
        raise PairRejected(Reason.NO_MASK, "the mask cannot be read, or holds too little enhanced lumen") from error
    cta_hu = misaligned(pair.cta_aligned_hu, volume, pair_options.misalignment_mm, rng)
    arrays = {"ncct": pair.ncct_hu, "cta": cta_hu, "cta_aligned": pair.cta_aligned_hu, "structures": structures}
    return volume, arrays
