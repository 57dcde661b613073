"""Do both scans of a pair show one body, enhanced in the CTA and not in the NCCT?"""

from dataclasses import dataclass

import numpy as np

from cohorts.prepare.coarse_pair import CoarsePair, enhanced_ml_per_cm, similarity
from cohorts.prepare.overlap import better_orientation
from cohorts.prepare.reasons import PairRejected, Reason
from cohorts.prepare.settings import Checks


@dataclass(frozen=True)
class Content:
    """What both scans show where both reach.

    Attributes:
        similarity: correlation inside the body.
        enhanced_ml_per_cm: soft tissue that is brighter in the CTA, along the body.
        darker_ml_per_cm: soft tissue that is darker in the CTA, along the body.
    """

    similarity: float
    enhanced_ml_per_cm: float
    darker_ml_per_cm: float


def measure_content(coarse: CoarsePair, box: tuple[slice, ...]) -> Content:
    """Compare what both scans show.

    Args:
        coarse: both on one coarse grid.
        box: the part that both scans cover.
    """
    where = np.zeros_like(coarse.body)
    where[box] = (coarse.body & coarse.covered)[box]
    return Content(
        similarity(coarse),
        enhanced_ml_per_cm(coarse.ncct_hu, coarse.cta_hu, where),
        enhanced_ml_per_cm(coarse.cta_hu, coarse.ncct_hu, where),
    )


def check_content(content: Content, coarse: CoarsePair, checks: Checks) -> None:
    """Reject a pair of two bodies, one that is turned over, swapped, or not enhanced.

    Raises:
        PairRejected: with the reason.
    """
    if content.similarity < checks.min_similarity:
        turned = better_orientation(coarse, checks.min_similarity)
        if turned:
            raise PairRejected(Reason.ORIENTATION, f"the scans match if one is flipped ({turned})")
        detail = f"similarity {content.similarity:.2f}, at least {checks.min_similarity:g}"
        raise PairRejected(Reason.DIFFERENT_BODY, detail)
    raised, lowered, limit = content.enhanced_ml_per_cm, content.darker_ml_per_cm, checks.min_enhanced_ml_per_cm
    if lowered > max(raised, limit):
        raise PairRejected(Reason.SWAPPED, f"{lowered:.2f} ml/cm brighter in the NCCT, {raised:.2f} in the CTA")
    if raised < limit:
        raise PairRejected(Reason.NO_ENHANCEMENT, f"{raised:.2f} ml/cm, at least {limit:g}")
